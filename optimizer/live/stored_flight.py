"""A flight as the flights table holds it, an item of DynamoDB, to what the live path knows of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from optimizer.live.flight import LiveFlight

NOT_FLYING: Final = ("CANCELLED", "DIVERTED")


class StoredFlight(msgspec.Struct, frozen=True, kw_only=True):
    """One flight as its newest report leaves it; of an item more is kept, and read by others."""

    flight_id: str
    carrier: str
    state: str
    scheduled_departure_at: datetime
    scheduled_arrival_at: datetime
    actual_departure_at: datetime | None = None
    actual_arrival_at: datetime | None = None
    tail: str | None = None
    origin: str = ""
    destination: str = ""
    aircraft_type: str | None = None
    distance_km: int = 0
    seats: int = 0
    passengers: int = 0

    @property
    def flies(self) -> bool:
        """Neither cancelled nor diverted."""
        return self.state not in NOT_FLYING

    def known(self, at: datetime) -> LiveFlight:
        """As of an instant: what was reported later is not known yet, in a replay that ran ahead."""
        return LiveFlight(
            flight_id=self.flight_id,
            carrier=self.carrier,
            origin=self.origin,
            destination=self.destination,
            departs_minute=_minute(self.scheduled_departure_at),
            arrives_minute=_minute(self.scheduled_arrival_at),
            departed_minute=_known(self.actual_departure_at, at),
            arrived_minute=_known(self.actual_arrival_at, at),
            flies=self.flies,
            tail=self.tail,
            designator=self.aircraft_type,
            seats=self.seats,
            passengers=self.passengers,
            distance_km=self.distance_km,
        )


def live_flights(items: Iterable[Mapping[str, Any]], at: datetime) -> list[LiveFlight]:
    """Each once, by its id."""
    found = {flight.flight_id: flight for flight in (live_flight(item, at) for item in items)}
    return sorted(found.values(), key=lambda one: one.flight_id)


def live_flight(item: Mapping[str, Any], at: datetime) -> LiveFlight:
    """A flight as of an instant."""
    return msgspec.convert(plain(item), StoredFlight, strict=False).known(at)


def plain(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item without DynamoDB's types; what is NULL is left out."""
    return {name: next(iter(value.values())) for name, value in item.items() if "NULL" not in value}


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60


def _known(at: datetime | None, now: datetime) -> int | None:
    return None if at is None or at > now else _minute(at)
