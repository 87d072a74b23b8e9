"""The local cloud keeps its state over a stop, and dies with whoever it is bound to."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local.cloud import LocalCloud
from deploy.local.lifeline import Lifeline
from deploy.local.ports import answers
from deploy.local.processes import processes_of
from deploy.paths import ROOT

pytestmark = pytest.mark.integration

STARTER = """
import sys, time
from pathlib import Path
from deploy.local.cloud import LocalCloud
from deploy.local.lifeline import Lifeline
state_dir = Path(sys.argv[1])
lifeline = Lifeline(state_dir)
LocalCloud(state_dir).start()
print("up", flush=True)
time.sleep(600)
"""


def test_stream_records_survive_a_stop(tmp_path: Path) -> None:
    lifeline = Lifeline(tmp_path)
    cloud = LocalCloud(tmp_path)
    try:
        cloud.start()
        kinesis = cloud.client("kinesis")
        kinesis.create_stream(StreamName="kept", ShardCount=1)
        kinesis.get_waiter("stream_exists").wait(StreamName="kept", WaiterConfig={"Delay": 1})
        kinesis.put_record(StreamName="kept", Data=b"a row", PartitionKey="k")
        cloud.stop()
        assert processes_of(tmp_path) == []
        cloud.start()
        shard = {"StreamName": "kept", "ShardId": "shardId-000000000000"}
        kinesis = cloud.client("kinesis")
        iterator = kinesis.get_shard_iterator(**shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        assert [r["Data"] for r in kinesis.get_records(ShardIterator=iterator)["Records"]] == [b"a row"]
    finally:
        cloud.stop(grace_seconds=0)
        lifeline.release()


def test_it_dies_with_a_killed_test_run(tmp_path: Path) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE)
    assert starter.stdout is not None
    assert starter.stdout.readline() == b"up\n"
    port = LocalCloud(tmp_path).port
    assert answers(port)
    starter.kill()
    starter.wait()
    starter.stdout.close()
    deadline = time.monotonic() + 30
    while processes_of(tmp_path) or answers(port):
        assert time.monotonic() < deadline, "the cloud outlived the test run"
        time.sleep(0.05)
