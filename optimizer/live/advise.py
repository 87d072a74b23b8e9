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
MOST_IN_RING: Final = 6
"""Aircraft that are ready soonest: with ten flights beside it a ring more is 60 sums, a millisecond."""
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
    """Flights that change their aircraft, each with that of the next, the last with that of the first, or the one that
    is cancelled; what that saves in US$ cents, by term too
    (negative is what it costs), and the minutes late of its first flight without and with it."""

    kind: Literal["swap_tails", "swap_gauge", "reroute", "cancel"]
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
        swaps = [
            _changed((flight, other), rotations, prices)
            for other in open_flights
            if _may_change(flight, other, rotations)
        ]
        for action in [*swaps, *_rerouted(flight, open_flights, rotations, prices, swaps)]:
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
    return _changed(touched, rotations, prices)


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
    return _unfit(flight, other)


def _unfit(flight: LiveFlight, other: LiveFlight) -> str:
    """Of two types, why they do not; one of `_OBJECTIONS`; "" if they may."""
    ours, theirs = fleet()[flight.designator or ""], fleet()[other.designator or ""]
    if ours.family != theirs.family:
        return "type"
    if min(ours.range_km, theirs.range_km) < max(flight.distance_km, other.distance_km):
        return "range"
    return ""


def _rerouted(
    flight: LiveFlight,
    others: Sequence[LiveFlight],
    rotations: Rotations,
    prices: Prices,
    swaps: Sequence[LiveAction],
) -> list[LiveAction]:
    """The best three aircraft in a ring, if that is worth more than any swap: the flight's own goes where its lateness
    hurts least, whose aircraft goes where it hurts less than where it came from. Each leg of the ring must be flown by
    an aircraft that its crew may fly and that has the range."""
    beside = [one for one in others if _beside(flight, one) and not _unfit(flight, one)]
    takers = sorted(beside, key=lambda one: (rotations.ready(one) - flight.departs_minute, one.flight_id))
    takers = [one for one in takers if not _objection(flight, one, rotations)][:MOST_IN_RING]
    rings = [
        _changed((flight, giver, last), rotations, prices)
        for giver in takers
        for last in beside
        if last.tail not in (giver.tail, flight.tail)
        and last.departs_minute > giver.departs_minute
        and last.departs_minute <= flight.departs_minute + PARTNERS_WITHIN_MINUTES
        and rotations.ready(last) <= giver.departs_minute
        and not _unfit(giver, last)
    ]
    best = max((one.saves_cents for one in swaps), default=0)
    rings = sorted((one for one in rings if one.saves_cents > best), key=lambda one: (-one.saves_cents, one.flights))
    return rings[:1]


def _changed(flights: Sequence[LiveFlight], rotations: Rotations, prices: Prices) -> LiveAction:
    """Each with the aircraft of the next, the last with that of the first."""
    takes = [*flights[1:], flights[0]]
    now = sum((_flown(one, one, rotations, prices) for one in flights), Terms())
    then = sum((_flown(one, of, rotations, prices) for one, of in zip(flights, takes, strict=True)), Terms())
    alike = len({one.designator for one in flights}) == 1
    return LiveAction(
        "reroute" if len(flights) > 2 else "swap_tails" if alike else "swap_gauge",
        tuple(one.flight_id for one in flights),
        (now - then).total,
        now - then,
        _late(flights[0], flights[0], rotations),
        _late(flights[0], takes[0], rotations),
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
