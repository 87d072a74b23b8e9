"""The forwarder as a part of the stack: its start, its end, and the wait till it has stored all that is there."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from confluent_kafka import KafkaException, TopicPartition

from deploy.errors import PartError
from deploy.local.forwarder import consumer, partitions
from deploy.local.kpi_shards import created_at_of, remembered
from deploy.local.processes import POLL_SECONDS, PidFiles

PART: Final = "forwarder"
STOP_SECONDS: Final = 10.0
"""For a last delivery at SIGTERM; what it does not deliver it reads again at its next start."""


class RawFeed:
    """The forwarder of one stack; how far it came in the KPI stream lies in `<state>/forwarder`."""

    def __init__(self, state_dir: Path) -> None:
        self._pids = PidFiles(state_dir)
        self._positions = state_dir / "forwarder" / "kpi-stream.json"

    def launch(self, env: Mapping[str, str], stream: str, bucket: str) -> None:
        """Start the process if it does not run."""
        if self.is_running():
            return
        settings = {
            "SEMAFORO_KPI_STREAM": stream,
            "SEMAFORO_RAW_BUCKET": bucket,
            "SEMAFORO_FORWARDER_POSITIONS": str(self._positions),
        }
        # Nobody waits for it, and the live path must not wait for it either.
        command = ["nice", "-n", "10", sys.executable, "-m", "deploy.local.forwarder"]
        self._pids.launch(PART, command, env={**env, **settings})

    def stop(self, *, grace_seconds: float = STOP_SECONDS) -> None:
        """Let it deliver what it has, and end. Safe to call when it does not run."""
        self._pids.stop(PART, grace_seconds=grace_seconds)

    def is_running(self) -> bool:
        """Whether its process runs."""
        return self._pids.is_running(PART)

    def drain(self, bootstrap: str, stage: str, kinesis: Any, stream: str, seconds: float) -> None:
        """Wait till all that is on the topics and the KPI stream by now is stored.

        Raises PartError if the forwarder dies or that takes longer than `seconds`.
        """
        deadline = time.monotonic() + seconds
        kafka = consumer(bootstrap, stage)
        try:
            ends = {(p.topic, p.partition): _end(kafka, p) for p in partitions(stage)}
            while behind := [*self._behind_in_topics(kafka, stage, ends), *self._behind_in_shards(kinesis, stream)]:
                if not self.is_running():
                    raise PartError(PART, "does not run", self._pids.log_path(PART))
                if time.monotonic() > deadline:
                    raise PartError(PART, f"after {seconds:.0f} s behind in {behind}", self._pids.log_path(PART))
                time.sleep(10 * POLL_SECONDS)
        except KafkaException as error:
            raise PartError(PART, f"the brokers did not say how far it is: {error}") from error
        finally:
            kafka.close()

    def _behind_in_topics(self, kafka: Any, stage: str, ends: Mapping[tuple[str, int], int]) -> list[str]:
        committed = kafka.committed(partitions(stage), timeout=30)
        return [
            f"{p.topic}[{p.partition}]" for p in committed if (end := ends[p.topic, p.partition]) > 0 and p.offset < end
        ]

    def _behind_in_shards(self, kinesis: Any, stream: str) -> list[str]:
        stored = remembered(self._positions, created_at_of(kinesis, stream))
        return [
            shard["ShardId"]
            for shard in kinesis.list_shards(StreamName=stream)["Shards"]
            if _has_more(kinesis, stream, shard["ShardId"], stored.get(shard["ShardId"]))
        ]


def _end(kafka: Any, partition: TopicPartition) -> int:
    """The end offset; 0 if nothing is there to be read."""
    low, high = kafka.get_watermark_offsets(partition, timeout=30)
    return int(high) if high > low else 0


def _has_more(kinesis: Any, stream: str, shard: str, after: str | None) -> bool:
    start = {"ShardIteratorType": "TRIM_HORIZON"}
    if after is not None:
        start = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": after}
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, **start)["ShardIterator"]
    return bool(kinesis.get_records(ShardIterator=iterator, Limit=1)["Records"])
