"""Advice beside an alert, by hand: who is late, who can help, what that is worth."""

from typing import Any

from optimizer.airline.prices import Prices
from optimizer.live.advise import advise, binding, moved_cents, worth
from optimizer.live.flight import LiveFlight, Rotations

AT = 600


def flight(
    flight_id: str, out: int, tail: str, origin: str = "JFK", destination: str = "LAX", **changed: Any
) -> LiveFlight:
    """Two hours, 100 passengers on an A320 of 150 seats."""
    fields: dict[str, Any] = {
        "flight_id": flight_id,
        "carrier": "B6",
        "origin": origin,
        "destination": destination,
        "departs_minute": out,
        "arrives_minute": out + 120,
        "departed_minute": None,
        "arrived_minute": None,
        "flies": True,
        "tail": tail,
        "designator": "A320",
        "seats": 150,
        "passengers": 100,
        "distance_km": 1500,
    }
    return LiveFlight(**(fields | changed))


# N1 left Boston 100 minutes late and lands at 780; it needs 45 minutes, so JFK-LAX at 720 leaves at 825. N2 waits.
INBOUND = flight("B6-1", 560, "N1", "BOS", "JFK", departed_minute=660)
LATE = flight("B6-2", 720, "N1")
HELP = flight("B6-3", 860, "N2", destination="MCO")
FLIGHTS = [INBOUND, LATE, HELP]


def test_when_an_aircraft_is_expected() -> None:
    rotations = Rotations(FLIGHTS, AT + 60)
    assert rotations.ready(LATE) == 680 + 100 + 45
    assert rotations.departs(LATE) == 825
    assert rotations.departs(HELP) == 860
    # Who has not left waits ten minutes more; who landed has landed.
    waiting = Rotations([flight("B6-1", 560, "N1", "BOS", "JFK"), LATE], AT)
    assert waiting.ready(LATE) == 610 + 120 + 45
    landed = flight("B6-1", 560, "N1", "BOS", "JFK", departed_minute=560, arrived_minute=700)
    assert Rotations([landed, LATE], 710).ready(LATE) == 745
    # Nobody reports the way back: there and back again.
    away = flight("B6-0", 300, "N1", destination="BOS", departed_minute=330, arrived_minute=450)
    assert Rotations([away, LATE], AT).ready(LATE) == 450 + 90 + 120


def test_an_aircraft_that_waits_takes_the_late_ones_flight() -> None:
    best = advise(FLIGHTS, "JFK-LAX", AT + 60, Prices())[0]
    assert (best.kind, best.flights) == ("swap_tails", ("B6-2", "B6-3"))
    assert (best.late_minutes, best.late_then_minutes) == (105, 0)
    # 100 passengers 105 minutes late at US$ 3 + 90 x 0.30, 105 crew minutes at US$ 16.50, two flights changed.
    assert best.saves_by_term.passengers == 100 * 3_000
    assert best.saves_by_term.crew == round(105 / 60 * 99_000)
    assert best.saves_by_term.handling == -30_000
    assert best.saves_cents == 300_000 + 173_250 - 30_000


def test_it_says_what_binds_and_whether_it_holds() -> None:
    best = advise(FLIGHTS, "JFK-LAX", AT + 60, Prices())[0]
    assert worth(best.kind, best.flights, FLIGHTS, AT + 60, Prices()) == best
    # Ten passengers more or less are 10 x US$ 30; either aircraft burns the same.
    moved = {"fuel_more": 443_250, "fuel_less": 443_250, "demand_more": 473_250, "demand_less": 413_250}
    assert moved_cents(best, FLIGHTS, AT + 60, Prices()) == moved
    assert binding("B6-2", FLIGHTS, AT + 60) == (
        "none of the carrier's other aircraft here is refused",
        "ninguna otra aeronave de la aerolínea aquí se descarta",
    )
    other = flight("B6-5", 900, "N3", designator="E190", seats=99)
    said = (
        "1 of the carrier's 2 other flights here have aircraft of a type that the crews are not rated for",
        "1 de los otros 2 vuelos de la aerolínea aquí tienen aeronaves de un tipo para el que las tripulaciones"
        " no están habilitadas",
    )
    assert binding("B6-2", [*FLIGHTS, other], AT + 60) == said
    assert binding("B6-2", [INBOUND, LATE], AT + 60)[0] == "the carrier has no other aircraft"


def test_who_cannot_help_does_not() -> None:
    others: list[dict[str, Any]] = [
        {"carrier": "AA"},
        {"designator": "E190", "seats": 99},
        {"designator": None},
        {"departs_minute": 690, "arrives_minute": 800},
        {"departed_minute": 650},
        {"flies": False},
        {"distance_km": 9000},
        {"tail": "N1"},
    ]
    for changed in others:
        fields = {"destination": "MCO"} | changed
        out = int(fields.pop("departs_minute", 860))
        other = flight("B6-3", out, str(fields.pop("tail", "N2")), **fields)
        found = advise([INBOUND, LATE, other], "JFK-LAX", AT + 60, Prices())
        assert [one for one in found if one.kind != "cancel"] == [], changed


def test_one_is_cancelled_if_that_saves_the_next() -> None:
    very_late = flight("B6-1", 560, "N1", "BOS", "JFK", departed_minute=860)
    few = flight("B6-2", 720, "N1", passengers=5)
    following = flight("B6-4", 1040, "N1", passengers=150)
    best = advise([very_late, few, following], "JFK-LAX", 660, Prices())[0]
    assert (best.kind, best.flights) == ("cancel", ("B6-2",))
    assert best.saves_by_term.fares < 0 < best.saves_by_term.fuel


def test_nobody_is_late_so_nothing_is_said() -> None:
    assert advise([LATE, HELP], "JFK-LAX", AT, Prices()) == []
    assert advise(FLIGHTS, "JFK-MCO", AT + 60, Prices()) == []
    assert advise(list(reversed(FLIGHTS)), "JFK-LAX", AT + 60, Prices()) == advise(
        FLIGHTS, "JFK-LAX", AT + 60, Prices()
    )


def test_three_aircraft_in_a_ring_where_a_swap_only_moves_the_lateness() -> None:
    """N1 comes 105 late for the flight of 720. N2 waits for a flight of 740, N3 for one of 900. A swap with N2 leaves
    that one 85 late, one with N3, which stands there from 730 on, this one ten; in a ring all three are on time: N2
    flies at 720, N3 at 740, N1, ready at 825, at 900."""
    soon = flight("B6-3", 740, "N2", destination="MCO")
    inbound = flight("B6-5", 560, "N3", "BOS", "JFK", departed_minute=565)
    later = flight("B6-4", 900, "N3", destination="BOS")
    # N3 lands at 685 and is ready at 730: ten minutes late for the flight of 720.
    found = advise([INBOUND, LATE, soon, inbound, later], "JFK-LAX", AT + 60, Prices())
    ring = next(one for one in found if one.kind == "reroute")
    assert ring.flights == ("B6-2", "B6-3", "B6-4")
    assert (ring.late_minutes, ring.late_then_minutes) == (105, 0)
    # 100 passengers at US$ 3 + 90 x 0.30 and 105 crew minutes at US$ 16.50, less three flights changed.
    assert ring.saves_cents == 100 * (300 + 2700) + 173_250 - 3 * 15_000
    swap = next(one for one in found if one.flights == ("B6-2", "B6-4"))
    # Ten crew minutes remain, and nobody counts ten minutes late: US$ 15 less than the ring, with its third flight.
    assert swap.saves_cents == 100 * 3000 + 173_250 - 16_500 - 2 * 15_000
    assert found[0] == ring
