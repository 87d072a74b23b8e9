"""Real faults of a running stack, measured and judged; minutes pass by number. In real time: test_watch_faults.py."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.measure import MEASURED, Measurer
from deploy.local.stack import Stack
from deploy.local.watcher import message_of, subject_of
from deploy.watch.board import Board
from deploy.watch.broker_alarms import UNDER_REPLICATED
from deploy.watch.figures import Figures
from deploy.watch.job_alarms import DOWN
from deploy.watch.live_alarms import ITERATOR_AGE, QUARANTINE, SEMAFORO_GONE
from tests.integration.test_watch_faults import HANGS, give_code, zipped

pytestmark = pytest.mark.integration

MINUTE = 60
NAMES = {"stage": "test", "region": "us-east-1", "account": "000000000000", "partition": "aws"}


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """With three brokers, as one is to be lost."""
    running = Stack("test", tmp_path, bound=True)
    try:
        running.start()
        yield running
    finally:
        running.stop(grace_seconds=0)


def test_a_lost_broker_a_dead_job_poison_and_a_stuck_function_are_measured_and_told(stack: Stack) -> None:
    figures, began = Figures(), time.time()
    # As if it had watched for a minute: a job that never ran here has been down since then.
    measurer, board = Measurer(stack, figures, began - MINUTE), Board(NAMES, MEASURED, began)

    def end_of_minute(at: float) -> float:
        return (at // MINUTE + 1) * MINUTE

    def figure(name: str, at: float) -> float:
        """Of an alarm, in the minute that runs at that second."""
        found = figures.points(MEASURED[name].signal.filled(NAMES), MINUTE, end_of_minute(at), 1)[0]
        return -1 if found is None else found

    def told(over: float) -> dict[str, str]:
        """By then, when a minute is over."""
        changes = [change for later in (1, 12) for change in board.look(figures, over + later)]
        for change in changes:
            message = message_of("test", change, over)
            assert message["AlarmName"] in subject_of("test", change)
            assert (message["NewStateValue"] == "OK") or message["Runbooks"]
        return {change.page.name: change.state for change in changes}

    measurer.measure(began)
    assert told(end_of_minute(began)) == {}, "all is well"

    stack.kafka.kill(2)
    stack.job.launch(stack.env())
    stack.kill_job()
    kinesis = stack.cloud.client("kinesis")
    kinesis.put_record(StreamName=stack.outputs["KpiStream"], Data=b"garbage", PartitionKey="1")
    behind = [alarm.name for alarm in UNDER_REPLICATED]
    deadline, broken = time.monotonic() + 180, time.time()
    while not (any(figure(name, broken) > 0 for name in behind) and figure(QUARANTINE.name, broken) > 0):
        assert time.monotonic() < deadline
        broken = time.time()
        measurer.measure(broken)
    alarms = {"page-brokers": "ALARM", "page-kpi-job": "ALARM", "page-poison": "ALARM"}
    assert told(end_of_minute(broken)) == alarms
    assert figure(DOWN.name, broken) > DOWN.threshold

    stack.kafka.restart(2)
    sqs, url = stack.cloud.client("sqs"), stack.outputs["QuarantineQueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert json.loads(message["Body"])["bytes"] == len(b"garbage")
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    while figures.points(MEASURED[ITERATOR_AGE.name].signal.filled(NAMES), 1, broken + 1, 1) != [0]:
        assert time.monotonic() < deadline, "the function's word on the garbage is not known yet"
        broken = time.time()
        measurer.measure(broken)
    healed = max(time.time(), end_of_minute(broken))
    measurer.measure(healed)
    assert told(end_of_minute(healed)) == {"page-brokers": "OK", "page-poison": "OK"}
    assert figure(ITERATOR_AGE.name, healed) == 0
    assert SEMAFORO_GONE.name not in MEASURED, "here rows come only while somebody replays them"

    give_code(stack, zipped(HANGS), timeout_seconds=60)
    kinesis.put_record(StreamName=stack.outputs["KpiStream"], Data=b"nobody takes it", PartitionKey="1")
    put, stuck = time.monotonic(), end_of_minute(healed)
    while figure(ITERATOR_AGE.name, stuck) <= ITERATOR_AGE.threshold:
        assert time.monotonic() < put + 30, "the record is not on the stream"
        stuck = max(time.time(), end_of_minute(healed)) + ITERATOR_AGE.threshold / 1_000 + MINUTE / 2
        measurer.measure(stuck)
    assert told(end_of_minute(stuck)) == {"page-semaforo": "ALARM"}
