"""Invokes a function with what comes on flight-status, as Lambda's mapping for MSK does; the local cloud has none.

    python -m deploy.local.kafka_mapping FUNCTION

At least once and in order: the offsets of a batch are committed when the function has returned; one that fails gets the
same batch again. Stops at SIGTERM.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from confluent_kafka import Consumer, KafkaError, KafkaException, Message

from schemas.topics import topic_name

TOPIC: Final = "flight-status"
GROUP: Final = "flights-table"
BATCH_RECORDS: Final = 500
WAIT_SECONDS: Final = 0.2
AGAIN_SECONDS: Final = 1.0
LONGEST_CALL_SECONDS: Final = 65  # the function's own limit is 60


def as_event(messages: Sequence[Message], bootstrap: str) -> dict[str, Any]:
    """The event Lambda makes of messages from MSK: records by "topic-partition", keys and values in base64."""
    records: dict[str, list[dict[str, Any]]] = {}
    for message in messages:
        kind, timestamp = message.timestamp()
        record: dict[str, Any] = {
            "topic": message.topic(),
            "partition": message.partition(),
            "offset": message.offset(),
            "timestamp": timestamp,
            "timestampType": "LOG_APPEND_TIME" if kind == 2 else "CREATE_TIME",
            "headers": [],
        }
        for name, content in (("key", message.key()), ("value", message.value())):
            if content is not None:
                raw = content.encode() if isinstance(content, str) else content
                record[name] = base64.b64encode(raw).decode()
        records.setdefault(f"{message.topic()}-{message.partition()}", []).append(record)
    return {"eventSource": "aws:kafka", "bootstrapServers": bootstrap, "records": records}


class KafkaMapping:
    """One topic to one function."""

    def __init__(self, function: str, stage: str, bootstrap: str) -> None:
        self._function = function
        self._bootstrap = bootstrap
        self._stopping = threading.Event()
        config = Config(read_timeout=LONGEST_CALL_SECONDS, retries={"total_max_attempts": 1})
        self._lambda = boto3.client("lambda", config=config)
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": f"{stage}.{GROUP}",
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
            }
        )
        self._consumer.subscribe([topic_name(stage, TOPIC)])

    def stop(self) -> None:
        """Let `run` return after the batch under way."""
        self._stopping.set()

    def run(self) -> None:
        """Until `stop`."""
        try:
            while not self._stopping.is_set():
                messages = [m for m in self._consumer.consume(BATCH_RECORDS, WAIT_SECONDS) if _is_message(m)]
                if messages and self._deliver(messages):
                    self._commit(messages)
        finally:
            self._consumer.close()

    def _deliver(self, messages: Sequence[Message]) -> bool:
        """Invoke until the function succeeds; False if told to stop before."""
        payload = json.dumps(as_event(messages, self._bootstrap)).encode()
        while not self._stopping.is_set():
            try:
                answer = self._lambda.invoke(FunctionName=self._function, Payload=payload)
                if "FunctionError" not in answer:
                    return True
                print(f"{self._function}: {answer['Payload'].read(2_000).decode(errors='replace')}", flush=True)
            except (ClientError, BotoCoreError) as error:
                print(f"{self._function}: {error}", flush=True)
            self._stopping.wait(AGAIN_SECONDS)
        return False

    def _commit(self, messages: Sequence[Message]) -> None:
        try:
            # Without a message it would commit what was consumed; the same here, since all of it was delivered.
            self._consumer.commit(asynchronous=False)
        except KafkaException as error:
            # Delivered again after a restart or a new assignment, which changes nothing in the table.
            print(f"{len(messages)} messages not committed: {error}", flush=True)


def _is_message(message: Message) -> bool:
    error = message.error()
    if error is None:
        return True
    if error.code() != KafkaError._PARTITION_EOF:
        print(error.str(), flush=True)
    return False


def main(function: str, environment: Mapping[str, str] = os.environ) -> None:
    """Run the mapping of the stage and brokers in the environment until SIGTERM."""
    mapping = KafkaMapping(function, environment["SEMAFORO_STAGE"], environment["SEMAFORO_KAFKA_BOOTSTRAP"])
    signal.signal(signal.SIGTERM, lambda _number, _frame: mapping.stop())
    mapping.run()


if __name__ == "__main__":
    main(sys.argv[1])
