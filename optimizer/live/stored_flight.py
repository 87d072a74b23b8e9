"""A flight as the flights table holds it, an item of DynamoDB, to what the live path knows of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from optimizer.live.flight import LiveFlight

NOT_FLYING: Final = ("CANCELLED", "DIVERTED")


def live_flights(items: Iterable[Mapping[str, Any]], at: datetime) -> list[LiveFlight]:
    """Each once, by its id."""
    found = {flight.flight_id: flight for flight in (live_flight(item, at) for item in items)}
    return sorted(found.values(), key=lambda one: one.flight_id)


def live_flight(item: Mapping[str, Any], at: datetime) -> LiveFlight:
    """A flight as of an instant: what was reported later is not known yet, in a replay that ran ahead."""
    departed, arrived = (_known(item, name, at) for name in ("actual_departure_at", "actual_arrival_at"))
    return LiveFlight(
        flight_id=item["flight_id"]["S"],
        carrier=item["carrier"]["S"],
        origin=item["origin"]["S"],
        destination=item["destination"]["S"],
        departs_minute=_minute(item["scheduled_departure_at"]["S"]),
        arrives_minute=_minute(item["scheduled_arrival_at"]["S"]),
        departed_minute=departed,
        arrived_minute=arrived,
        flies=item["state"]["S"] not in NOT_FLYING,
        tail=item.get("tail", {}).get("S"),
        designator=item.get("aircraft_type", {}).get("S"),
        seats=int(item["seats"]["N"]),
        passengers=int(item["passengers"]["N"]),
        distance_km=int(item["distance_km"]["N"]),
    )


def _minute(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) // 60


def _known(item: Mapping[str, Any], name: str, at: datetime) -> int | None:
    text = item.get(name, {}).get("S")
    if text is None or datetime.fromisoformat(text) > at:
        return None
    return _minute(text)
