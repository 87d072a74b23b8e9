"""The events of the load: real records whose values differ by route and by minute, from a seed."""

import random
from datetime import datetime, timedelta
from itertools import permutations, product
from typing import Any, Final, NamedTuple

from schemas.events import (
    MODELLED,
    OBSERVED,
    FlightEvent,
    FlightFinance,
    FlightOperation,
    FlightState,
    FlightStatus,
    OperationKind,
    PassengerFeedback,
    utc,
)

SEED: Final = 20130207
START: Final = utc(2013, 2, 7)
AIRPORTS: Final = tuple("".join(letters) for letters in product("ABC", "DEFGH", "JKLM"))
CARRIERS: Final = ("B6", "DL", "AA", "UA", "WN", "AM", "Y4", "VB", "AS", "NK")
MOST_ROUTES: Final = len(AIRPORTS) * (len(AIRPORTS) - 1)

# A route's events come in tens: five of flight status (three arrive, two depart), two of money, two of operations, one
# answer. Half of what a real flight sends is its status.
RECORDS: Final[tuple[type[FlightEvent], ...]] = (
    *[FlightStatus] * 5,
    *[FlightFinance] * 2,
    *[FlightOperation] * 2,
    PassengerFeedback,
)
KINDS: Final = len(RECORDS)
ARRIVING: Final = 3

VARIANTS: Final = 7
"""Minutes of a route differ in turn, or a pane taken for its neighbour would not show. Prime, so no window hides it."""


SHORTEST_FLIGHT: Final = timedelta(minutes=30)


class Route(NamedTuple):
    """A route as one carrier flies it."""

    origin: str
    destination: str
    carrier: str

    @property
    def entity(self) -> str:
        """The Kafka key, and the entity of KPI rows."""
        return f"{self.origin}-{self.destination}"


def routes(count: int) -> list[Route]:
    """So many routes among 60 airports, each of one of 10 carriers; ValueError beyond what 60 airports have."""
    if not 1 <= count <= MOST_ROUTES:
        raise ValueError(f"1 to {MOST_ROUTES} routes, not {count}")
    chance = random.Random(SEED)
    pairs = chance.sample(list(permutations(AIRPORTS, 2)), MOST_ROUTES)[:count]
    return [Route(origin, destination, chance.choice(CARRIERS)) for origin, destination in pairs]


def event(route: Route, kind: int, variant: int, event_id: str) -> FlightEvent:
    """The event of a kind (0 to 9, `RECORDS`) that a route sends in minutes of a variant, at `START`."""
    chance = random.Random(f"{SEED} {route.entity} {kind} {variant}")
    number = str(chance.randrange(1, 3000))
    head: dict[str, Any] = {
        "event_id": event_id,
        "event_at": START,
        "source": chance.choice((OBSERVED, MODELLED)),
        "flight_id": f"{route.carrier}-{number}-{START:%Y-%m-%d}-{route.origin}",
        **route._asdict(),
        "number": number,
    }
    if RECORDS[kind] is FlightStatus:
        return FlightStatus(**head, **_status(chance, arrives=kind < ARRIVING))
    if RECORDS[kind] is FlightFinance:
        return FlightFinance(**head, **_finance(chance))
    if RECORDS[kind] is FlightOperation:
        return FlightOperation(**head, **_operation(chance))
    return PassengerFeedback(**head, **_answer(chance))


def _status(chance: random.Random, *, arrives: bool) -> dict[str, Any]:
    scheduled_out = START - timedelta(minutes=chance.randrange(60, 600))
    scheduled_in = scheduled_out + timedelta(minutes=chance.randrange(45, 400))
    seats = chance.choice((76, 100, 160, 189))
    out = _about(scheduled_out, chance)
    return {
        "state": FlightState.ARRIVED if arrives else FlightState.DEPARTED,
        "scheduled_departure_at": scheduled_out,
        "scheduled_arrival_at": scheduled_in,
        "actual_departure_at": out,
        "actual_arrival_at": max(_about(scheduled_in, chance), out + SHORTEST_FLIGHT) if arrives else None,
        "tail": f"N{chance.randrange(10_000, 100_000)}",
        "aircraft_type": chance.choice(("B738", "A320", "E190")),
        "seats": seats,
        "passengers": chance.randrange(seats // 2, seats + 1),
        "cargo_kg": chance.randrange(3000),
        "distance_km": chance.randrange(200, 4000),
        "traffic_source": chance.choice((OBSERVED, MODELLED)),
    }


def _about(scheduled: datetime, chance: random.Random) -> datetime:
    """From 20 minutes early to 90 late, the limits of punctuality among them to the millisecond."""
    late = timedelta(milliseconds=chance.randrange(-20 * 60_000, 90 * 60_000))
    return scheduled + chance.choice((late, late, late, timedelta(minutes=15), timedelta(minutes=30)))


def _finance(chance: random.Random) -> dict[str, Any]:
    currency, ppm = chance.choice((("USD", 1_000_000), ("MXN", 58_317)))
    return {
        "currency": currency,
        "usd_per_unit_ppm": ppm,
        "ticket_revenue_minor": chance.randrange(500_000, 5_000_000),
        "ancillary_revenue_minor": chance.randrange(500_000),
        "cargo_revenue_minor": chance.randrange(100_000),
        "fuel_cost_minor": chance.randrange(200_000, 2_000_000),
        "crew_cost_minor": chance.randrange(100_000, 500_000),
        "maintenance_cost_minor": chance.randrange(50_000, 300_000),
        "airport_cost_minor": chance.randrange(50_000, 300_000),
        "compensation_exposure_minor": chance.choice((0, chance.randrange(1_000_000))),
        "fuel_kg": chance.randrange(1_000, 20_000),
        "fuel_reference_kg": chance.randrange(1_000, 20_000),
    }


def _operation(chance: random.Random) -> dict[str, Any]:
    match kind := chance.choice(list(OperationKind)):
        case OperationKind.DELAY:
            causes = ("carrier", "weather", "airspace", "security", "late_aircraft")
            return {"kind": kind, **{f"{cause}_delay_minutes": chance.randrange(40) for cause in causes}}
        case OperationKind.TURNAROUND:
            planned = chance.randrange(30, 90)
            return {
                "kind": kind,
                "turnaround_minutes": planned + chance.randrange(30),
                "scheduled_turnaround_minutes": planned,
            }
        case OperationKind.CONNECTION:
            connecting = chance.randrange(80)
            return {"kind": kind, "connecting": connecting, "misconnected": chance.randrange(connecting + 1)}


def _answer(chance: random.Random) -> dict[str, Any]:
    return {
        "satisfaction": chance.choice((None, 1, 2, 3, 4, 5)),
        "recommend": chance.choice((None, *range(11))),
        "complaint": chance.random() < 0.2,
    }
