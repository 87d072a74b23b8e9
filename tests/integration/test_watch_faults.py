"""A killed broker, a dead job and a function that hangs: each told within two minutes, once, and that it is over."""

from __future__ import annotations

import io
import json
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from deploy.bundles.lambda_zip import build_lambda_zip
from deploy.local.processes import PidFiles
from deploy.local.stack import Stack
from deploy.local.watcher import operations_topic
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow, pack_rows

pytestmark = pytest.mark.faults

PAGES: Final = {"page-brokers", "page-kpi-job", "page-semaforo"}
TOLD_WITHIN_SECONDS: Final = 120
OVER_WITHIN_SECONDS: Final = 240
"""A minute without a fault has to be over first, and both broker and job take some 20 s to come back."""

HANGS: Final = b"import time\ndef handler(event, context):\n    time.sleep(3600)\n"


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack with a job that is not restarted by itself, rows on its stream every second, and the watch over it."""
    stack = Stack("test", tmp_path_factory.mktemp("watched"), bound=True)
    done = threading.Event()
    try:
        stack.start(job={})
        stack.start_job()
        feeding = threading.Thread(target=feed, args=(stack, done))
        feeding.start()
        words = [sys.executable, "-m", "deploy", "local", "watch", "--state-dir", str(stack.state_dir)]
        PidFiles(stack.state_dir).launch("watch", words)
        yield stack
    finally:
        done.set()
        stack.stop(grace_seconds=0)


def feed(stack: Stack, done: threading.Event) -> None:
    """Rows of one route, a second apart in wall time."""
    kinesis = stack.cloud.client("kinesis")
    measures = tuple({"flights": 40, "operated": 40, "arrivals": 40}.get(name, 0) for name in MEASURE_NAMES)
    at = datetime(2013, 2, 8, tzinfo=UTC)
    while not done.wait(1):
        at += timedelta(minutes=1)
        row = KpiRow("route", "JFK-LAX", "24h", at, 0, datetime.now(UTC), 40, measures)
        kinesis.put_record(StreamName=stack.outputs["KpiStream"], Data=pack_rows([row]), PartitionKey="JFK-LAX")


class Subscriber:
    """A queue on the operations topic: what a person on duty would be sent."""

    def __init__(self, stack: Stack) -> None:
        self._sqs, sns = stack.cloud.client("sqs"), stack.cloud.client("sns")
        self._queue = self._sqs.create_queue(QueueName="on-duty")["QueueUrl"]
        asked = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        arn, topic = asked["Attributes"]["QueueArn"], operations_topic(stack)
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._sqs.set_queue_attributes(QueueUrl=self._queue, Attributes={"Policy": policy})
        raw = {"RawMessageDelivery": "true"}
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=raw)
        self.told: list[dict[str, Any]] = []

    def wait_for(self, state: str, seconds: float) -> None:
        """Till all three pages were told to be so."""
        deadline = time.monotonic() + seconds
        while not self.pages(state) >= PAGES:
            assert time.monotonic() < deadline, f"{state} of {PAGES - self.pages(state)}; told {self.told}"
            received = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in received.get("Messages", []):
                self.told.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])

    def pages(self, state: str) -> set[str]:
        return {page_of(one) for one in self.told if one["NewStateValue"] == state}


def page_of(message: dict[str, Any]) -> str:
    name: str = message["AlarmName"]
    return name.removeprefix("semaforo-test-")


def zipped(handler: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("lambdas/__init__.py", b"")
        archive.writestr("lambdas/semaforo.py", handler)
    return written.getvalue()


def give_code(stack: Stack, code: bytes, timeout_seconds: int) -> None:
    lambda_ = stack.cloud.client("lambda")
    lambda_.update_function_configuration(FunctionName="semaforo-test-semaforo", Timeout=timeout_seconds)
    lambda_.update_function_code(FunctionName="semaforo-test-semaforo", ZipFile=code)


def test_each_fault_is_told_once_within_two_minutes_and_that_it_is_over(watched: Stack) -> None:
    """All three at once, as none of them is the cause of another."""
    on_duty = Subscriber(watched)
    good = build_lambda_zip().read_bytes()
    watched.kafka.kill(2)
    watched.kill_job()
    # Not a minute, as it is deployed: it is restored while it hangs, and its last run would have to end first.
    give_code(watched, zipped(HANGS), timeout_seconds=20)
    on_duty.wait_for("ALARM", TOLD_WITHIN_SECONDS)
    causes = {page_of(one): one["NewStateReason"] for one in on_duty.told}
    assert "brokers-under-replicated" in causes["page-brokers"]
    assert "job-down" in causes["page-kpi-job"]
    assert "kpi-stream-age" in causes["page-semaforo"] or "semaforo-errors" in causes["page-semaforo"]
    assert all(one["Runbooks"] for one in on_duty.told)

    give_code(watched, good, timeout_seconds=60)
    watched.kafka.restart(2)
    watched.start_job()
    on_duty.wait_for("OK", OVER_WITHIN_SECONDS)
    told = sorted((page_of(one), one["NewStateValue"]) for one in on_duty.told if page_of(one) in PAGES)
    assert told == sorted((page, state) for page in PAGES for state in ("ALARM", "OK")), "each once"
