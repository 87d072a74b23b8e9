"""Whatever is advised beside an alert may be done: made-up flights, looked at by nothing that advises."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.airline.fleet import fleet
from optimizer.airline.prices import Prices
from optimizer.live.advise import advise, worth
from optimizer.live.flight import LiveFlight
from tests.optimizer.live.test_advise import flight

AT = 600
TYPES = ("A320", "A321", "B738", "CRJ2")


@st.composite
def days(draw: st.DrawFn) -> list[LiveFlight]:
    """Up to seven aircraft of two carriers: each comes in, more or less late, and is wanted again."""
    found = []
    for number in range(draw(st.integers(2, 7))):
        kind, carrier = draw(st.sampled_from(TYPES)), draw(st.sampled_from(("B6", "AA")))
        fields: dict[str, Any] = {"designator": kind, "carrier": carrier, "seats": fleet()[kind].seats}
        late = draw(st.integers(0, 300))
        out = draw(st.integers(620, 1100))
        found.append(
            flight(f"in-{number}", 500, f"N{number}", "BOS", "JFK", departed_minute=min(500 + late, 599), **fields)
        )
        found.append(
            flight(
                f"out-{number}",
                out,
                f"N{number}",
                destination=draw(st.sampled_from(("LAX", "MCO"))),
                distance_km=draw(st.sampled_from((700, 2500, 5000))),
                passengers=draw(st.integers(0, 200)),
                **fields,
            )
        )
    return found


@settings(max_examples=300, deadline=None)
@given(days())
def test_every_action_may_be_done_and_saves_what_it_says(flights: list[LiveFlight]) -> None:
    by_id = {one.flight_id: one for one in flights}
    found = advise(flights, "JFK-LAX", AT, Prices())
    assert found == advise(flights, "JFK-LAX", AT, Prices())
    for action in found:
        touched = [by_id[flight_id] for flight_id in action.flights]
        assert action.saves_cents > 0
        assert worth(action.kind, action.flights, flights, AT, Prices()) == action
        assert len({one.tail for one in touched}) == len(touched), "an aircraft would be in two places"
        assert {(one.origin, one.carrier) for one in touched} == {("JFK", touched[0].carrier)}
        assert (touched[0].destination, len(touched)) == ("LAX", {"cancel": 1, "reroute": 3}.get(action.kind, 2))
        assert all(one.departs_minute >= AT + 45 and one.departed_minute is None for one in touched)
        for one, of in zip(touched, [*touched[1:], touched[0]], strict=True):
            assert fleet()[one.designator or ""].family == fleet()[of.designator or ""].family
            if len(touched) > 1:
                assert fleet()[of.designator or ""].range_km >= one.distance_km
