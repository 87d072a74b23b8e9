"""Where the aircraft of the route's flights come from, and how late each is expected to leave for that."""

import streamlit as st

from schemas.rows import ends_of
from streamlit_app.airports import instant_text
from streamlit_app.flight_texts import late_text, state_text
from streamlit_app.inert import element, together
from streamlit_app.readers.flights import SeenFlight
from streamlit_app.rotation import Rotation
from streamlit_app.session import View
from streamlit_app.tables import table
from streamlit_app.words import Speech


def draw(view: View, route: str, rotations: list[Rotation]) -> None:
    """A line a flight; nothing where no aircraft is known."""
    if not rotations:
        return
    say, where = view.say, ends_of(route)[0]
    rows = [
        [
            f"{one.flight.carrier} {one.flight.number}",
            instant_text(one.flight.scheduled_departure_at, where),
            one.flight.tail or "–",
            " → ".join(leg_text(leg, say) for leg in one.legs) or say["no_leg_before"],
            late_text(one.expected if one.expected is not None else one.flight.departure_delay),
            say["expected_by_aircraft"] if one.expected is not None else state_text(one.flight.state, say),
        ]
        for one in rotations
    ]
    head = [say[name] for name in ("flight", "scheduled", "tail", "legs_before", "late_out", "flight_state")]
    note = element("p", say["rotation_help"], class_="sem-small")
    st.html(together([element("h2", say["rotation"]), note, table(head, rows, numbers=(4,))]))


def leg_text(leg: SeenFlight, say: Speech) -> str:
    """ "JFK-BOS +23 min"; of a leg that has not landed how late it left, else what it does."""
    late = leg.arrival_delay if leg.arrival_delay is not None else leg.departure_delay
    said = state_text(leg.state, say) if late is None else late_text(late)
    return f"{leg.origin}-{leg.destination} {said}"
