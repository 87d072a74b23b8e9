"""KPI rows as they travel on the Kinesis stream: packed, positional, checked on reading.

One stream record is `{"v":2,"n":48,"rows":[[scope, entity, window, at_ms, revision, ingested_at_ms, events,
[measures…], flown_by], …]}` in MessagePack. The job writes it (`RowPacker.java`); everything else reads it through
`unpack_rows`. `flown_by` is a text like "B6,DL" and stands only in 24 h rows of routes, if anybody flies there.
Version 1 is the same in JSON: what stands in tables, and what jobs wrote before.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

import msgspec

from schemas.errors import InvalidRow
from schemas.measures import MEASURE_NAMES, POSITION

Scope = Literal["route", "airport", "carrier"]
Window = Literal["3h", "24h", "7d", "28d"]

SCOPES: Final[tuple[Scope, ...]] = ("route", "airport", "carrier")
WINDOW_LENGTH: Final[dict[Window, timedelta]] = {
    "3h": timedelta(hours=3),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "28d": timedelta(days=28),
}
WINDOWS_OF_SCOPE: Final[dict[Scope, tuple[Window, ...]]] = {
    "route": ("24h", "7d", "28d"),
    "airport": ("3h", "24h"),
    "carrier": ("3h", "24h"),
}
PACKED_VERSION: Final = 2
JSON_VERSION: Final = 1

# One column a value, measures by name, instants in epoch milliseconds: how rows lie in a table.
FLAT_COLUMNS: Final[dict[str, type[str] | type[int]]] = {
    **dict.fromkeys(("scope", "entity", "window"), str),
    **dict.fromkeys(("at_ms", "revision", "ingested_at_ms", "events", *MEASURE_NAMES), int),
    "flown_by": str,
}


class KpiRow(msgspec.Struct, frozen=True):
    """The measures of one entity over the trailing window (at - length, at].

    `entity` is "JFK-LAX", "JFK" or "B6" by `scope`. `events` counts the events in the window (route heartbeats
    included). `ingested_at` is the newest Kafka append time in the newest pane: the start of every latency figure.
    A row replaces another of the same (scope, entity, window, at) if its `revision` is higher.
    `flown_by`: who had a flight's event in the window or was named by the route's heartbeat, in order; only in 24 h
    rows of routes, else nobody.
    """

    scope: Scope
    entity: str
    window: Window
    at: datetime
    revision: int
    ingested_at: datetime
    events: int
    measures: tuple[int, ...]
    flown_by: tuple[str, ...] = ()

    def __getitem__(self, measure: str) -> int:
        """The value of a measure by name; KeyError if there is no such measure."""
        return self.measures[POSITION[measure]]

    @property
    def key(self) -> tuple[Scope, str, Window]:
        """What the row is about: rows of one key are ordered by (at, revision)."""
        return (self.scope, self.entity, self.window)


class _PackedRow(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    scope: Scope
    entity: str
    window: Window
    at_ms: int
    revision: int
    ingested_at_ms: int
    events: int
    measures: tuple[int, ...]
    flown_by: str = ""


class _Packed(msgspec.Struct, forbid_unknown_fields=True):
    v: int
    n: int
    rows: list[_PackedRow]


_decoder = msgspec.msgpack.Decoder(_Packed)
_json_decoder = msgspec.json.Decoder(_Packed)


def pack_rows(rows: Iterable[KpiRow]) -> bytes:
    """Rows as one stream record. The job does this in Java; tests, backtests and simulations do it here."""
    return msgspec.msgpack.encode(_packed(rows, PACKED_VERSION))


def rows_json(rows: Iterable[KpiRow]) -> bytes:
    """Rows as text, for where they are kept; `unpack_rows` reads it too."""
    return msgspec.json.encode(_packed(rows, JSON_VERSION))


def _packed(rows: Iterable[KpiRow], version: int) -> dict[str, object]:
    packed = [
        (*_head(row), row.measures, ",".join(row.flown_by)) if row.flown_by else (*_head(row), row.measures)
        for row in rows
    ]
    return {"v": version, "n": len(MEASURE_NAMES), "rows": packed}


def flat(row: KpiRow) -> tuple[str | int, ...]:
    """A row as the values of FLAT_COLUMNS, in their order: for tables and Parquet."""
    return (*_head(row), *row.measures, ",".join(row.flown_by))


def ends_of(route: str) -> list[str]:
    """ "JFK-LAX" starts and ends at these airports."""
    return route.split("-")


def _head(row: KpiRow) -> tuple[Scope, str, Window, int, int, int, int]:
    return (row.scope, row.entity, row.window, to_ms(row.at), row.revision, to_ms(row.ingested_at), row.events)


def unpack_rows(data: bytes) -> list[KpiRow]:
    """The rows of one stream record or text, in order.

    A writer that knows fewer measures than this reader is an older release: the missing ones are zero. One that knows
    more is a newer release: the extra ones are ignored. Raises InvalidRow for anything else that is not a row.
    """
    is_json = data.lstrip()[:1] == b"{"
    decoder, version = (_json_decoder, JSON_VERSION) if is_json else (_decoder, PACKED_VERSION)
    try:
        packed = decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRow(f"not packed KPI rows: {error}") from error
    if packed.v != version:
        raise InvalidRow(f"packed version {packed.v}, this release reads {version} there")
    return [_row(fields, packed.n) for fields in packed.rows]


def _row(packed: _PackedRow, width: int) -> KpiRow:
    scope, entity, window, measures = packed.scope, packed.entity, packed.window, packed.measures
    if len(measures) != width:
        raise InvalidRow(f"{scope} {entity}: {len(measures)} measures, the record promises {width}")
    if window not in WINDOWS_OF_SCOPE[scope]:
        raise InvalidRow(f"{scope} {entity}: no window {window} in this scope")
    try:
        at, ingested_at = from_ms(packed.at_ms), from_ms(packed.ingested_at_ms)
        flown_by = _carriers(packed.flown_by) if packed.flown_by else ()
    except OverflowError as error:
        raise InvalidRow(f"{scope} {entity}: time out of range: {error}") from error
    except ValueError as error:
        raise InvalidRow(f"{scope} {entity}: {error}") from error
    return KpiRow(scope, entity, window, at, packed.revision, ingested_at, packed.events, _fit(measures), flown_by)


_CARRIERS: Final = re.compile(r"[A-Z0-9]{2}(,[A-Z0-9]{2}){0,1295}", re.ASCII)
"""As many as there are codes: what comes from a stream is bounded, but all that the job can write is read."""


@lru_cache(maxsize=4096)
def _carriers(text: str) -> tuple[str, ...]:
    """Of "B6,DL". The same few texts come again with every row: 0.05 µs instead of 1. Raises ValueError."""
    if not _CARRIERS.fullmatch(text):
        raise ValueError(f"flown_by is no list of IATA airline codes: {text[:40]!r}")
    return tuple(text.split(","))


def _fit(measures: Sequence[int]) -> tuple[int, ...]:
    missing = len(MEASURE_NAMES) - len(measures)
    return (*measures, *(0,) * missing) if missing > 0 else tuple(measures[: len(MEASURE_NAMES)])


def to_ms(instant: datetime) -> int:
    """Milliseconds since the epoch, exact (no float on the way)."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def from_ms(milliseconds: int) -> datetime:
    """The UTC instant; OverflowError outside the years 1 to 9999."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
