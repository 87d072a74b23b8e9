"""The long fault campaign (`make faults`): rounds of kills, pauses, poison, copies and disorder, each by its seed.

    make faults                                  six rounds, from seed 1
    FAULT_ROUNDS=40 make faults                  a longer one
    FAULT_SEED=7 FAULT_ROUNDS=1 make faults      the round of seed 7 once more

A round has topics, a stream and a job of its own. Its steps follow from its seed and are printed before they are taken.
"""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from confluent_kafka import KafkaException

from deploy.local.broker_properties import BROKER_IDS
from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import LocalCloud
from deploy.local.job import PART, KpiJob
from deploy.local.processes import PidFiles
from schemas.events import DeadLetter, Event, LateEvent
from tests.flink_jobs.made_up import MadeUp
from tests.integration.kpi_jobs import JobPlan, running_jobs
from tests.integration.kpi_lights import falsely_green
from tests.integration.kpi_load import BOUND, START, Outcome, poison, publish, settle
from tests.integration.kpi_topics import PARTITIONS_BEATEN, Place, Rows, Topics, value

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3_600)]

FIRST_SEED = int(os.environ.get("FAULT_SEED", "1"))
ROUNDS = int(os.environ.get("FAULT_ROUNDS", "6"))
GAP = timedelta(minutes=15)
PROPERTIES = {
    "bound_ms": str(BOUND // timedelta(milliseconds=1)),
    # Every partition is beaten, so who is silent has lost its leader; its way back may take minutes on a busy machine.
    "idle_timeout_seconds": "86400",
}
FAULTS = {
    "kill broker": 1,
    "restart broker": 1,
    "pause broker": 1,
    "kill job": 2,
    "start job": 2,
    "pause job": 1,
    "poison": 2,
    "copies": 2,
    "events": 4,
}
"""How often a round takes each step."""


class Step(NamedTuple):
    """What is done, and to which broker or how often."""

    action: str
    number: int


def steps_of(seed: int) -> list[Step]:
    """Every fault, in an order that is left to chance as far as it is possible at all."""
    chance = random.Random(seed)
    left = dict(FAULTS)
    steps = [Step("events", 100)]
    broker_down, job_down = 0, False
    while left:
        impossible = {"kill broker", "pause broker"} if broker_down else {"restart broker"}
        impossible |= {"kill job", "pause job"} if job_down else {"start job"}
        action = chance.choice([name for name, times in left.items() for _ in range(times) if name not in impossible])
        number = chance.choice(BROKER_IDS) if "broker" in action else chance.randint(20, 80)
        number = broker_down if action == "restart broker" else number
        steps.append(Step(action, number))
        broker_down = {"kill broker": number, "restart broker": 0}.get(action, broker_down)
        job_down = {"kill job": True, "start job": False}.get(action, job_down)
        left = {name: times - (name == action) for name, times in left.items() if times > (name == action)}
    return [*steps, Step("events", 60)]


@dataclass
class Round:
    """One stage with its job."""

    seed: int
    kafka: KafkaCluster
    cloud: LocalCloud
    folder: Path
    job: KpiJob
    topics: Topics
    rows: Rows
    outcome: Outcome = field(default_factory=Outcome)
    told: list[Event] = field(default_factory=list)
    late: dict[Place, LateEvent] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.made_up, self.chance = MadeUp(self.seed, START), random.Random(self.seed)

    def take(self, step: Step) -> None:
        """One step."""
        getattr(self, step.action.replace(" ", "_"))(step.number)

    def next_events(self, count: int) -> list[Event]:
        """Events newer than any beat so far."""
        self.made_up.rest(timedelta(hours=1))
        events = list(self.made_up.events(count, GAP))
        self.told += events
        return events

    def tell(self, count: int = 20) -> None:
        """Events that are on their way to the brokers, and no beat behind them."""
        for event in self.next_events(count):
            self.topics.send(event)

    def events(self, count: int) -> None:
        publish(self.topics, PARTITIONS_BEATEN, self.next_events(count), self.outcome, self.chance)

    def copies(self, count: int) -> None:
        for event in self.chance.choices(self.told, k=count):
            self.topics.send(event)
        self.topics.flush()

    def poison(self, count: int) -> None:
        for message, reason in self.chance.choices(poison(self.told[-1].event_at), k=count):
            self.outcome.reasons.setdefault(message, reason)
            self.topics.send_bytes(message)
        self.topics.flush()

    def kill_broker(self, broker_id: int) -> None:
        self.tell()
        self.kafka.kill(broker_id)
        self.topics.flush()

    def restart_broker(self, broker_id: int) -> None:
        self.kafka.restart(broker_id)

    def pause_broker(self, broker_id: int) -> None:
        """It hangs until the others have taken over, and then goes on as if it still led."""
        process = self.kafka.process(broker_id)
        process.signal_group(signal.SIGSTOP)
        try:
            self.tell()
            self.wait_till_others_lead(broker_id)
        finally:
            process.signal_group(signal.SIGCONT)
        self.topics.flush()
        self.kafka.restart(broker_id)  # it runs: this only waits till all are in sync

    def wait_till_others_lead(self, broker_id: int, seconds: float = 180) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                described = self.kafka.admin().list_topics(timeout=5).topics.values()
            except KafkaException:  # it asked the one that hangs
                continue
            if all(part.leader not in (broker_id, -1) for topic in described for part in topic.partitions.values()):
                return
            time.sleep(0.1)
        raise AssertionError(f"broker {broker_id} leads although it hangs")

    def kill_job(self, _count: int) -> None:
        self.tell()
        self.topics.flush()
        self.job.kill()

    def start_job(self, _count: int) -> None:
        self.job.launch(self.cloud.aws_env())
        self.job.wait_till_running()

    def pause_job(self, _count: int) -> None:
        process = PidFiles(self.folder).read(PART)
        assert process is not None
        process.signal_group(signal.SIGSTOP)
        try:
            self.events(20)
        finally:
            process.signal_group(signal.SIGCONT)

    def settle(self) -> None:
        """Wait for every row that must come, and read all topics back."""
        self.outcome.expected = settle(self.topics, self.outcome)
        self.rows.wait_for(self.outcome.expected, 600)
        self.rows.read()
        for event in (value(stored) for topic in ("dead-letters", "late-events") for stored in self.topics.read(topic)):
            if isinstance(event, DeadLetter):
                self.outcome.dead.append(event)
            elif isinstance(event, LateEvent):
                self.late[event.topic.partition(".")[2], event.partition, event.offset] = event


@contextmanager
def running_round(
    seed: int, kafka: KafkaCluster, cloud: LocalCloud, folder: Path, stage: str, properties: dict[str, str]
) -> Iterator[Round]:
    kafka.create_topics(stage)
    topics, rows = Topics(kafka, stage), Rows(cloud, stage)
    topics.beat(START)
    plan = JobPlan(folder, {**PROPERTIES, **properties, "stage": stage, "stream": stage})
    with running_jobs(kafka, cloud, plan) as (job,):
        yield Round(seed, kafka, cloud, folder, job, topics, rows)


def problems(one: Round) -> list[str]:
    """What is wrong in rows, accounts and lights."""
    rows, wanted = one.rows, one.outcome.expected
    return [
        *([f"rows: {found}"] if (found := rows.differences(wanted)) else []),
        *([f"rows that came again differ: {list(rows.changed)[:3]}"] if rows.changed else []),
        *dead_letter_problems(one.outcome),
        *late_problems(one),
        *(f"falsely green: {found}" for found in falsely_green(rows.arrived, wanted)[:3]),
    ]


def dead_letter_problems(outcome: Outcome) -> Iterator[str]:
    """All that is bad has a letter with its reason, nothing else has. After a kill the same letter may come twice."""
    bad = {stored.place: stored.value for stored in outcome.sent if stored.value in outcome.reasons}
    letters = {(letter.topic.partition(".")[2], letter.partition, letter.offset): letter for letter in outcome.dead}
    if missing := bad.keys() - letters.keys():
        yield f"no dead letter of {len(missing)} bad messages, the first {min(missing)}"
    if good := letters.keys() - bad.keys():
        yield f"dead letters of {len(good)} good messages, the first {letters[min(good)]}"
    for place in letters.keys() & bad.keys():
        if letters[place].payload != (bad[place] or b"") or outcome.reasons[bad[place]] not in letters[place].reason:
            yield f"dead letter of {place}: {letters[place].reason}, not {outcome.reasons[bad[place]]}"


def late_problems(one: Round) -> Iterator[str]:
    """Only a copy of what was counted may be late: publishers were in order, and beat every partition."""
    counted: set[str] = set()
    for stored in sorted(stored for stored in one.outcome.sent if stored.value not in one.outcome.reasons):
        event_id = value(stored).event_id
        if stored.place in one.late and event_id not in counted:
            yield f"late: {stored.place} {event_id}, although it is the first of its kind"
        counted.add(event_id)


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + ROUNDS))
def test_a_round(
    seed: int, kafka: KafkaCluster, cloud: LocalCloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_round(seed, kafka, cloud, tmp_path, f"round{seed}", {}) as one:
        steps = steps_of(seed)
        with capsys.disabled():
            print(f"\nround {seed}: {', '.join(f'{step.action} {step.number}' for step in steps)}", flush=True)
        for step in steps:
            one.take(step)
        one.settle()
    with capsys.disabled():
        kinds = f"{one.outcome.duplicates} copies, {len(one.outcome.dead)} dead letters, {len(one.late)} late copies"
        print(f"round {seed}: {len(one.rows.rows)} rows of {one.outcome.consumed} events, {kinds}", flush=True)
    assert not problems(one)
    assert one.outcome.duplicates
    assert one.outcome.dead
    assert one.late


def test_a_round_that_counts_copies_is_found_out(kafka: KafkaCluster, cloud: LocalCloud, tmp_path: Path) -> None:
    """The control: the same checks on a job that does not look for duplicates."""
    with running_round(FIRST_SEED, kafka, cloud, tmp_path, "control", {"drop_duplicates": "false"}) as one:
        for step in (Step("events", 200), Step("copies", 80), Step("events", 60)):
            one.take(step)
        one.settle()
    found = problems(one)
    assert any(problem.startswith("rows:") for problem in found)
    assert any(problem.startswith("falsely green") for problem in found)
