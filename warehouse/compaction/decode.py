"""The lines of raw objects as rows of clean tables."""

import gzip
import zlib
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa

from schemas.codec import HEADER_BYTES, by_header, decode, newest
from schemas.errors import InvalidMessage, InvalidRow
from schemas.events import DeadLetter, Event, FlightOutcome, FlightStatus, LateEvent, RouteHeartbeat
from schemas.raw import KPI_STREAM, LIGHT_LOG, RawKpiRecord, RawMessage, read_lines
from schemas.rows import flat, unpack_rows
from warehouse.clean_tables import CLEAN_TABLES, POSITION
from warehouse.compaction.accepted import accepted
from warehouse.compaction.light_changes import light_change
from warehouse.compaction.raw_objects import RawObject
from warehouse.compaction.side_by_side import Ints, side_by_side

TABLE_OF: Final[dict[str, str]] = {
    "FlightStatus": "flight_status",
    "FlightFinance": "flight_finance",
    "FlightOperation": "flight_operation",
    "PassengerFeedback": "passenger_feedback",
    "RouteHeartbeat": "route_heartbeat",
    "AircraftStatus": "aircraft_status",
    "AirportWeather": "airport_weather",
    "DeadLetter": "dead_letter",
    "LateEvent": "late_event",
}

# What a message was, in raw_range.
KINDS: Final = ("events", "clock_beats", "heartbeats", "undecodable")
EVENT, CLOCK_BEAT, HEARTBEAT, UNDECODABLE = KINDS

Row = tuple[Any, ...]
_OUTCOME_FIELDS: Final = len(FlightOutcome.__struct_fields__)
_UNREADABLE: Final = (InvalidMessage, gzip.BadGzipFile, EOFError, zlib.error, UnicodeDecodeError)


class Decoded(msgspec.Struct):
    """Rows by table, of several objects: `frames` of what was decoded side by side, `rows` of the rest, whose instants
    are datetimes or whole microseconds. `seen` has for every message its raw_object, day, POSITION and kind.
    `undecodable` counts the lines that are no message, KPI record or light; `unreadable` names objects of which nothing
    was taken, and why."""

    frames: dict[str, list[pl.DataFrame]] = msgspec.field(default_factory=dict)
    rows: dict[str, list[Row]] = msgspec.field(default_factory=dict)
    seen: list[pl.DataFrame] = msgspec.field(default_factory=list)
    lines: int = 0
    undecodable: int = 0
    unreadable: dict[str, str] = msgspec.field(default_factory=dict)

    def tables(self) -> dict[str, pl.DataFrame]:
        """All rows of each table."""
        made = {name: [pl.DataFrame(table_of(rows, arrow_columns(name)))] for name, rows in self.rows.items()}
        return {name: pl.concat([*self.frames.get(name, []), *made.get(name, [])]) for name in {**self.frames, **made}}


def decode_objects(objects: Iterable[RawObject], read: Callable[[str], bytes]) -> Decoded:
    """Everything the objects hold, duplicates included. One with a line that is no raw line counts as unreadable."""
    found = Decoded()
    messages: list[tuple[RawObject, list[RawMessage]]] = []
    for one in objects:
        try:
            lines = list(read_lines(one.topic, read(one.name)))
        except _UNREADABLE as error:
            found.unreadable[one.name] = f"{type(error).__name__}: {error}"
            continue
        found.lines += len(lines)
        if one.topic == KPI_STREAM:
            _kpi_rows(lines, found)
        elif one.topic == LIGHT_LOG:
            _light_changes(lines, found)
        else:
            messages.append((one, lines))
    if messages:
        _messages(messages, found)
    return found


def _messages(objects: list[tuple[RawObject, list[RawMessage]]], found: Decoded) -> None:
    """The messages of one writer schema together, in whatever objects they lie: the more, the less each costs."""
    messages = [line for _, lines in objects for line in lines]
    where = _where(messages)
    kinds = np.full(len(messages), KINDS.index(UNDECODABLE))
    alike: dict[bytes, list[int]] = {}
    for number, line in enumerate(messages):
        alike.setdefault((line.value or b"")[:HEADER_BYTES], []).append(number)
    for header, numbers in alike.items():
        _of_one_schema(header, np.array(numbers), messages, where, kinds, found)
    found.undecodable += int(np.count_nonzero(kinds == KINDS.index(UNDECODABLE)))
    objects_of = pl.concat(
        pl.select(raw_object=pl.repeat(one.name, len(lines)), day=pl.repeat(one.day, len(lines)))
        for one, lines in objects
    )
    kind = pl.Series("kind", KINDS).gather(kinds)
    found.seen.append(pl.concat([objects_of, where, kind.to_frame()], how="horizontal"))


def _where(messages: list[RawMessage]) -> pl.DataFrame:
    """POSITION of each."""
    columns: dict[str, list[Any]] = {
        "topic": [line.topic for line in messages],
        "partition": [line.partition for line in messages],
        "offset": [line.offset for line in messages],
        "appended_at": [1000 * line.appended_at_ms for line in messages],
    }
    return pl.DataFrame(columns, schema_overrides={"partition": pl.Int64, "offset": pl.Int64}).with_columns(
        pl.col("appended_at").cast(POSITION["appended_at"])
    )


def _of_one_schema(
    header: bytes, numbers: Ints, messages: list[RawMessage], where: pl.DataFrame, kinds: Ints, found: Decoded
) -> None:
    schema = by_header().get(header)
    condition = None if schema is None or schema is not newest(schema.record) else accepted(schema.record)
    if schema is not None and condition is not None:
        rows, known = side_by_side([messages[number].value or b"" for number in numbers], schema)
        known &= rows.select(condition).to_series().to_numpy()
        events = pl.concat([rows, where[numbers]], how="horizontal").filter(known)
        kinds[numbers[known]] = KINDS.index(EVENT)
        if schema.record == "RouteHeartbeat":
            is_beat = events["origin"].is_null().to_numpy()
            kinds[numbers[known]] = np.where(is_beat, KINDS.index(CLOCK_BEAT), KINDS.index(HEARTBEAT))
            events = events.filter(~is_beat)
        table = TABLE_OF[schema.record]
        late = events.with_columns(is_late=pl.lit(value=False)).select(list(CLEAN_TABLES[table].columns))
        found.frames.setdefault(table, []).append(late)
        numbers = numbers[~known]
    for number in numbers:
        kinds[number] = KINDS.index(_one_by_one(messages[number], found))


def _one_by_one(line: RawMessage, found: Decoded) -> str:
    """What is rare, and what may be no event at all."""
    try:
        event = decode(line.value)
    except InvalidMessage:
        return UNDECODABLE
    kind = _kind(event)
    if kind is not CLOCK_BEAT:
        where = (line.topic, line.partition, line.offset, 1000 * line.appended_at_ms)
        found.rows.setdefault(TABLE_OF[type(event).__name__], []).append(_row(event, where))
    return kind


def _kind(event: Event) -> str:
    if not isinstance(event, RouteHeartbeat):
        return EVENT
    return CLOCK_BEAT if event.origin is None else HEARTBEAT


def _row(event: Event, where: Row) -> Row:
    values = msgspec.structs.astuple(event)
    if isinstance(event, FlightStatus):
        return (*values[:-2], *_outcome(event.before), *_outcome(event.after), *where, False)
    if isinstance(event, DeadLetter | LateEvent):
        return (*msgspec.structs.astuple(msgspec.structs.replace(event, topic=_short(event.topic))), *where)
    return (*values, *where, False)


def _outcome(outcome: FlightOutcome | None) -> Row:
    return (None,) * _OUTCOME_FIELDS if outcome is None else msgspec.structs.astuple(outcome)


def _short(topic: str) -> str:
    """As in raw lines, without its stage."""
    return topic.rpartition(".")[2]


def _kpi_rows(lines: list[RawKpiRecord], found: Decoded) -> None:
    rows = found.rows.setdefault("kpi_row", [])
    for line in lines:
        try:
            unpacked = unpack_rows(line.data)
        except InvalidRow:
            found.undecodable += 1
            continue
        arrived = (1000 * line.arrived_at_ms, line.shard, line.sequence_number)
        for row in unpacked:
            scope, entity, window, at_ms, revision, ingested_at_ms, *rest = flat(row)
            head = (scope, entity, window, 1000 * int(at_ms), revision, 1000 * int(ingested_at_ms))
            rows.append((*head, *arrived, *rest))


def _light_changes(lines: Iterable[Any], found: Decoded) -> None:
    rows = found.rows.setdefault("light_change", [])
    for line in lines:
        try:
            rows.append(light_change(line))
        except InvalidMessage:
            found.undecodable += 1


def table_of(rows: list[Row], columns: dict[str, pa.DataType]) -> pa.Table:
    """Rows as columns. By pyarrow: an instant takes it 1 µs, Polars 1.5, and a list of carriers 0.25 instead of 8."""
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    arrays = [pa.array(column, type=dtype) for column, dtype in zip(values, columns.values(), strict=True)]
    return pa.table(arrays, names=list(columns))


def arrow_columns(table: str) -> dict[str, pa.DataType]:
    """The columns of a clean table for pyarrow."""
    schema = pl.DataFrame(schema=CLEAN_TABLES[table].columns).to_arrow().schema
    return {field.name: field.type for field in schema}
