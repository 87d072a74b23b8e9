"""What AWS tells an on-failure queue of records that were given up: where they are, not what they hold.

AWS Lambda Developer Guide, "Retain discarded batch records for a Kinesis Data Streams event source in Lambda". AWS may
put several of them into one message; here each piece that is given up is one.
"""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.kinesis_mapping import KinesisMapping
from tests.kinesis_poller import Discarded, arrived_at, sequence_number


def on_failure_queue(sqs: Any, mapping: KinesisMapping) -> Callable[[Discarded], None]:
    """Sends to the queue the mapping names; nothing is sent where it names none."""
    if mapping.on_failure_queue is None:
        return lambda _: None
    url = sqs.get_queue_url(QueueName=mapping.on_failure_queue)["QueueUrl"]
    return lambda discarded: sqs.send_message(QueueUrl=url, MessageBody=json.dumps(message(discarded, mapping)))


def message(discarded: Discarded, mapping: KinesisMapping) -> dict[str, Any]:
    """The document as AWS words it."""
    first, last = discarded.records[0], discarded.records[-1]
    stream_arn = first["eventSourceARN"]
    _, _, _, region, account, _ = stream_arn.split(":", 5)
    told: dict[str, Any] = {
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": f"arn:aws:lambda:{region}:{account}:function:{mapping.function}",
            "condition": discarded.condition,
            "approximateInvokeCount": discarded.invocations,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "version": "1.0",
        "timestamp": _instant(datetime.now(UTC)),
        "KinesisBatchInfo": {
            "shardId": first["eventID"].partition(":")[0],
            "startSequenceNumber": sequence_number(first),
            "endSequenceNumber": sequence_number(last),
            "approximateArrivalOfFirstRecord": _instant(arrived_at(first)),
            "approximateArrivalOfLastRecord": _instant(arrived_at(last)),
            "batchSize": len(discarded.records),
            "streamArn": stream_arn,
        },
    }
    if not discarded.invocations:
        del told["responseContext"]
    elif discarded.raised:
        told["responseContext"]["functionError"] = "Unhandled"
    return told


def _instant(at: datetime) -> str:
    """ "2019-11-14T00:38:04.835Z"."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
