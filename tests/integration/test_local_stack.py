"""`python -m deploy local`: up, up again, crashes named and healed, down and nothing left."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from deploy.local.broker_properties import BROKER_IDS
from deploy.local.brokers import SILENT
from deploy.local.lifeline import Lifeline
from deploy.local.processes import processes_of
from deploy.local.stack import Stack
from deploy.paths import ROOT
from schemas.topics import topic_name

pytestmark = pytest.mark.integration

PARTS = {*(f"broker-{n}" for n in (1, 2, 3)), "cloud", "forwarder", "kafka-mapping", "kpi-job", "supervisor"}


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A stack brought up from the command line, as a person does it."""
    folder = tmp_path_factory.mktemp("stack")
    lifeline = Lifeline(folder)
    try:
        done = local("up", folder)
        assert done.returncode == 0, done.stdout + done.stderr
        yield folder
    finally:
        Stack(state_dir=folder).stop(grace_seconds=0)
        lifeline.release()


def local(command: str, state_dir: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m deploy local <command>`."""
    words = [sys.executable, "-m", "deploy", "local", *command.split(), "--state-dir", str(state_dir), *options]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=400)


def pids(state_dir: Path) -> dict[str, int]:
    return {process.name: process.pid for process, runs in Stack(state_dir=state_dir).parts() if runs}


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.05)


def listening_addresses(pids: list[int]) -> set[str]:
    """Local addresses (hex, as the kernel writes them) on which these processes accept connections."""
    inodes = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            link = str(descriptor.readlink())
            if link.startswith("socket:["):
                inodes.add(link[8:-1])
    lines = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()]
    return {fields[1].split(":")[0] for fields in lines if fields[3] == "0A" and fields[9] in inodes}


def test_all_parts_run_after_up_and_outlive_the_command(state_dir: Path) -> None:
    assert set(pids(state_dir)) == PARTS
    done = local("status", state_dir, "--json")
    assert done.returncode == 0
    assert {part["part"] for part in json.loads(done.stdout) if part["running"]} == PARTS


def test_everything_listens_on_this_machine_only(state_dir: Path) -> None:
    addresses = listening_addresses(processes_of(state_dir))
    # 127.0.0.1 in the kernel's byte order, as IPv4 and inside IPv6.
    assert "0100007F" in addresses, "the control: the servers are found"
    assert addresses <= {"0100007F", "0000000000000000FFFF00000100007F"}


def test_up_again_changes_nothing(state_dir: Path) -> None:
    before = pids(state_dir)
    done = local("up", state_dir)
    assert done.returncode == 0, done.stderr
    assert pids(state_dir) == before


def test_up_for_another_stage_is_refused(state_dir: Path) -> None:
    done = local("up", state_dir, "--stage", "other")
    assert done.returncode == 1
    assert "stage demo runs in" in done.stderr


def test_env_is_what_a_program_needs(state_dir: Path) -> None:
    done = local("env", state_dir)
    assert done.returncode == 0
    program = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    script = f'{done.stdout}\n"{sys.executable}" -c "{program}"'
    account = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.strip()
    assert account == "000000000000"
    assert "export SEMAFORO_STAGE=demo" in done.stdout


def test_tail_shows_a_dead_letter_with_its_reason(state_dir: Path) -> None:
    producer = Producer({"bootstrap.servers": Stack.running_in(state_dir).kafka_bootstrap}, logger=SILENT)
    producer.produce(topic_name("demo", "flight-status"), b"not a record", key=b"JFK-LAX")
    assert producer.flush(30) == 0
    done = local("tail dead-letters", state_dir, "--from-start", "--limit", "1", "--idle", "60", "--json")
    assert done.returncode == 0, done.stderr
    letter = json.loads(done.stdout)
    assert letter["topic"] == "demo.flight-status"
    assert base64.b64decode(letter["payload"]) == b"not a record"
    assert letter["reason"]


def test_a_killed_job_is_restarted_by_its_supervisor(state_dir: Path) -> None:
    before = pids(state_dir)["kpi-job"]
    os.killpg(before, signal.SIGKILL)
    wait_for(lambda: pids(state_dir).get("kpi-job", before) != before, 60)
    assert "restarting it from its newest checkpoint" in local("logs supervisor", state_dir).stdout
    Stack.running_in(state_dir).job.wait_till_running()


def test_a_crashed_part_is_named_with_its_last_words_and_up_heals_it(state_dir: Path) -> None:
    os.killpg(pids(state_dir)["broker-2"], signal.SIGKILL)
    wait_for(lambda: "broker-2" not in pids(state_dir), 20)
    done = local("status", state_dir)
    assert done.returncode == 1
    assert "broker-2 crashed; last lines of" in done.stdout
    assert "KafkaRaftServer" in done.stdout, "the tail of its log"
    assert "broker-1 crashed" not in done.stdout
    healed = local("up", state_dir)
    assert healed.returncode == 0, healed.stderr
    assert local("status", state_dir).returncode == 0
    assert Stack.running_in(state_dir).kafka.running() == list(BROKER_IDS)


def test_down_leaves_nothing_and_says_so(state_dir: Path) -> None:
    assert len(processes_of(state_dir)) >= len(PARTS), "the control: the same look finds them while they run"
    done = local("down", state_dir)
    assert done.returncode == 0, done.stderr
    assert "kpi-job" in done.stdout
    assert processes_of(state_dir) == []
    assert local("status", state_dir).returncode == 1
    assert local("env", state_dir).returncode == 1
    assert "nothing was running" in local("down", state_dir).stdout
