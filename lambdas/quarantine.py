"""Where records of the stream go that can never be processed: a queue, with all that is needed to find out why."""

import base64
import json
from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from alerts.entity import Defect
from lambdas.batch import StreamRecord

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

MOST_BYTES: Final = 180_000
"""Every SQS queue takes 256 KiB of text; base64 makes 4 characters of 3 bytes. A record of 250 rows has about 85 KB;
a larger one is cut, and its sequence number says where the whole of it is."""
MOST_DEFECTS: Final = 20
"""Of one batch. A defect of ours meets every record: a few show it, and a queue full of good records hides the rest.
Nothing is lost with the others, for the next row of an entity carries its whole window again."""
_REASON_CHARACTERS: Final = 2_000

Poison = Mapping[int, tuple[StreamRecord, str]]
"""Records that cannot be processed and why, by position in the batch."""


def poison(batch: Sequence[StreamRecord], defects: Sequence[Defect], done: Container[int]) -> Poison:
    """What is to be quarantined of a batch: unreadable records, and those with rows that no rule could judge.

    Only of those that are `done`: what is delivered again is judged again.
    """
    found = {n: (record, record.problem) for n, record in enumerate(batch) if record.problem and n in done}
    defective = {defect.record: defect.reason for defect in reversed(defects) if defect.record in done}
    return {**{n: (batch[n], defective[n]) for n in sorted(defective)[:MOST_DEFECTS]}, **found}


class Quarantine:
    """The quarantine queue."""

    def __init__(self, sqs: "SQSClient", queue_url: str) -> None:
        self._sqs = sqs
        self._queue_url = queue_url

    def put_all(self, records: Poison) -> dict[int, str]:
        """Keep each record; those that could not be kept, with the reason, must be delivered again."""
        failed = {}
        for number, (record, reason) in records.items():
            try:
                self._sqs.send_message(QueueUrl=self._queue_url, MessageBody=_body(record, reason))
            except (ClientError, BotoCoreError) as error:
                failed[number] = f"SQS: {error}"
        return failed


def _body(record: StreamRecord, reason: str) -> str:
    shard, _, _ = record.raw["eventID"].partition(":")
    body = {
        "stream": record.raw["eventSourceARN"],
        "shard": shard,
        "sequence_number": record.sequence_number,
        "partition_key": record.raw["kinesis"]["partitionKey"],
        "reason": reason[:_REASON_CHARACTERS],
        "data": base64.b64encode(record.data[:MOST_BYTES]).decode(),
        "bytes": len(record.data),
    }
    # ASCII: SQS refuses some characters, and what it refuses would be delivered again for ever.
    return json.dumps(body)
