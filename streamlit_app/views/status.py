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
from streamlit_app.trouble import every, lights_or_why

LOOK_SECONDS: Final = 5.0
MOST_LINES: Final = 24
MOST_AIRPORTS: Final = 8
"""As many as fit a sheet of A4, where every second line breaks."""


def draw(view: View) -> None:
    """The page."""
    if lights_or_why(view) is not None:
        _sheet()


@every(LOOK_SECONDS)
def _sheet(view: View) -> None:
    say, snapshot = view.say, view.stage.snapshot(view.actor)
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
        for group in groups[:MOST_AIRPORTS]
    ]
    lines = [
        [light_mark(one.light, say, named=True), one.entity, one.title, one.value, one.evidence, one.stake]
        for one in alarms[:MOST_LINES]
    ]
    head = [say["airport"], *(say.light(light) for light in WORST_FIRST), say["at_stake"]]
    columns = [say["light"], say["route"], say["rule"], say["value"], say["terms"], say["at_stake"]]
    left_out = [
        say(name, count=f"{count:,}")
        for name, count in (("more_airports", len(groups) - MOST_AIRPORTS), ("more_routes", len(alarms) - MOST_LINES))
        if count > 0
    ]
    more = element("p", " · ".join([*left_out, say["print_hint"]]), class_="sem-small")
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
