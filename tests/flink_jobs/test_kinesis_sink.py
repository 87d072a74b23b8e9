"""Requests to the stream: entries as they came, only what failed again, in order, and an end to patience."""

import base64
import json
import logging
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from flink_jobs.kinesis_sink import CHATTY, CLIENT, TRIES, KinesisSink, RecordPutter, StreamRefusedError


class Body:
    """An answer's, as botocore reads it."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def stream(self) -> list[bytes]:
        return [self._data]


class Shard:
    """A stream that refuses chosen calls' records. It answers a real client's requests as PutRecords does."""

    def __init__(self, refuse: dict[int, set[str]]) -> None:
        self.calls: list[list[str]] = []
        self.stored: list[tuple[str, bytes]] = []
        self.requests: list[Any] = []
        self._refuse = refuse
        session = boto3.session.Session("test", "test", region_name="eu-west-1")
        self.client = session.client("kinesis", config=CLIENT)
        self.client.meta.events.register("before-send.kinesis.PutRecords", self._answer)

    def _answer(self, request: Any, **_others: Any) -> Any:
        self.requests.append(request)
        body = json.loads(request.body)
        assert set(body) == {"StreamName", "Records"}
        assert body["StreamName"] == "kpis"
        entries = body["Records"]
        refused = self._refuse.get(len(self.calls), self._refuse.get(-1, set()))
        self.calls.append([entry["PartitionKey"] for entry in entries])
        taken = [entry for entry in entries if entry["PartitionKey"] not in refused]
        self.stored += [(entry["PartitionKey"], base64.b64decode(entry["Data"])) for entry in taken]
        results = [
            {"ErrorCode": "ProvisionedThroughputExceededException"}
            if entry["PartitionKey"] in refused
            else {"SequenceNumber": "1", "ShardId": "shardId-000000000000"}
            for entry in entries
        ]
        answer = {"FailedRecordCount": len(entries) - len(taken), "Records": results}
        return AWSResponse(request.url, 200, HTTPHeaders(), Body(json.dumps(answer).encode()))


def entry(bucket: str, record: str) -> str:
    """As `RowPackerTest.java` says that it comes."""
    data = base64.b64encode(record.encode()).decode()
    return f'{{"PartitionKey":"{bucket}","ExplicitHashKey":"{2**127}","Data":"{data}"}}'


def lines(*buckets_and_records: str) -> bytes:
    return ",\n".join(entry(*one.split(" ", 1)) for one in buckets_and_records).encode()


def putter(shard: Shard, waits: list[float]) -> RecordPutter:
    return RecordPutter(shard.client, "kpis", waits.append)


def test_a_line_is_a_record_of_its_bucket() -> None:
    shard = Shard({})
    assert putter(shard, []).put(lines('3 {"rows":["a b"]}', "11 {}")) == 2
    assert shard.stored == [("3", b'{"rows":["a b"]}'), ("11", b"{}")]


def test_the_request_is_signed_as_it_goes_out() -> None:
    shard = Shard({})
    putter(shard, []).put(lines("3 {}"))
    (request,) = shard.requests
    assert request.headers["X-Amz-Target"] == b"Kinesis_20131202.PutRecords"
    assert int(request.headers["Content-Length"]) == len(request.body)
    assert b"Signature=" in request.headers["Authorization"]


def test_only_what_failed_is_sent_again_before_anything_newer() -> None:
    shard = Shard({0: {"1", "3"}, 1: {"3"}})
    waits: list[float] = []
    put = putter(shard, waits).put
    put(lines("1 old", "2 old", "3 old"))
    put(lines("1 new", "3 new"))
    assert shard.calls == [["1", "2", "3"], ["1", "3"], ["3"], ["1", "3"]]
    assert [data for bucket, data in shard.stored if bucket == "3"] == [b"old", b"new"]
    assert 0 < waits[0] <= 0.05 < waits[1] + 0.05 <= 0.15


def test_a_stream_that_keeps_refusing_stops_the_job() -> None:
    shard = Shard({-1: {"1"}})
    waits: list[float] = []
    with pytest.raises(StreamRefusedError, match=r"1 records not taken by kpis in 10 tries: .*Provisioned"):
        putter(shard, waits).put(lines("1 a", "2 b"))
    assert len(shard.calls) == TRIES
    assert 5 < sum(waits) < 12


@pytest.fixture
def everything_is_logged() -> Iterator[None]:
    """As Python's logging is set up inside the JVM."""
    loggers = [logging.getLogger(), *map(logging.getLogger, CHATTY)]
    levels = [logger.level for logger in loggers]
    for logger, level in zip(loggers, [logging.DEBUG, *[logging.NOTSET] * len(CHATTY)], strict=True):
        logger.setLevel(level)
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.mark.usefixtures("everything_is_logged")
def test_requests_are_not_written_out_where_python_logs_everything() -> None:
    names = ("botocore.endpoint", "botocore.auth", "urllib3.connectionpool")
    assert all(logging.getLogger(name).isEnabledFor(logging.DEBUG) for name in names)
    KinesisSink("kpis", "eu-west-1").open(None)
    for name in names:
        assert not logging.getLogger(name).isEnabledFor(logging.DEBUG)
        assert logging.getLogger(name).isEnabledFor(logging.WARNING)
