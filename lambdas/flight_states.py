"""flight-status messages to the latest state of each flight: pure, and the same in whatever order they come."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec

from schemas.codec import decode
from schemas.errors import InvalidMessage
from schemas.events import FlightOutcome, FlightState, FlightStatus

KEPT_AFTER_ARRIVAL: Final = timedelta(days=14)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


class Version(NamedTuple):
    """Which of two reports of a flight is the later one. Offsets decide at one instant: the key is the route, so all of
    a flight is on one partition."""

    event_at_ms: int
    offset: int

    @property
    def text(self) -> str:
        """Sorts as the version does."""
        return f"{self.event_at_ms:015d}#{self.offset:020d}"


class FlightView(msgspec.Struct, frozen=True, kw_only=True):
    """A flight as its latest report leaves it; a correction is applied."""

    flight_id: str
    route: str
    carrier: str
    number: str
    origin: str
    destination: str
    state: FlightState
    is_corrected: bool
    scheduled_departure_at: datetime
    scheduled_arrival_at: datetime
    actual_departure_at: datetime | None
    actual_arrival_at: datetime | None
    tail: str | None
    aircraft_type: str | None
    seats: int
    passengers: int
    cargo_kg: int
    distance_km: int
    traffic_source: str
    source: str
    event_id: str
    event_at: datetime


class Report(NamedTuple):
    """What one message says of a flight, and when."""

    view: FlightView
    version: Version


class Batch(NamedTuple):
    """The reports of an event: of each flight the latest; how many messages were something else or unreadable."""

    latest: dict[str, Report]
    reports: int
    others: int
    undecodable: int


def read_batch(event: Mapping[str, Any]) -> Batch:
    """Of an event of MSK: records by "topic-partition", values in base64. Never raises for what a record holds."""
    reports: list[Report] = []
    others = undecodable = 0
    for records in event["records"].values():
        for record in records:
            try:
                decoded = decode(base64.b64decode(record.get("value") or "", validate=True))
            except (InvalidMessage, binascii.Error):
                undecodable += 1  # the KPI job has put it among the dead letters
                continue
            if isinstance(decoded, FlightStatus):
                reports.append(report_of(decoded, int(record["offset"])))
            else:
                others += 1
    return Batch(latest(reports), len(reports), others, undecodable)


def report_of(event: FlightStatus, offset: int) -> Report:
    """The flight as this event leaves it."""
    now: FlightStatus | FlightOutcome = event.after if event.after is not None else event
    view = FlightView(
        flight_id=event.flight_id,
        route=event.route,
        carrier=event.carrier,
        number=event.number,
        origin=event.origin,
        destination=event.destination,
        state=now.state,
        is_corrected=event.state is FlightState.CORRECTED,
        scheduled_departure_at=event.scheduled_departure_at,
        scheduled_arrival_at=event.scheduled_arrival_at,
        actual_departure_at=now.actual_departure_at,
        actual_arrival_at=now.actual_arrival_at,
        tail=event.tail,
        aircraft_type=event.aircraft_type,
        seats=now.seats,
        passengers=now.passengers,
        cargo_kg=now.cargo_kg,
        distance_km=event.distance_km,
        traffic_source=event.traffic_source,
        source=event.source,
        event_id=event.event_id,
        event_at=event.event_at,
    )
    return Report(view, Version((event.event_at - _EPOCH) // _MS, offset))


def latest(reports: Iterable[Report]) -> dict[str, Report]:
    """Of each flight the latest report."""
    found: dict[str, Report] = {}
    for report in reports:
        before = found.get(report.view.flight_id)
        if before is None or report.version > before.version:
            found[report.view.flight_id] = report
    return found


def expires_at(view: FlightView, now: datetime) -> int:
    """Seconds since 1970 at which the table may forget the flight: two weeks after its arrival, or after this report of
    it, whichever is later. So flights of a replayed year are not gone as soon as they are written."""
    return int((max(view.scheduled_arrival_at, now) + KEPT_AFTER_ARRIVAL).timestamp())
