"""How likely the next flights of the route are to be late."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from optimizer.live.delay_model import shipped_model
from schemas.rows import ends_of
from streamlit_app.airports import instant_text
from streamlit_app.forecast import Foreseen
from streamlit_app.inert import element, together
from streamlit_app.session import View
from streamlit_app.tables import table

MOST: Final = 12


def draw(view: View, route: str, found: Sequence[Foreseen]) -> None:
    """A line a flight, the next one first; nothing where none is to leave."""
    shown = [(one.flight, one.forecast) for one in found if one.forecast is not None][:MOST]
    if not shown:
        return
    say, where, model = view.say, ends_of(route)[0], shipped_model()
    rows = []
    for flight, said in shown:
        due = datetime.fromtimestamp(flight.departs_minute * 60, tz=UTC)
        rows.append(
            [
                flight.flight_id,
                instant_text(due, where),
                f"{said.chance:.0%}",
                f"{said.middle_minutes:+d} min",
                f"{said.low_minutes:+d} … {said.high_minutes:+d} min",
            ]
        )
    metrics = {name: f"{model.metrics[name]:.3f}" for name in ("log_loss", "auc")}
    note = say("forecast_help", version=model.version, until=model.until, **metrics)
    head = [say[name] for name in ("flight", "scheduled", "forecast_chance", "forecast_middle", "forecast_span")]
    lines = [element("h2", say["forecast"]), element("p", note, class_="sem-small")]
    st.html(together([*lines, table(head, rows, numbers=(2, 3))]))
