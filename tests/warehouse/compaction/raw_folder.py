"""Raw lines made up for the tests of the compaction: a few flights, what is said twice, refused, late and corrected."""

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from schemas.codec import encode
from schemas.events import (
    DeadLetter,
    Event,
    FlightFinance,
    FlightOutcome,
    FlightState,
    FlightStatus,
    LateEvent,
    RouteHeartbeat,
)
from schemas.measures import MEASURE_NAMES
from schemas.raw import KPI_STREAM, RawKpiRecord, RawMessage, prefix, raw_line
from schemas.rows import KpiRow, pack_rows, to_ms

START = datetime(2013, 1, 31, 20, tzinfo=UTC)
"""Four hours before a month ends, so that flights have events on both sides."""
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

Line = tuple[str, bytes]
"""Topic and raw line."""


def message(topic: str, offset: int, event: Event | bytes, appended_at: datetime, partition: int = 0) -> Line:
    value = event if isinstance(event, bytes) else encode(event)
    line = RawMessage(
        topic=topic, partition=partition, offset=offset, appended_at_ms=to_ms(appended_at), key=b"k", value=value
    )
    return topic, raw_line(line)


def flight(number: int, state: FlightState, at: datetime, **fields: object) -> FlightStatus:
    scheduled = START + number * HOUR
    actual = {"actual_departure_at": scheduled + 5 * MINUTE} if state in ("DEPARTED", "ARRIVED") else {}
    if state == "ARRIVED":
        actual["actual_arrival_at"] = at
    given = {
        "event_id": f"{number}-{state}",
        "event_at": at,
        "source": "test",
        "flight_id": f"B6-{number}-2013-01-31-JFK",
        "carrier": "B6",
        "number": str(number),
        "origin": "JFK",
        "destination": "LAX",
        "state": state,
        "scheduled_departure_at": scheduled,
        "scheduled_arrival_at": scheduled + 6 * HOUR,
        "tail": "N1" if state in ("DEPARTED", "ARRIVED") else None,
        "seats": 100,
        "passengers": 80,
        "distance_km": 3983,
        **actual,
        **fields,
    }
    return msgspec.convert(given, FlightStatus)


def corrected(number: int, at: datetime, passengers: int, name: str = "CORRECTED") -> FlightStatus:
    out, on = START + number * HOUR, START + number * HOUR + 6 * HOUR
    outcome = FlightOutcome(
        state=FlightState.ARRIVED, actual_departure_at=out, actual_arrival_at=on, seats=100, passengers=80
    )
    after = msgspec.structs.replace(outcome, passengers=passengers)
    return flight(number, FlightState.CORRECTED, at, event_id=f"{number}-{name}", before=outcome, after=after)


def finance(number: int, at: datetime, **amounts: int) -> FlightFinance:
    return FlightFinance(
        event_id=f"{number}-finance",
        event_at=at,
        source="test",
        flight_id=f"B6-{number}-2013-01-31-JFK",
        carrier="B6",
        number=str(number),
        origin="JFK",
        destination="LAX",
        currency="USD",
        **amounts,
    )


def late_note(of: Line, fact_at: datetime, offset: int) -> Line:
    raw = msgspec.json.decode(of[1], type=RawMessage)
    appended_at = datetime.fromtimestamp(raw.appended_at_ms / 1000, UTC)
    note = LateEvent(
        event_id=f"late-{raw.offset}",
        event_at=appended_at,
        source="kpi-job",
        topic=f"demo.{raw.topic}",
        partition=raw.partition,
        offset=raw.offset,
        payload=raw.value or b"",
        fact_at=fact_at,
    )
    return message("late-events", offset, note, appended_at + MINUTE)


def dead_note(of: Line, offset: int) -> Line:
    raw = msgspec.json.decode(of[1], type=RawMessage)
    appended_at = datetime.fromtimestamp(raw.appended_at_ms / 1000, UTC)
    note = DeadLetter(
        event_id=f"dead-{raw.offset}",
        event_at=appended_at,
        source="kpi-job",
        topic=f"demo.{raw.topic}",
        partition=raw.partition,
        offset=raw.offset,
        payload=raw.value or b"",
        reason="made up",
    )
    return message("dead-letters", offset, note, appended_at + MINUTE)


def kpi_record(number: int, arrived_at: datetime, *rows: KpiRow) -> Line:
    record = RawKpiRecord(
        shard="shard-0", sequence_number=str(number), arrived_at_ms=to_ms(arrived_at), data=pack_rows(rows)
    )
    return KPI_STREAM, raw_line(record)


def kpi_row(at: datetime, events: int) -> KpiRow:
    measures = tuple(range(len(MEASURE_NAMES)))
    return KpiRow("route", "JFK-LAX", "24h", at, 0, at + MINUTE, events, measures, ("B6",))


def some_lines() -> list[Line]:
    """All kinds: 4 flights over a month's end, one corrected twice, one late, one said twice, one that is refused."""
    lines: list[Line] = []

    def status(event: Event | bytes, at: datetime) -> Line:
        lines.append(message("flight-status", len(lines), event, at))
        return lines[-1]

    for number in range(4):
        scheduled = START + number * HOUR
        status(flight(number, FlightState.SCHEDULED, scheduled - 12 * HOUR), scheduled - 12 * HOUR)
        status(flight(number, FlightState.DEPARTED, scheduled + 5 * MINUTE), scheduled + 5 * MINUTE)
        status(flight(number, FlightState.ARRIVED, scheduled + 6 * HOUR), scheduled + 6 * HOUR)
    status(corrected(1, START + 40 * HOUR, 82, "CORRECTED-1"), START + 40 * HOUR)
    status(corrected(1, START + 60 * HOUR, 84, "CORRECTED-2"), START + 60 * HOUR)
    again = flight(2, FlightState.ARRIVED, START + 8 * HOUR)
    status(again, START + 70 * HOUR)
    late = status(corrected(3, START + 9 * HOUR, 77), START + 71 * HOUR)
    garbage = status(b"garbage", START + 72 * HOUR)
    far = status(corrected(0, START + 300 * HOUR, 1), START + 73 * HOUR)
    lines.append(late_note(late, START + 9 * HOUR, 0))
    lines += [dead_note(garbage, 0), dead_note(far, 1)]
    lines.append(message("flight-finance", 0, finance(1, START + 7 * HOUR, fuel_cost_minor=500), START + 7 * HOUR))
    beat = RouteHeartbeat(event_id="beat", event_at=START, source="test")
    route = RouteHeartbeat(
        event_id="jfk-lax", event_at=START, source="test", origin="JFK", destination="LAX", carriers=("B6",)
    )
    lines += [message("route-heartbeat", 0, beat, START), message("route-heartbeat", 1, route, START)]
    lines += [
        kpi_record(9, START + HOUR, kpi_row(START, 1), kpi_row(START + MINUTE, 2)),
        kpi_record(10, START + 2 * HOUR, kpi_row(START, 1), kpi_row(START + 100 * HOUR, 3)),
    ]
    return lines


def write(folder: Path, lines: Iterable[Line], name: str, day: str = "2013-02-01") -> None:
    """One object a topic."""
    by_topic: dict[str, list[bytes]] = {}
    for topic, line in lines:
        by_topic.setdefault(topic, []).append(line)
    for topic, data in by_topic.items():
        path = folder / prefix(topic, day) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(data))


def tables(clean: Path, *without: str) -> dict[str, bytes]:
    """Every file of the clean tables with its bytes."""
    files = {str(path.relative_to(clean)): path.read_bytes() for path in sorted(clean.rglob("*.parquet"))}
    return {name: data for name, data in files.items() if name.split("/")[0] not in without}


def shuffled(lines: Sequence[Line], seed: int) -> list[Line]:
    return random.Random(seed).sample(list(lines), len(lines))
