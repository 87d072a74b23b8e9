"""What could be done about a route now, by what each aircraft is expected to do: expected values, nothing is drawn.

The same figures for the same flights. The rest of the optimiser simulates and solves; this is what fits beside an
alert.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from optimizer.airline.demand import fare_cents
from optimizer.airline.fleet import fleet
from optimizer.airline.prices import Prices, Terms
from optimizer.live.flight import LiveFlight, Rotations
from optimizer.tactical.problem import Aircraft, Leg, TacticalProblem, cancelled_terms, flown_terms

NOTICE_MINUTES: Final = 45
LOOK_AHEAD_MINUTES: Final = 12 * 60
PARTNERS_WITHIN_MINUTES: Final = 5 * 60
LATE_ENOUGH_MINUTES: Final = 10
MOST_ACTIONS: Final = 5
MOVED: Final = 0.10
"""Demand and fuel are moved by a tenth to see whether the answer holds."""
_CREW_MINUTES: Final = 24 * 60
_NO_OTHER: Final = ("the carrier has no other aircraft", "la aerolínea no tiene otra aeronave")
_NONE_REFUSED: Final = (
    "none of the carrier's other aircraft here is refused", "ninguna otra aeronave de la aerolínea aquí se descarta",
)  # fmt: skip
_OBJECTIONS: Final = {
    "ready": ("not ready sooner", "que no están listas antes"),
    "later": ("wanted more than five hours later", "que se necesitan más de cinco horas después"),
    "type": (
        "of a type that the crews are not rated for",
        "de un tipo para el que las tripulaciones no están habilitadas",
    ),
    "range": ("without the range", "sin el alcance"),
}
"""Why an aircraft does not take a flight: as said of "12 other flights here have aircraft …"."""


class LiveAction(msgspec.Struct, frozen=True):
    """Flights that change their aircraft, or the one that is cancelled; what that saves in US$ cents, by term too
    (negative is what it costs), and the minutes late of its first flight without and with it."""

    kind: Literal["swap_tails", "swap_gauge", "cancel"]
    flights: tuple[str, ...]
    saves_cents: int
    saves_by_term: Terms
    late_minutes: int
    late_then_minutes: int


def advise(flights: Sequence[LiveFlight], route: str, at_minute: int, prices: Prices) -> list[LiveAction]:
    """The best first; only what saves money. `flights` are those of the route's first airport and what flies there."""
    rotations = Rotations(flights, at_minute)
    open_flights = [one for one in flights if _open(one, at_minute)]
    found: dict[tuple[str, ...], LiveAction] = {}
    for flight in open_flights:
        late = rotations.departs(flight) - flight.departs_minute
        if f"{flight.origin}-{flight.destination}" != route or late < LATE_ENOUGH_MINUTES:
            continue
        for other in open_flights:
            if _may_change(flight, other, rotations):
                action = _swap(flight, other, rotations, prices)
                found.setdefault(tuple(sorted(action.flights)), action)
        found[(flight.flight_id,)] = _cancel(flight, rotations, prices)
    worth = [one for one in found.values() if one.saves_cents > 0]
    return sorted(worth, key=lambda one: (-one.saves_cents, one.flights))[:MOST_ACTIONS]


def worth(kind: str, ids: Sequence[str], flights: Sequence[LiveFlight], at_minute: int, prices: Prices) -> LiveAction:
    """What an action saves by all that is known at `at_minute`; with the same knowledge `advise` says the same. Raises
    KeyError if a flight is not among them."""
    by_id = {one.flight_id: one for one in flights}
    rotations, touched = Rotations(flights, at_minute), [by_id[flight_id] for flight_id in ids]
    if kind == "cancel":
        return _cancel(touched[0], rotations, prices)
    return _swap(touched[0], touched[1], rotations, prices)


def moved_cents(action: LiveAction, flights: Sequence[LiveFlight], at_minute: int, prices: Prices) -> dict[str, int]:
    """What it would save if demand or fuel were a tenth more or less."""
    found = {}
    for name, factor in (("more", 1 + MOVED), ("less", 1 - MOVED)):
        dearer = msgspec.structs.replace(prices, fuel_cents_per_kg=prices.fuel_cents_per_kg * factor)
        fuller = [msgspec.structs.replace(one, passengers=round(one.passengers * factor)) for one in flights]
        found[f"fuel_{name}"] = worth(action.kind, action.flights, flights, at_minute, dearer).saves_cents
        found[f"demand_{name}"] = worth(action.kind, action.flights, fuller, at_minute, prices).saves_cents
    return found


def binding(flight_id: str, flights: Sequence[LiveFlight], at_minute: int) -> tuple[str, str]:
    """What keeps anything better from being done about a flight, in English and Spanish: why most other aircraft do not
    take it. Raises StopIteration if it is not among them."""
    rotations = Rotations(flights, at_minute)
    flight = next(one for one in flights if one.flight_id == flight_id)
    others = [one for one in flights if _open(one, at_minute) and _beside(flight, one)]
    why = Counter(objection for one in others if (objection := _objection(flight, one, rotations)))
    if not why:
        return _NONE_REFUSED if others else _NO_OTHER
    (most, count) = why.most_common(1)[0]
    english, spanish = _OBJECTIONS[most]
    return (
        f"{count} of the carrier's {len(others)} other flights here have aircraft {english}",
        f"{count} de los otros {len(others)} vuelos de la aerolínea aquí tienen aeronaves {spanish}",
    )


def _open(flight: LiveFlight, at_minute: int) -> bool:
    soon = at_minute + NOTICE_MINUTES <= flight.departs_minute <= at_minute + LOOK_AHEAD_MINUTES
    known = flight.tail is not None and flight.designator in fleet()
    return soon and known and flight.flies and flight.departed_minute is None


def _may_change(flight: LiveFlight, other: LiveFlight, rotations: Rotations) -> bool:
    """Aircraft of one carrier at one airport that one crew may fly, both far enough, neither in the other's
    rotation."""
    return _beside(flight, other) and not _objection(flight, other, rotations)


def _beside(flight: LiveFlight, other: LiveFlight) -> bool:
    return (flight.carrier, flight.origin) == (other.carrier, other.origin) and flight.tail != other.tail


def _objection(flight: LiveFlight, other: LiveFlight, rotations: Rotations) -> str:
    """Why the two do not change aircraft, one of `_OBJECTIONS`; "" if they may."""
    if rotations.ready(other) >= rotations.ready(flight):
        return "ready"
    if other.departs_minute > flight.departs_minute + PARTNERS_WITHIN_MINUTES:
        return "later"
    ours, theirs = fleet()[flight.designator or ""], fleet()[other.designator or ""]
    if ours.family != theirs.family:
        return "type"
    if min(ours.range_km, theirs.range_km) < max(flight.distance_km, other.distance_km):
        return "range"
    return ""


def _swap(flight: LiveFlight, other: LiveFlight, rotations: Rotations, prices: Prices) -> LiveAction:
    now = _flown(flight, flight, rotations, prices) + _flown(other, other, rotations, prices)
    then = _flown(flight, other, rotations, prices) + _flown(other, flight, rotations, prices)
    alike = flight.designator == other.designator
    return LiveAction(
        "swap_tails" if alike else "swap_gauge",
        (flight.flight_id, other.flight_id),
        (now - then).total,
        now - then,
        _late(flight, flight, rotations),
        _late(flight, other, rotations),
    )


def _cancel(flight: LiveFlight, rotations: Rotations, prices: Prices) -> LiveAction:
    """Its aircraft is then there for its next flight from the same airport."""
    problem = _problem(prices)
    saves = _flown(flight, flight, rotations, prices) - cancelled_terms(problem, _leg(flight))
    following = rotations.after(flight)
    if following is not None and following.origin == flight.origin and following.designator in fleet():
        waits = max(rotations.ready(flight) - following.departs_minute, 0)
        saves += _flown(following, following, rotations, prices)
        saves = saves - flown_terms(problem, _leg(following), _aircraft(following), waits)
    late = _late(flight, flight, rotations)
    return LiveAction("cancel", (flight.flight_id,), saves.total, saves, late, late)


def _flown(flight: LiveFlight, aircraft_of: LiveFlight, rotations: Rotations, prices: Prices) -> Terms:
    """What it costs to fly it with the aircraft planned for another."""
    problem = _problem(prices, {flight.flight_id: flight.tail or ""})
    return flown_terms(problem, _leg(flight), _aircraft(aircraft_of), _late(flight, aircraft_of, rotations))


def _late(flight: LiveFlight, aircraft_of: LiveFlight, rotations: Rotations) -> int:
    return max(rotations.ready(aircraft_of) - flight.departs_minute, 0)


def _leg(flight: LiveFlight) -> Leg:
    return Leg(
        leg_id=flight.flight_id,
        origin=flight.origin,
        destination=flight.destination,
        back=flight.destination,
        departs_minute=flight.departs_minute,
        arrives_minute=flight.arrives_minute,
        back_minute=flight.arrives_minute,
        turnaround_minutes=flight.turnaround_minutes,
        block_minutes=flight.arrives_minute - flight.departs_minute,
        distance_km=flight.distance_km,
        passengers=flight.passengers,
        fare_cents=fare_cents(flight.distance_km),
    )


def _aircraft(flight: LiveFlight) -> Aircraft:
    return Aircraft(flight.tail or "", flight.designator or "", flight.seats, flight.origin, 0, _CREW_MINUTES)


def _problem(prices: Prices, planned: dict[str, str] | None = None) -> TacticalProblem:
    return TacticalProblem((), (), planned or {}, prices)
