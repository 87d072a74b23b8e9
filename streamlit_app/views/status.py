"""The status on one page, to be printed: what is in trouble now, worst first."""

from typing import Final

import streamlit as st

from schemas.lights import WORST_FIRST, Light
from streamlit_app.airports import instant_text
from streamlit_app.board import Filters, grouped, shown, tile_of
from streamlit_app.inert import element, together
from streamlit_app.light_marks import light_mark
from streamlit_app.session import View
from streamlit_app.tables import table
from streamlit_app.trouble import lights_or_why

MOST_LINES: Final = 30
"""As many as fit a sheet of paper."""


def draw(view: View) -> None:
    """The page."""
    snapshot = lights_or_why(view)
    if snapshot is None:
        return
    say = view.say
    tiles = [
        tile_of(one, Filters(), snapshot, say) for one in shown(snapshot.entities.values(), Filters(), snapshot.rules)
    ]
    groups = grouped(tiles, snapshot, say)
    alarms = sorted(
        (t for t in tiles if t.light in (Light.RED, Light.AMBER)), key=lambda t: (t.light != Light.RED, -t.usd_per_hour)
    )
    newest = snapshot.newest_row_at
    at = f"{say['data_of']} {instant_text(newest)} · {instant_text(view.now)}" if newest else instant_text(view.now)
    airports = [
        [
            f"{group.airport} {group.city}",
            *(str(group.counts.get(light, 0)) for light in WORST_FIRST),
            say.usd_per_hour(group.usd_per_hour),
        ]
        for group in groups
    ]
    lines = [
        [light_mark(one.light, say, named=True), one.entity, one.title, one.value, one.evidence, one.stake]
        for one in alarms[:MOST_LINES]
    ]
    head = [say["airport"], *(say.light(light) for light in WORST_FIRST), say["at_stake"]]
    columns = [say["light"], say["route"], say["rule"], say["value"], say["terms"], say["at_stake"]]
    more = (
        element("p", f"+ {len(alarms) - MOST_LINES}") if len(alarms) > MOST_LINES else element("p", say["print_hint"])
    )
    st.html(
        together(
            [
                element("h1", say("status_title", stage=view.stage.name), class_="sem-headline"),
                element("p", at, class_="sem-small"),
                table(head, airports, numbers=(1, 2, 3, 4, 5)),
                element("h2", say["alerts"]),
                table(columns, lines, numbers=(3, 5), unbroken=(0, 1)),
                more,
            ]
        )
    )
