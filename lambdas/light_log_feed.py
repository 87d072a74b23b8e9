"""DynamoDB stream of the light log → raw lines → Firehose: at least once, in any order, by sequence number.

Entries that Firehose did not take in the tries it is given are reported by the lowest sequence number, so that the
stream delivers again from there.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import boto3

from lambdas.settings import LightLogFeedSettings
from schemas.errors import Transient
from schemas.raw import RawLightLog, raw_line

if TYPE_CHECKING:
    from mypy_boto3_firehose import FirehoseClient

LARGEST_RECORD: Final = 1_000 * 1024
RECORDS_A_CALL: Final = 4
"""Firehose's quotas: 1,000 KiB a record, 4 MiB a call."""

TRIES: Final = 4
FIRST_WAIT_SECONDS: Final = 0.1
"""0.7 s in all: a delivery stream that is over its rate is free again within a second."""


class Packed(NamedTuple):
    """Lines of neighbours in one Firehose record, and the sequence number of the first."""

    sequence_number: str
    data: bytes


@cache
def _parts() -> tuple["FirehoseClient", LightLogFeedSettings]:
    """Made at the first invocation; a wrong setting fails it with its name."""
    return boto3.client("firehose"), LightLogFeedSettings.read(os.environ)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The entry point AWS Lambda calls."""
    client, settings = _parts()
    failed = put_all(client, settings.light_log_delivery, packed(event["Records"]))
    if failed and settings.partial_failures == "raise":
        raise Transient(f"{settings.light_log_delivery} did not take entries from {failed} on")
    return {"batchItemFailures": [{"itemIdentifier": failed}] if failed else []}


def packed(records: Sequence[Mapping[str, Any]]) -> list[Packed]:
    """The lines of a batch in its order, as few records as Firehose's limit allows. A removed entry has no line."""
    found: list[Packed] = []
    for record in records:
        change = record["dynamodb"]
        if "NewImage" not in change:
            continue
        line = raw_line(
            RawLightLog(
                sequence_number=change["SequenceNumber"],
                changed_at_ms=round(float(change["ApproximateCreationDateTime"]) * 1000),
                item={name: plain(value) for name, value in change["NewImage"].items()},
            )
        )
        if found and len(found[-1].data) + len(line) <= LARGEST_RECORD:
            found[-1] = Packed(found[-1].sequence_number, found[-1].data + line)
        else:
            found.append(Packed(change["SequenceNumber"], line))
    return found


def put_all(
    client: "FirehoseClient", stream: str, records: Sequence[Packed], sleep: Callable[[float], None] = time.sleep
) -> str | None:
    """Put them; the lowest sequence number that was not taken, or None."""
    left = list(records)
    for attempt in range(TRIES):
        if attempt:
            sleep(FIRST_WAIT_SECONDS * 2 ** (attempt - 1))
        left = [one for start in range(0, len(left), RECORDS_A_CALL) for one in _refused(client, stream, left, start)]
        if not left:
            return None
    return left[0].sequence_number


def _refused(client: "FirehoseClient", stream: str, records: Sequence[Packed], start: int) -> list[Packed]:
    some = records[start : start + RECORDS_A_CALL]
    answer = client.put_record_batch(DeliveryStreamName=stream, Records=[{"Data": one.data} for one in some])
    said = zip(some, answer["RequestResponses"], strict=True)
    return [one for one, response in said if "ErrorCode" in response]


def plain(value: Mapping[str, Any]) -> Any:
    """An attribute of DynamoDB without its type; whole numbers stay whole, binary stays base64."""
    (kind, held), *_ = value.items()
    if kind == "NULL":
        return None
    if kind == "N":
        return _number(held)
    if kind == "NS":
        return [_number(one) for one in held]
    if kind == "L":
        return [plain(one) for one in held]
    if kind == "M":
        return {name: plain(one) for name, one in held.items()}
    return held


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)
