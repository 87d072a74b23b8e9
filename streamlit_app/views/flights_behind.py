"""The newest flights of a route, beneath what they came to, and where their aircraft come from."""

from datetime import datetime

import streamlit as st

from alerts.entity import EntityLights
from schemas.events import MODELLED
from schemas.rows import ends_of
from streamlit_app.airports import instant_text
from streamlit_app.flight_texts import late_text, state_text
from streamlit_app.forecast import foreseen
from streamlit_app.inert import element, together
from streamlit_app.readers.flights import SeenFlight
from streamlit_app.rotation import rotations_of, with_tails
from streamlit_app.session import View
from streamlit_app.tables import table
from streamlit_app.views import forecasts, rotations
from streamlit_app.words import Speech


def draw(view: View, one: EntityLights) -> None:
    """A table; of an airport or carrier nothing."""
    if one.scope != "route":
        return
    say, found = view.say, view.stage.flights(view.actor, one.name)
    heading = element("h2", say["flights_behind"])
    if not found:
        why = say["no_flights_kept"] if found is None else say["nothing_here"]
        st.html(together([heading, element("p", why)]))
        return
    where = ends_of(one.name)[0]
    rows = [
        [
            f"{flight.carrier} {flight.number}",
            instant_text(flight.scheduled_departure_at, where),
            state_text(flight.state, say),
            late_text(flight.departure_delay),
            late_text(flight.arrival_delay),
            flight.tail or "–",
            _passengers(flight, say),
        ]
        for flight in found
    ]
    head = ("flight", "scheduled", "flight_state", "late_out", "late_in", "tail", "passengers_seats")
    st.html(together([heading, table([say[name] for name in head], rows, numbers=(3, 4, 6))]))
    at = _known_at(one, found)
    turning = with_tails(found)
    around = view.stage.flights_around(view.actor, where, at, turning) or []
    rotations.draw(view, one.name, rotations_of(turning, around, at))
    forecasts.draw(view, one.name, foreseen(one.name, [flight.known(at) for flight in around], at))


def _passengers(flight: SeenFlight, say: Speech) -> str:
    mark = f" {say['modelled']}" if flight.traffic_source == MODELLED else ""
    return f"{flight.passengers:,} / {flight.seats:,}{mark}"


def _known_at(one: EntityLights, flights: list[SeenFlight]) -> datetime:
    """Event time up to which anything is known here: the flights may be ahead of the rows that count them."""
    happened = [at for flight in flights for at in (flight.actual_departure_at, flight.actual_arrival_at) if at]
    return max([row.at for row in one.rows.values()] + happened)
