"""Raw lines: how what moved lies in S3 "STO Raw", one JSON object a line, exactly as it was received.

An object is `topic=<topic>/date=<YYYY-MM-DD>/<name>`, of the day (UTC) it was delivered; plain or gzip. `topic` is a
name of `schemas/topics.py` without its stage, or one of KPI_STREAM, LIGHT_LOG and BOOKING. Delivery is at least once: a
line may stand there twice, never half.
"""

import gzip
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from schemas.errors import InvalidMessage

KPI_STREAM: Final = "route-kpis"
LIGHT_LOG: Final = "light-log"
BOOKING: Final = "booking"

PARTIAL_SUFFIX: Final = ".partial"
"""Ends the name of a file that is being written, so that neither a list nor a pattern such as *.parquet finds it."""

_GZIP: Final = b"\x1f\x8b"


class RawMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message of a topic. `appended_at_ms` is the brokers' append time, `value` None for a tombstone."""

    topic: str
    partition: int
    offset: int
    appended_at_ms: int
    key: bytes | None = None
    value: bytes | None = None

    @property
    def position(self) -> tuple[str, int, int]:
        """Where it stood: topic, partition, offset."""
        return (self.topic, self.partition, self.offset)


class RawKpiRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A record of the KPI stream; `data` is what `schemas.rows.unpack_rows` reads."""

    shard: str
    sequence_number: str
    arrived_at_ms: int
    data: bytes


class RawLightLog(msgspec.Struct, frozen=True, kw_only=True):
    """An item of the light log as it stood after a change, its attributes plain (`alerts/items.py` names them).

    The newest by `sequence_number` (a decimal number) of a key (`entity`, `sk`) is how it stands.
    """

    sequence_number: str
    changed_at_ms: int
    item: dict[str, Any]


class RawBookingRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the booking system as an ETL read it, masked: `table` is the clean table's, `row` has its columns.

    The one of the newest `read_below` of a key is how it stands.
    """

    table: str
    read_below: int
    """The database's transactions before this one are in what that ETL read, or in what was read before it."""
    row: dict[str, Any]


RawLine = RawMessage | RawKpiRecord | RawLightLog | RawBookingRow

_encoder = msgspec.json.Encoder()
_decoders: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    KPI_STREAM: msgspec.json.Decoder(RawKpiRecord),
    LIGHT_LOG: msgspec.json.Decoder(RawLightLog),
    BOOKING: msgspec.json.Decoder(RawBookingRow),
}
_message_decoder: Final = msgspec.json.Decoder(RawMessage)


def raw_line(line: RawLine) -> bytes:
    """One line, its newline included."""
    return _encoder.encode(line) + b"\n"


def read_lines(topic: str, data: bytes) -> Iterator[Any]:
    """The lines of an object of a topic, in order: RawMessage, RawKpiRecord, RawLightLog or RawBookingRow by topic.

    Raises InvalidMessage naming the line that is none.
    """
    decoder = _decoders.get(topic, _message_decoder)
    for number, line in enumerate(plain(data).split(b"\n"), start=1):
        if line:
            try:
                yield decoder.decode(line)
            except msgspec.DecodeError as error:
                raise InvalidMessage(f"line {number}: not a raw line of {topic}: {error}") from error


def plain(data: bytes) -> bytes:
    """An object's text, whether it is compressed or not; OSError or EOFError if it is half of one."""
    return gzip.decompress(data) if data[:2] == _GZIP else data


def prefix(topic: str, date: str) -> str:
    """Where objects of a topic and a day (`YYYY-MM-DD`, or Firehose's `!{timestamp:yyyy-MM-dd}`) lie."""
    return f"topic={topic}/date={date}/"


def delivery_stream(stage: str, topic: str) -> str:
    """The Firehose stream that brings a topic's lines to the bucket."""
    return f"semaforo-{stage}-raw-{topic}"


def objects_of(lines: Iterable[bytes], largest: int) -> Iterator[bytes]:
    """Lines joined to objects of at most `largest` bytes; a longer line has one of its own."""
    waiting: list[bytes] = []
    size = 0
    for line in lines:
        if waiting and size + len(line) > largest:
            yield b"".join(waiting)
            waiting, size = [], 0
        waiting.append(line)
        size += len(line)
    if waiting:
        yield b"".join(waiting)
