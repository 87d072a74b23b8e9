"""Packed rows to the Kinesis stream: at least once, in order per bucket.

`put` returns when the stream has stored everything. A checkpoint waits for the calls before it, so what a checkpoint
has passed is stored; whatever cannot be stored raises, and the job starts again from its newest checkpoint.
"""

import json
import logging
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from pyflink.datastream import MapFunction, RuntimeContext

if TYPE_CHECKING:
    from mypy_boto3_kinesis import KinesisClient
    from mypy_boto3_kinesis.type_defs import PutRecordsOutputTypeDef

# A shard that is over its rate is free again within a second; ten tries with back-off from 50 ms to 2 s wait about
# 11 s, longer than a reshard's first throttling and shorter than a checkpoint's patience.
TRIES: Final = 10
FIRST_WAIT_SECONDS: Final = 0.05
LONGEST_WAIT_SECONDS: Final = 2.0

BETWEEN: Final = b",\n"
"""Two entries of a request."""

CLIENT: Final = Config(
    connect_timeout=2,
    read_timeout=10,
    retries={"mode": "standard", "max_attempts": 5},
    tcp_keepalive=True,
    # botocore's own names the machine and all that is used of it, and is put together anew for each request.
    user_agent="semaforo-kpi-job",
    # The entries are put into the finished request, see RecordPutter.
    parameter_validation=False,
)


CHATTY: Final = ("boto3", "botocore", "urllib3")
"""Their loggers. Python inside the JVM hands every level to log4j, which drops it: botocore wrote out each request
twice for that, megabytes a time, in 18 of the 28 us that a KPI row took in the sink's task."""


class StreamRefusedError(Exception):
    """The stream did not take records in the tries it is given."""


class KinesisSink(MapFunction):  # type: ignore[misc]
    """Puts each pane's records and returns how many it put."""

    def __init__(self, stream: str, region: str | None = None) -> None:
        self._stream = stream
        self._region = region

    def open(self, runtime_context: RuntimeContext) -> None:
        """Called by Flink in the worker."""
        for name in CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)
        client = boto3.client("kinesis", region_name=self._region, config=CLIENT)
        self._put = RecordPutter(client, self._stream).put

    def map(self, value: bytes) -> int:
        """Called by Flink for each pane, in order."""
        return self._put(value)


class RecordPutter:
    """Puts requests one after the other. A bucket has one record in a request, so each keeps its order.

    Entries come as the API's body has them (`format/…/RowPacker.java`) and take the place of the body that botocore
    made of none; all else of a call (endpoint, signature, retries, errors) is botocore's. Only for a client of its own.
    """

    def __init__(self, client: "KinesisClient", stream: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._stream = stream
        self._sleep = sleep
        self._head = b'{"StreamName":%b,"Records":[' % json.dumps(stream).encode()
        self._body = b""
        client.meta.events.register("before-call.kinesis.PutRecords", self._fill_in)

    def put(self, lines: bytes) -> int:
        """Store entries, BETWEEN between two; how many there were. Raises StreamRefusedError."""
        wait_seconds = FIRST_WAIT_SECONDS
        stored = 0
        for tries_left in reversed(range(TRIES)):
            answer = self._call(lines)
            results = answer["Records"]
            if not answer.get("FailedRecordCount"):
                return stored + len(results)
            entries = zip(lines.split(BETWEEN), results, strict=True)
            failed = [entry for entry, result in entries if "ErrorCode" in result]
            stored += len(results) - len(failed)
            lines = BETWEEN.join(failed)
            if tries_left:
                self._sleep(wait_seconds * random.uniform(0.5, 1))
                wait_seconds = min(2 * wait_seconds, LONGEST_WAIT_SECONDS)
        reasons = {str(result.get("ErrorCode")) for result in results if "ErrorCode" in result}
        raise StreamRefusedError(
            f"{len(failed)} records not taken by {self._stream} in {TRIES} tries: {sorted(reasons)}"
        )

    def _call(self, lines: bytes) -> "PutRecordsOutputTypeDef":
        self._body = b"".join((self._head, lines, b"]}"))  # formatting bytes copies them as they grow: 1 ms a MB
        return self._client.put_records(StreamName=self._stream, Records=[])

    def _fill_in(self, params: dict[str, Any], **_others: Any) -> None:
        params["body"] = self._body
