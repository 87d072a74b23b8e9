"""The simulated airline world: who flies what from where, how often, with which aircraft.

Airports, distances and zones are real (`producers/airports.py`), seat counts are the carriers' published cabins; the
frequencies are a scaled-down summer day (about 240 flights) and the registrations are made up.
"""

from typing import Final

import msgspec

HUB: Final = "MEX"
HUB_CARRIERS: Final = ("AM", "5D")  # Aeroméxico and Aeroméxico Connect sell connections over the hub


class AircraftType(msgspec.Struct, frozen=True):
    """A type as the simulator flies it. `minimum_turn_minutes` is the fastest turnaround; plans add a buffer."""

    icao: str
    minimum_turn_minutes: int
    turn_buffer_minutes: int
    holding_kg_per_minute: int
    cargo_capacity_kg: int


# Minimum turnarounds: Boeing and Airbus airport-planning manuals (terminal operations, turnaround station), rounded up
# to what carriers plan. Holding flow: OpenAP at FL100, 210 kt.
TYPES: Final[dict[str, AircraftType]] = {
    each.icao: each
    for each in (
        AircraftType("B738", 45, 10, 40, 2500),
        AircraftType("B38M", 45, 10, 34, 2500),
        AircraftType("B789", 90, 30, 85, 12000),
        AircraftType("E190", 35, 10, 29, 800),
        AircraftType("A20N", 40, 10, 30, 2000),
        AircraftType("A21N", 45, 10, 34, 2500),
    )
}


class Service(msgspec.Struct, frozen=True):
    """`daily` round trips to a destination; `departs_minute` (after local midnight) fixes the first departure."""

    destination: str
    daily: int
    departs_minute: int | None = None


class Fleet(msgspec.Struct, frozen=True):
    """Aircraft of one type and carrier that start and end their day at `base`. `spares` stand there, unplanned."""

    carrier: str
    aircraft_type: str
    seats: int
    base: str
    first_number: int
    spares: int
    services: tuple[Service, ...]

    @property
    def name(self) -> str:
        """ "AM-B738-MEX"."""
        return f"{self.carrier}-{self.aircraft_type}-{self.base}"


def _services(**daily: int) -> tuple[Service, ...]:
    return tuple(Service(destination, trips) for destination, trips in daily.items())


FLEETS: Final[tuple[Fleet, ...]] = (
    Fleet("AM", "B738", 160, "MEX", 500, 1, _services(CUN=5, MTY=5, GDL=5, TIJ=3, MID=3, SJD=2, PVR=2)),
    Fleet(
        *("AM", "B38M", 166, "MEX", 600, 1),
        _services(LAX=3, JFK=2, MIA=2, ORD=2, SFO=1, DFW=1, LAS=1, BOG=2, CUN=3, MTY=3, GDL=2, TIJ=2),
    ),
    Fleet("AM", "B789", 274, "MEX", 1, 0, (Service("MAD", 1, departs_minute=20 * 60 + 30),)),
    Fleet(
        *("5D", "E190", 99, "MEX", 2100, 2),
        _services(OAX=4, VER=3, VSA=4, ZIH=3, BJX=3, TRC=3, CUU=3, CUL=3, HMO=3, MZT=2, SLP=2, AGU=2, IAH=2, SAT=1),
    ),
    Fleet("5D", "E190", 99, "MTY", 2400, 0, _services(GDL=2, CUN=1, BJX=1, CUU=1, IAH=1, VER=1)),
    Fleet("Y4", "A20N", 186, "TIJ", 3100, 1, _services(GDL=3, MEX=2, BJX=1, CUL=2, MTY=1, HMO=1)),
    Fleet("Y4", "A21N", 239, "GDL", 3400, 0, _services(MEX=3, CUN=2, LAX=2, MTY=2, ORD=1, TIJ=1)),
    Fleet("Y4", "A20N", 186, "MEX", 3700, 0, _services(CUN=3, MTY=2, MID=2, PVR=1, TIJ=1, CJS=1)),
)

LEISURE_AIRPORTS: Final = frozenset({"CUN", "SJD", "PVR", "ZIH", "MZT", "OAX", "LAS", "MIA"})


def is_domestic(origin: str, destination: str) -> bool:
    """Whether both airports are in Mexico."""
    from producers.airports import airport

    return airport(origin).country == airport(destination).country == "MX"
