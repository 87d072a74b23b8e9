"""Requests to the stream: only what failed again, in order, and an end to patience."""

from typing import Any

import pytest

from flink_jobs.kinesis_sink import TRIES, RecordPutter, StreamRefusedError


class Shard:
    """A stream that refuses chosen calls' records. It answers as PutRecords does."""

    def __init__(self, refuse: dict[int, set[str]]) -> None:
        self.calls: list[list[str]] = []
        self.stored: list[tuple[str, bytes]] = []
        self._refuse = refuse

    def put_records(self, *, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        assert StreamName == "kpis"
        refused = self._refuse.get(len(self.calls), self._refuse.get(-1, set()))
        self.calls.append([entry["PartitionKey"] for entry in Records])
        self.stored += [(e["PartitionKey"], e["Data"]) for e in Records if e["PartitionKey"] not in refused]
        results = [
            {"ErrorCode": "ProvisionedThroughputExceededException"} if e["PartitionKey"] in refused else {}
            for e in Records
        ]
        return {"FailedRecordCount": sum(map(bool, results)), "Records": results}


def putter(shard: Shard, waits: list[float]) -> RecordPutter:
    return RecordPutter(shard, "kpis", waits.append)  # type: ignore[arg-type]


def test_a_line_is_a_record_of_its_bucket() -> None:
    shard = Shard({})
    assert putter(shard, []).put('3 {"rows":["a b"]}\n11 {}') == 2
    assert shard.stored == [("3", b'{"rows":["a b"]}'), ("11", b"{}")]


def test_only_what_failed_is_sent_again_before_anything_newer() -> None:
    shard = Shard({0: {"1", "3"}, 1: {"3"}})
    waits: list[float] = []
    put = putter(shard, waits).put
    put("1 old\n2 old\n3 old")
    put("1 new\n3 new")
    assert shard.calls == [["1", "2", "3"], ["1", "3"], ["3"], ["1", "3"]]
    assert [data for bucket, data in shard.stored if bucket == "3"] == [b"old", b"new"]
    assert 0 < waits[0] <= 0.05 < waits[1] + 0.05 <= 0.15


def test_a_stream_that_keeps_refusing_stops_the_job() -> None:
    shard = Shard({-1: {"1"}})
    waits: list[float] = []
    with pytest.raises(StreamRefusedError, match=r"1 records not taken by kpis in 10 tries: .*Provisioned"):
        putter(shard, waits).put("1 a\n2 b")
    assert len(shard.calls) == TRIES
    assert 5 < sum(waits) < 12
