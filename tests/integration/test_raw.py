"""All that moves lies in raw, whatever dies on the way: a real broker, the local cloud, the forwarder, the check."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from deploy.errors import PartError
from deploy.local import raw_feed
from deploy.local.brokers import SILENT
from deploy.local.delivery import Delivery
from deploy.local.forwarder import Forwarder, consumer
from deploy.local.kpi_shards import KpiShards
from deploy.local.stack import Stack
from deploy.paths import ROOT
from schemas.raw import LIGHT_LOG, RawLightLog, RawMessage
from schemas.topics import TOPICS, topic_name
from warehouse import raw_objects
from warehouse.storage import Store

pytestmark = pytest.mark.integration

MESSAGES = 6_000
NOISE = bytes(range(256))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A broker, the cloud, both templates and the forwarder of stage `test`."""
    running = Stack("test", tmp_path_factory.mktemp("stack"), bound=True, one_broker=True)
    try:
        running.start(history=True)
        yield running
    finally:
        running.stop(grace_seconds=0)


@pytest.fixture(scope="module")
def store(stack: Stack) -> Iterator[Store]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in stack.env().items():
            patch.setenv(name, value)
        yield Store(stack.env()["SEMAFORO_RAW_URL"])


def produce(stack: Stack, seed: int, messages: int = MESSAGES) -> None:
    """Messages of every kind to every topic: text, noise, empty, tombstones, without a key, and one of 900 KB."""
    producer = Producer({"bootstrap.servers": stack.kafka_bootstrap, "linger.ms": 20}, logger=SILENT)
    draw = random.Random(seed)
    names = [topic_name(stack.stage, topic) for topic in TOPICS]
    for number in range(messages):
        value = draw.choice([b"{}", NOISE, b"", None, draw.randbytes(draw.randrange(400))])
        producer.produce(draw.choice(names), value, key=draw.choice([None, b"JFK-LAX", NOISE]))
        if number % 500 == 0:
            producer.poll(0)
    producer.produce(names[0], draw.randbytes(900_000))
    assert producer.flush(60) == 0


def put_rows(stack: Stack, records: int) -> None:
    kinesis = stack.cloud.client("kinesis")
    for first in range(0, records, 100):
        entries = [{"Data": b"rows %d" % n, "PartitionKey": str(n)} for n in range(first, first + 100)]
        kinesis.put_records(StreamName=stack.outputs["KpiStream"], Records=entries)


def check(stack: Stack) -> tuple[int, dict[str, dict[str, Any]], str]:
    """`python -m warehouse raw check`: its exit code, what it says of each topic, its examples."""
    words = [sys.executable, "-m", "warehouse", "raw", "check", "--json"]
    env = {**os.environ, **stack.env()}
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=200)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, {one["topic"]: one for one in said}, done.stderr


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.1)


def kill_forwarder(stack: Stack) -> None:
    (process,) = (p for p, _runs in stack.parts() if p.name == raw_feed.PART)
    process.signal_group(signal.SIGKILL)
    wait_for(lambda: not stack.raw_feed.is_running(), 20)


def test_killed_at_random_moments_it_loses_nothing(stack: Stack, store: Store) -> None:
    draw = random.Random(20130208)
    for round_number in range(4):
        produce(stack, round_number, MESSAGES // 4)
        if round_number > 0:
            put_rows(stack, 300)
        # Not a wait for something: the moment of the death is what is drawn.
        time.sleep(draw.uniform(0, 6))
        kill_forwarder(stack)
        if round_number == 0:
            put_rows(stack, 300)  # now, so that something is left whenever it died
            with pytest.raises(PartError, match="forwarder: died"):
                stack.check()
            with pytest.raises(PartError, match="does not run"):
                stack.drain_history(60)
        stack.start(history=True)
    stack.drain_history(120)
    code, said, examples = check(stack)
    assert code == 0, examples
    assert sum(said[topic]["kept"] for topic in TOPICS) == MESSAGES + 4
    assert said["route-kpis"]["kept"] == 1_200
    values = [line.value for line in raw_objects.read(store, "late-events") if isinstance(line, RawMessage)]
    assert {NOISE, b"", None, b"{}"} <= set(values), "as they were, tombstones too"


def test_one_that_commits_before_it_puts_is_found_out(stack: Stack, tmp_path: Path) -> None:
    """The control: such a forwarder dies between the two, and the check names what it lost."""
    stack.raw_feed.stop(grace_seconds=0)
    produce(stack, 99, 300)
    client = stack.cloud.client

    class Dead(Delivery):
        lost = 0

        def put(self, topic: str, lines: Sequence[bytes]) -> int:
            self.lost += len(lines) if topic in TOPICS else 0
            return 0

    kafka = consumer(stack.kafka_bootstrap, stack.stage)
    shards = KpiShards(client("kinesis"), stack.outputs["KpiStream"], tmp_path / "positions.json")
    dead = Dead(client("firehose"), client("s3"), stack.stage, stack.outputs["RawBucket"])
    forwarder = Forwarder(stack.stage, kafka, shards, dead)
    forwarder.start()
    deadline = time.monotonic() + 60
    while dead.lost < 301:
        forwarder.step()
        forwarder.flush()
        assert time.monotonic() < deadline
    kafka.close()
    stack.start(history=True)
    stack.drain_history(120)
    code, said, examples = check(stack)
    assert code == 1
    assert sum(said[topic]["missing"] for topic in TOPICS) == 301
    assert sum(said[topic]["extra"] for topic in TOPICS) == 0
    assert "is missing" in examples


def test_a_change_of_the_light_log_arrives(stack: Stack, store: Store) -> None:
    item = {"entity": {"S": "route#JFK-LAX"}, "sk": {"S": "2013"}, "usd_per_hour": {"N": "12.5"}, "n": {"N": "40"}}
    stack.cloud.client("dynamodb").put_item(TableName=stack.outputs["LightLogTable"], Item=item)
    found: list[RawLightLog] = []

    def arrived() -> bool:
        found[:] = [line for line in raw_objects.read(store, LIGHT_LOG) if isinstance(line, RawLightLog)]
        return bool(found)

    wait_for(arrived, 120)
    (line,) = found
    assert line.item == {"entity": "route#JFK-LAX", "sk": "2013", "usd_per_hour": 12.5, "n": 40}
    assert line.changed_at_ms <= time.time() * 1000
