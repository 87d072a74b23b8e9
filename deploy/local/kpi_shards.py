"""The KPI stream shard by shard, from where it was left: sequence numbers in a file, as AWS keeps them for a consumer."""

from __future__ import annotations

import json
from collections.abc import Mapping
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
        self._created_at = self._ask_created_at()
        self.read_up_to = remembered(path, self._created_at)
        self._iterators: dict[str, str] = {}

    def read(self) -> list[RawKpiRecord]:
        """What is new, a call for each shard; botocore's ClientError if an iterator has expired (`forget`)."""
        found: list[RawKpiRecord] = []
        for shard in self._shards():
            answer = self._kinesis.get_records(ShardIterator=self._iterators[shard], Limit=RECORDS_A_CALL)
            self._iterators[shard] = answer["NextShardIterator"]
            for record in answer["Records"]:
                self.read_up_to[shard] = record["SequenceNumber"]
                found.append(
                    RawKpiRecord(
                        shard=shard,
                        sequence_number=record["SequenceNumber"],
                        arrived_at_ms=round(record["ApproximateArrivalTimestamp"].timestamp() * 1000),
                        data=record["Data"],
                    )
                )
        return found

    def forget(self) -> None:
        """Ask for new iterators at the next read: after the last record that was read. A stream made anew is whole."""
        self._iterators.clear()
        if (created_at := self._ask_created_at()) != self._created_at:
            self._created_at = created_at
            self.read_up_to = {}

    def remember(self) -> None:
        """What was read is stored: never read it again."""
        write_json(self._path, {"stream_created_at": self._created_at, "shards": self.read_up_to})

    def _shards(self) -> Mapping[str, str]:
        if not self._iterators:
            for shard in self._kinesis.list_shards(StreamName=self._stream)["Shards"]:
                name = shard["ShardId"]
                start = (
                    {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": self.read_up_to[name]}
                    if name in self.read_up_to
                    else {"ShardIteratorType": "TRIM_HORIZON"}
                )
                answer = self._kinesis.get_shard_iterator(StreamName=self._stream, ShardId=name, **start)
                self._iterators[name] = answer["ShardIterator"]
        return dict(self._iterators)

    def _ask_created_at(self) -> str:
        described = self._kinesis.describe_stream_summary(StreamName=self._stream)["StreamDescriptionSummary"]
        return str(described["StreamCreationTimestamp"].isoformat())


def remembered(path: Path, created_at: str) -> dict[str, str]:
    """The last stored sequence number by shard; none of a stream that has been made anew since."""
    try:
        kept = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return dict(kept["shards"]) if kept["stream_created_at"] == created_at else {}
