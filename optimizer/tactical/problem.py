"""What can still be decided today, and what binds it. Minutes count from one midnight, money is US$ cents.

A leg is whatever an aircraft leaves for and comes back ready from: one flight, or, where only departures of a base are
known, the way there and back. An aircraft flies its legs one after the other; each leaves at its schedule, or as
soon as its aircraft is ready, or later on purpose by one of `hold_minutes`, and never later than
`longest_delay_minutes`.
"""

import msgspec

from optimizer.airline.fleet import fleet
from optimizer.airline.prices import Prices, Terms


class Leg(msgspec.Struct, frozen=True):
    """`arrives_minute` is when its passengers are where they want to go, `back_minute` when the aircraft is at `back`;
    `turnaround_minutes` later it may leave again. `block_minutes` is what it takes of its crew's duty; with a
    `family`, its crew is rated for no other."""

    leg_id: str
    origin: str
    destination: str
    back: str
    departs_minute: int
    arrives_minute: int
    back_minute: int
    turnaround_minutes: int
    block_minutes: int
    distance_km: int
    passengers: int
    fare_cents: int
    must_fly: bool = False
    family: str | None = None


class Aircraft(msgspec.Struct, frozen=True):
    """Where it stands and from when on it may leave; `crew_minutes` is the block time its crew may still fly today."""

    tail: str
    designator: str
    seats: int
    airport: str
    ready_minute: int
    crew_minutes: int


class Connection(msgspec.Struct, frozen=True):
    """Passengers of one leg who change to another; they need `minimum_minutes` between landing and leaving."""

    inbound: str
    onward: str
    passengers: int
    minimum_minutes: int


class Slots(msgspec.Struct, frozen=True):
    """At most so many departures of ours from an airport in [from_minute, until_minute)."""

    airport: str
    from_minute: int
    until_minute: int
    departures: int


class Curfew(msgspec.Struct, frozen=True):
    """Nobody leaves or lands at the airport in [from_minute, until_minute)."""

    airport: str
    from_minute: int
    until_minute: int


class Overnight(msgspec.Struct, frozen=True):
    """So many aircraft of a type must stand at the airport when the day is over, for tomorrow's flights."""

    airport: str
    designator: str
    aircraft: int


class TacticalProblem(msgspec.Struct, frozen=True):
    """`planned` says which tail each leg is planned for: to fly it with another costs `prices.swapped_cents`."""

    legs: tuple[Leg, ...]
    aircraft: tuple[Aircraft, ...]
    planned: dict[str, str]
    prices: Prices = Prices()
    connections: tuple[Connection, ...] = ()
    slots: tuple[Slots, ...] = ()
    curfews: tuple[Curfew, ...] = ()
    overnight: tuple[Overnight, ...] = ()
    hold_minutes: tuple[int, ...] = ()
    longest_delay_minutes: int = 240
    longest_line_legs: int = 4


class Flown(msgspec.Struct, frozen=True, order=True):
    """A leg, who flies it and when it leaves."""

    departs_minute: int
    leg_id: str
    tail: str


def flown_terms(problem: TacticalProblem, leg: Leg, aircraft: Aircraft, late_minutes: int) -> Terms:
    """What it costs that this aircraft flies the leg so late: fuel, hours, those on board, those left behind. Crews are
    paid whether they fly or not, but for minutes that nobody planned."""
    prices, kind = problem.prices, fleet()[aircraft.designator]
    on_board = min(leg.passengers, aircraft.seats)
    left_behind = leg.passengers - on_board
    lost = round(left_behind * (1 - prices.rebooked_share)) * leg.fare_cents
    return Terms(
        fuel=round(kind.fuel_kg(leg.distance_km) * prices.fuel_cents_per_kg),
        crew=kind.crew_cents(late_minutes),
        maintenance=round(prices.flown_maintenance_share * kind.maintenance_cents(leg.block_minutes)),
        airport=kind.airport_cents,
        passengers=on_board * prices.late_cents(late_minutes),
        spill=lost + left_behind * prices.cancelled_passenger_cents,
        handling=prices.swapped_cents if problem.planned.get(leg.leg_id, aircraft.tail) != aircraft.tail else 0,
    )


def cancelled_terms(problem: TacticalProblem, leg: Leg) -> Terms:
    """What it costs not to fly: fares paid back, and care for all."""
    prices = problem.prices
    refunded = round(leg.passengers * prices.lost_fares_share)
    return Terms(passengers=prices.cancelled_cents(leg.passengers), fares=refunded * leg.fare_cents)


def missed_terms(problem: TacticalProblem, connection: Connection) -> Terms:
    """What it costs if these passengers are left standing where they change."""
    return Terms(misconnections=connection.passengers * problem.prices.misconnected_cents)
