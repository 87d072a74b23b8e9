"""The board as it stood at a past moment, chosen by day and time of day; `?at=2013-02-09T03:00` (UTC) is one."""

from datetime import UTC, datetime, time, timedelta
from typing import Final

import msgspec
import streamlit as st

from schemas.rows import to_ms
from streamlit_app import components
from streamlit_app.airports import instant_text
from streamlit_app.as_of_board import snapshot_of
from streamlit_app.board import Filters, grouped, shown, tile_of
from streamlit_app.inert import markdown_text
from streamlit_app.session import View
from streamlit_app.views import board

STEP: Final = timedelta(minutes=5)
"""Of the slider; the address takes any minute."""


def draw(view: View) -> None:
    """The moment, and the board of it."""
    say, past = view.say, view.stage.past
    span = past.lights_span(view.actor)
    if span is None:
        st.info(say["no_lights_kept"])
        return
    at = _moment(view, *span)
    stood = past.board(view.actor, at)
    snapshot = snapshot_of(
        (one.transition for one in stood.lights), view.stage.rules(view.actor), stood.unturned, say["unturned"]
    )
    tiles = [
        tile_of(one, Filters(), snapshot, say) for one in shown(snapshot.entities.values(), Filters(), snapshot.rules)
    ]
    st.caption(
        markdown_text(
            f"{say('stood_at', at=instant_text(at))} · {say['as_replay' if stood.clock == 'replay' else 'as_live']}"
        )
    )
    if not tiles:
        st.info(say["no_light_by_then"])
        return
    groups = grouped(tiles, snapshot, say)
    board.headline_of(view, tiles)
    drawn = board.whole(view, snapshot, Filters(), tiles, groups, kiosk=False)
    told = components.board(
        key="board as of",
        data={**drawn, "drawn": f"{at.isoformat()} {say.language}", "newestMs": to_ms(at)},
        on_open_change=components.nothing,
        on_lost_change=components.nothing,
    )
    if told.open:
        st.switch_page(st.session_state["pages"]["route"], query_params={"route": told.open, "lang": say.language})


def _moment(view: View, first: datetime, last: datetime) -> datetime:
    asked = min(max(_asked() or last, first), last)
    day_column, time_column = st.columns([1, 3])
    day = day_column.date_input(
        view.say["day"], asked.date(), min_value=first.date(), max_value=last.date(), format="YYYY-MM-DD"
    )
    minutes = asked.hour * 60 + asked.minute
    clock: time = time_column.slider(
        view.say["moment"], time(0), time(23, 59), time(minutes // 60, minutes % 60), step=STEP, format="HH:mm"
    )
    chosen = datetime.combine(day, clock, tzinfo=UTC)
    text = f"{chosen:%Y-%m-%dT%H:%M}"
    if st.query_params.get("at") != text:
        st.query_params["at"] = text
    return chosen


def _asked() -> datetime | None:
    try:
        at = msgspec.convert(f"{st.query_params.get('at', '')}:00Z", datetime)
    except msgspec.ValidationError:
        return None
    return at.astimezone(UTC)
