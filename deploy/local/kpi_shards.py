"""The KPI stream shard by shard, from where it was left: sequence numbers in a file, as AWS keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from deploy.local.processes import write_json
from schemas.raw import RawKpiRecord

RECORDS_A_CALL: Final = 500


class KpiShards:
    """A reader of all shards. `read` may be ahead of `remember`: what lies between is read again after a crash."""

    def __init__(self, kinesis: Any, stream: str, path: Path) -> None:
        self._kinesis = kinesis
        self._stream = stream
        self._path = path
        self._created_at = ""
        self.read_up_to: dict[str, str] = {}
        self._iterators: dict[str, str] = {}

    def read(self) -> Iterator[RawKpiRecord]:
        """What is new, a call for each shard. After a botocore error what was yielded counts; then `forget`."""
        for shard, iterator in self._shards().items():
            answer = self._kinesis.get_records(ShardIterator=iterator, Limit=RECORDS_A_CALL)
            for record in answer["Records"]:
                self.read_up_to[shard] = record["SequenceNumber"]
                yield RawKpiRecord(
                    shard=shard,
                    sequence_number=record["SequenceNumber"],
                    arrived_at_ms=round(record["ApproximateArrivalTimestamp"].timestamp() * 1000),
                    data=record["Data"],
                )
            self._iterators[shard] = answer["NextShardIterator"]

    def forget(self) -> None:
        """Ask for new iterators at the next read: they go on after the last record that was read."""
        self._iterators.clear()

    def remember(self) -> None:
        """What was read is stored: never read it again."""
        write_json(self._path, {"stream_created_at": self._created_at, "shards": self.read_up_to})

    def _shards(self) -> dict[str, str]:
        if not self._iterators:
            if (created_at := created_at_of(self._kinesis, self._stream)) != self._created_at:
                self._created_at, self.read_up_to = created_at, remembered(self._path, created_at)
            for shard in self._kinesis.list_shards(StreamName=self._stream)["Shards"]:
                self._iterators[shard["ShardId"]] = self._iterator(shard["ShardId"])
        return dict(self._iterators)

    def _iterator(self, shard: str) -> str:
        start = {"ShardIteratorType": "TRIM_HORIZON"}
        if shard in self.read_up_to:
            start = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": self.read_up_to[shard]}
        answer = self._kinesis.get_shard_iterator(StreamName=self._stream, ShardId=shard, **start)
        return str(answer["ShardIterator"])


def created_at_of(kinesis: Any, stream: str) -> str:
    """When the stream was made: a cloud that lost its state has another one of the same name."""
    described = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
    return str(described["StreamCreationTimestamp"].isoformat())


def remembered(path: Path, created_at: str) -> dict[str, str]:
    """The last stored sequence number by shard; none of a stream that has been made anew since."""
    try:
        kept = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return dict(kept["shards"]) if kept["stream_created_at"] == created_at else {}
