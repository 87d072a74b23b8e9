"""The KPI stream as anybody may read it beside the semáforo: record by record, each shard in its order."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from schemas.errors import InvalidMessage, Transient
from schemas.rows import KpiRow, unpack_rows


class Arrived(NamedTuple):
    """A record's rows, and when the stream took it."""

    at: datetime
    rows: list[KpiRow]


class KpiStream:
    """Every record from an instant on, or what comes from now on. Methods raise Transient if it does not answer."""

    def __init__(self, kinesis: Any, name: str, since: datetime | None = None) -> None:
        self.unreadable = 0
        """Records nobody can read: the semáforo has them in quarantine."""
        self.caught_up = False
        """Whether the last look found the end of every shard."""
        self._kinesis, self._name = kinesis, name
        start = {"ShardIteratorType": "LATEST"} if since is None else _since(since)
        self._iterators = {shard: self._iterator(shard, start) for shard in self._shards()}
        self._known = set(self._iterators)

    def look(self) -> Iterator[Arrived]:
        """What came since the last look. A shard that was split goes on in those that took its place."""
        self.caught_up = True
        for shard, iterator in list(self._iterators.items()):
            answer = self._ask("get_records", ShardIterator=iterator)
            self.caught_up &= not answer["Records"] and not answer.get("MillisBehindLatest")
            if answer.get("NextShardIterator"):
                self._iterators[shard] = answer["NextShardIterator"]
            else:
                del self._iterators[shard]
                self._open_new()
            for record in answer["Records"]:
                try:
                    yield Arrived(record["ApproximateArrivalTimestamp"], unpack_rows(record["Data"]))
                except InvalidMessage:
                    self.unreadable += 1

    def _open_new(self) -> None:
        new = [shard for shard in self._shards() if shard not in self._known]
        self._iterators |= {shard: self._iterator(shard, {"ShardIteratorType": "TRIM_HORIZON"}) for shard in new}
        self._known |= set(new)

    def _shards(self) -> list[str]:
        return [shard["ShardId"] for shard in self._ask("list_shards", StreamName=self._name)["Shards"]]

    def _iterator(self, shard: str, start: dict[str, Any]) -> str:
        answer = self._ask("get_shard_iterator", StreamName=self._name, ShardId=shard, **start)
        return str(answer["ShardIterator"])

    def _ask(self, call: str, **request: Any) -> Any:
        try:
            return getattr(self._kinesis, call)(**request)
        except (ClientError, BotoCoreError) as error:
            raise Transient(f"Kinesis: {error}") from error


def _since(instant: datetime) -> dict[str, Any]:
    return {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": instant}
