"""A Lambda Kinesis event to rows, and what was not processed to the answer AWS (or the local cloud) understands."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from schemas.errors import InvalidMessage, InvalidRow, Transient
from schemas.rows import KpiRow, unpack_rows

LARGEST_MEASURE: Final = 2**53
"""What any reader of JSON holds exactly; the seat-km of all airlines in 28 days are 2**40. Sums of such fit 64 bits."""
ENTITY_CHARACTERS: Final = 16
"""Two airports and a hyphen take 7; DynamoDB refuses keys beyond 2,048 bytes, and with them the whole request."""


_NAME: Final = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)?")
"""Letters and digits alone: a name goes into messages, tables and file exports, and must be no formula anywhere."""


class StreamRecord(msgspec.Struct, frozen=True):
    """One record of the event: as it came, its bytes, its rows; `problem` says why there are none."""

    raw: Any
    data: bytes
    rows: list[KpiRow]
    problem: str = ""

    @property
    def sequence_number(self) -> str:
        """Its place in the shard."""
        number: str = self.raw["kinesis"]["sequenceNumber"]
        return number


def read_batch(event: Mapping[str, Any]) -> list[StreamRecord]:
    """The records of a Kinesis event, in their order. Never raises for what is inside a record."""
    return [_read(raw) for raw in event["Records"]]


def respond(
    batch: Sequence[StreamRecord], failed: Mapping[int, str], partial_failures: Literal["report", "raise"]
) -> dict[str, Any]:
    """The answer: deliver again from the lowest failed record on; raises Transient where reports are ignored."""
    if not failed:
        return {"batchItemFailures": []}
    lowest = min(failed)
    if partial_failures == "raise":
        raise Transient(f"{len(failed)} of {len(batch)} records not processed; {failed[lowest]}")
    return {"batchItemFailures": [{"itemIdentifier": batch[lowest].sequence_number}]}


def done_with(
    batch: Sequence[StreamRecord], failed: Mapping[int, str], partial_failures: Literal["report", "raise"]
) -> range:
    """The records that will not be delivered again."""
    if not failed:
        return range(len(batch))
    return range(0 if partial_failures == "raise" else min(failed))


def _read(raw: Any) -> StreamRecord:
    try:
        data = base64.b64decode(raw["kinesis"]["data"], validate=True)
    except binascii.Error as error:
        return StreamRecord(raw, raw["kinesis"]["data"].encode(), [], f"not base64: {error}")
    try:
        rows = unpack_rows(data)
        for row in rows:
            _check(row)
    except InvalidMessage as error:
        return StreamRecord(raw, data, [], error.reason)
    return StreamRecord(raw, data, rows)


def _check(row: KpiRow) -> None:
    """What is a row by its form, and could still not be stored."""
    if len(row.entity) > ENTITY_CHARACTERS or not _NAME.fullmatch(row.entity):
        raise InvalidRow(f"{row.scope} {row.entity[:ENTITY_CHARACTERS]!r}: not the name of an entity")
    if max(abs(number) for number in (min(row.measures), max(row.measures), row.revision)) > LARGEST_MEASURE:
        raise InvalidRow(f"{row.scope} {row.entity}: a number beyond 2**53")
