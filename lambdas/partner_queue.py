"""Messages of partners who speak no Kafka → events on the topics.

A message is one JSON object: a line of a file, or one event (see `producers/sources/files/message.py`). What cannot be
read is reported like what could not be sent. Only those come again; what still fails after the attempts of the queue
ends in its dead-letter queue, where a person finds it.
"""

import json
from functools import cache
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from lambdas.feed_settings import KafkaSettings
from lambdas.kafka_sender import KafkaSender, latest_event_at
from producers.errors import EventRefused
from producers.sources.files.line import Defaults, LineError
from producers.sources.files.message import events_of_message
from schemas.errors import SemaforoError

SOURCE: Final = "partner-queue"


@cache
def worker() -> KafkaSender:
    """Made at the first invocation; a wrong setting fails it with its name."""
    return KafkaSender(KafkaSettings.read())


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The entry point AWS Lambda calls: never raises for what is inside a message."""
    return process(event["Records"], worker())


def process(records: list[dict[str, Any]], sender: KafkaSender) -> dict[str, Any]:
    """The answer to SQS. Each message waits for its own acknowledgement, so it is known which of them failed; where
    brokers failed once, the rest of the batch is not tried, for each would wait as long as the first."""
    failed: dict[str, str] = {}
    away = ""
    for record in records:
        try:
            events = events_of_message(record["body"], Defaults(source=SOURCE), latest_event_at())
        except LineError as error:
            failed[record["messageId"]] = f"{error.field} {error.reason}".strip()
            continue
        if not away:
            try:
                sender.send(events)
                continue
            except EventRefused as error:
                failed[record["messageId"]] = str(error)
                continue
            except (SemaforoError, ClientError, BotoCoreError) as error:
                away = f"{type(error).__name__}: {error}"
        failed[record["messageId"]] = away
    for message, reason in failed.items():
        print(json.dumps({"message": message, "failed": reason}))
    print(json.dumps({"messages": len(records), "failed": len(failed)}))
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}
