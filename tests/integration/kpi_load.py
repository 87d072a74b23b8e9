"""What KPI job tests send: every kind of event in disorder, some twice, with poison; and what must come of it."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec

from schemas.codec import encode
from schemas.events import (
    AircraftStatus,
    DeadLetter,
    Event,
    FlightFinance,
    FlightOperation,
    FlightState,
    FlightStatus,
    LateEvent,
    OperationKind,
    PassengerFeedback,
    RouteHeartbeat,
    utc,
)
from schemas.topics import KPI_TOPICS
from tests.flink_jobs.reference import Expected, Key, expected_rows
from tests.integration.kpi_topics import Rows, Stored, Topics, value

START = utc(2013, 2, 7)
PANE_MS = 60_000
BOUND = timedelta(minutes=1)
FLIGHT: dict[str, Any] = {
    "source": "ops",
    "flight_id": "B6-1-2013-02-08-JFK",
    "carrier": "B6",
    "number": "1",
    "origin": "JFK",
    "destination": "LAX",
}
TIMES: dict[str, Any] = {"scheduled_departure_at": START, "scheduled_arrival_at": START + timedelta(hours=6)}


def broken(event: Event, **fields: object) -> bytes:
    """A message that a foreign publisher might send: ours cannot make such an event."""
    for name, wrong in fields.items():
        msgspec.structs.force_setattr(event, name, wrong)
    return encode(event)


def poison(at: datetime) -> list[tuple[bytes | None, str]]:
    """Bad messages and what their dead letters must say."""
    head = {"event_id": "bad", "event_at": at, **FLIGHT}

    def status(**fields: object) -> FlightStatus:
        return FlightStatus(**{**head, **TIMES, "state": FlightState.SCHEDULED, **fields})

    good = encode(status())
    operation = FlightOperation(**head, kind=OperationKind.DELAY)
    beat = RouteHeartbeat(event_id="b", event_at=at, source="x", origin="JFK", destination="LAX", carriers=("B6",))
    return [
        (None, "empty message"),
        (b"", "empty message"),
        (b"garbage", "no single-object marker"),
        (good[:7], "truncated header"),
        *[(good[:length], "not a FlightStatus: truncated") for length in (10, 15, 40, len(good) - 1)],
        (good[:2] + bytes(8) + good[10:], "unknown schema fingerprint"),
        (good + b"\0", "1 bytes after the end"),
        (encode(AircraftStatus(event_id="a", event_at=at, source="x", tail="N1", carrier="B6")), "not a record"),
        (broken(status(), event_id=""), "event_id is empty"),
        (broken(status(), event_at=utc(1969, 12, 31)), "before 1970"),
        (broken(status(), origin="JF1"), "origin"),
        (broken(status(), origin="JFK\n"), "origin"),
        (broken(status(), destination="lax"), "destination"),
        (broken(status(), destination="JFK"), "destination equals origin"),
        (broken(status(), carrier='B"'), "carrier"),
        (broken(status(), seats=-1), "negative"),
        (broken(status(), passengers=1), "passengers exceed seats"),
        (broken(status(), state=FlightState.DEPARTED), "needs actual_departure_at"),
        (
            broken(status(actual_departure_at=START), state=FlightState.ARRIVED),
            "state ARRIVED needs actual_arrival_at",
        ),
        (broken(status(), state=FlightState.CORRECTED), "carries before and after"),
        (broken(status(), actual_departure_at=START + timedelta(days=8)), "7 days"),
        (broken(status(), actual_arrival_at=START - timedelta(days=8)), "7 days"),
        (broken(FlightFinance(**head, currency="USD"), usd_per_unit_ppm=2), "1000000"),
        (broken(FlightFinance(**head, currency="MXN"), usd_per_unit_ppm=0), "not positive"),
        (broken(FlightFinance(**head, currency="MXN", usd_per_unit_ppm=5), currency="mx"), "currency"),
        (broken(operation, misconnected=1), "misconnected exceed connecting"),
        (broken(FlightOperation(**head, kind=OperationKind.DELAY), weather_delay_minutes=-1), "minutes are negative"),
        (broken(PassengerFeedback(**head), satisfaction=6), "1 to 5"),
        (broken(PassengerFeedback(**head), recommend=11), "0 to 10"),
        (broken(beat, carriers=("B6", "DL,X")), "carriers"),
    ]


AHEAD = encode(
    FlightStatus(event_id="ahead", event_at=START + timedelta(days=365), **FLIGHT, **TIMES, state=FlightState.SCHEDULED)
)


@dataclass
class Outcome:
    """What went in and what came out."""

    sent: list[Stored] = field(default_factory=list)
    rows: Rows | None = None
    expected: dict[Key, Expected] = field(default_factory=dict)
    reasons: dict[bytes | None, str] = field(default_factory=dict)
    dead: list[DeadLetter] = field(default_factory=list)
    late_sent: list[bytes] = field(default_factory=list)
    late: list[LateEvent] = field(default_factory=list)
    consumed: int = 0
    duplicates: int = 0


def publish(
    topics: Topics, beaten: list[tuple[str, int]], events: list[Event], outcome: Outcome, chance: random.Random
) -> None:
    """Events in disorder up to the bound, some twice, bad ones at any place among them, a beat now and then."""
    held: list[Event] = []
    bad = poison(events[0].event_at)
    while events or held:
        batch, events = [*held, *events[:25]], events[25:]
        beat_at = batch[-1].event_at
        held = [event for event in batch if events and event.event_at >= beat_at - BOUND and chance.random() < 0.5]
        batch = [event for event in batch if event not in held]
        batch += chance.sample(batch, len(batch) // 8)
        chance.shuffle(batch)
        for event in batch:
            if chance.random() < 0.3:
                message, reason = bad[len(outcome.reasons) % len(bad)] if chance.random() < 0.9 else (AHEAD, "ahead")
                outcome.reasons.setdefault(message, reason)
                topics.send_bytes(message, chance.choice(KPI_TOPICS[:3]), chance.choice(("JFK-LAX", "MEX-CUN", "x")))
            topics.send(event, chance.choice((1, 2)) if isinstance(event, PassengerFeedback) else None)
        topics.beat(beat_at, beaten)
    topics.beat(beat_at + timedelta(minutes=3), beaten)


def settle(topics: Topics, outcome: Outcome) -> dict[Key, Expected]:
    """Read the topics back and compute, from what the brokers hold, what must come out."""
    outcome.sent = [stored for topic in KPI_TOPICS for stored in topics.read(topic)]
    seen: dict[str, tuple[Event, int]] = {}
    outcome.duplicates = 0
    for stored in outcome.sent:
        if stored.value in outcome.reasons or stored.value in outcome.late_sent:
            continue
        event = value(stored)
        if isinstance(event, RouteHeartbeat) and event.origin is None:
            continue
        if event.event_id in seen:
            outcome.duplicates += 1
        else:
            seen[event.event_id] = (event, stored.appended_at_ms)
    outcome.consumed = len(seen)
    return expected_rows(seen.values(), PANE_MS)
