"""Those who listen while the demo runs: a reader of the KPI stream and a subscriber of the alerts, each a thread."""

from __future__ import annotations

import json
import queue
import threading
import time
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec

from deploy.local.cloud import LocalCloud
from schemas.lights import Alert
from schemas.rows import KpiRow, unpack_rows

POLL_SECONDS: Final = 0.1
"""Between looks at an idle shard: the reader is for the record, not for speed, and shares the cores."""


class Received(NamedTuple):
    """An alert, when the subscriber had it (wall clock, UTC), and the message as it came."""

    alert: Alert
    received_at: datetime
    message: dict[str, Any]

    @classmethod
    def of(cls, message: dict[str, Any], received_at: datetime) -> Received:
        """Out of the envelope that SNS puts around its text. Raises msgspec.ValidationError if that is no alert."""
        return cls(msgspec.json.decode(message["Message"], type=Alert), received_at, message)

    @property
    def latency_ms(self) -> float:
        """From the append of the newest event behind it in Kafka to the subscriber."""
        return (self.received_at - self.alert.transition.ingested_at).total_seconds() * 1000


class StreamRecord(NamedTuple):
    """A record's rows, and when the stream took it, by its own clock, to the millisecond."""

    stored_at: datetime
    rows: list[KpiRow]


class _Listener(threading.Thread):
    """A thread that stops when asked and hands on what stopped it before that."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._stopping = threading.Event()
        self._error: BaseException | None = None
        self.newest_at = time.monotonic()

    def run(self) -> None:
        try:
            while not self._stopping.is_set():
                self.listen()
        except BaseException as error:
            self._error = error

    def listen(self) -> None:
        """One look."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise what stopped the listener, if anything did."""
        if self._error is not None:
            raise self._error

    def quiet_seconds(self) -> float:
        """How long nothing new has come."""
        return time.monotonic() - self.newest_at

    def finish(self) -> None:
        """Stop listening."""
        self._stopping.set()
        self.join(timeout=30)
        self.check()


class StreamReader(_Listener):
    """Every row of the KPI stream, from its beginning."""

    def __init__(self, cloud: LocalCloud, stream: str) -> None:
        super().__init__("kpi-stream")
        self.records: list[StreamRecord] = []
        self.reached_at: datetime | None = None
        self._kinesis = cloud.client("kinesis")
        shards = self._kinesis.list_shards(StreamName=stream)["Shards"]
        self._iterators = {
            shard["ShardId"]: self._kinesis.get_shard_iterator(
                StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            for shard in shards
        }

    @property
    def rows(self) -> list[KpiRow]:
        """All that were read, in the order of each shard."""
        return [row for record in self.records for row in record.rows]

    def listen(self) -> None:
        """All shards once; a pause if none had anything."""
        found = False
        for shard, iterator in self._iterators.items():
            answer = self._kinesis.get_records(ShardIterator=iterator, Limit=1000)
            self._iterators[shard] = answer["NextShardIterator"]
            for record in answer["Records"]:
                rows = unpack_rows(record["Data"])
                self.records.append(StreamRecord(record["ApproximateArrivalTimestamp"], rows))
                newest = max((row.at for row in rows), default=None)
                if newest and (self.reached_at is None or newest > self.reached_at):
                    self.reached_at = newest
                found = True
        if found:
            self.newest_at = time.monotonic()
        else:
            self._stopping.wait(POLL_SECONDS)


class Subscriber(_Listener):
    """The alerts as a subscriber of the SNS topic gets them, each handed on once through `arrivals`."""

    def __init__(self, cloud: LocalCloud, queue_url: str) -> None:
        super().__init__("subscriber")
        self.arrivals: queue.SimpleQueue[Received] = queue.SimpleQueue()
        self.received: dict[str, Received] = {}
        self.repeated = 0
        self._sqs = cloud.client("sqs")
        self._queue_url = queue_url

    def listen(self) -> None:
        """One long poll."""
        answer = self._sqs.receive_message(QueueUrl=self._queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        received_at = datetime.now(UTC)
        for message in answer.get("Messages", []):
            envelope = json.loads(message["Body"])
            if not _is_advice(envelope):
                self._take(Received.of(envelope, received_at))
            self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
            self.newest_at = time.monotonic()

    def _take(self, received: Received) -> None:
        if received.alert.alert_id in self.received:
            self.repeated += 1
        else:
            self.received[received.alert.alert_id] = received
            self.arrivals.put(received)


def _is_advice(envelope: dict[str, Any]) -> bool:
    """What follows an alert on the same topic, where a stage has advice."""
    return bool(envelope.get("MessageAttributes", {}).get("kind", {}).get("Value") == "advice")
