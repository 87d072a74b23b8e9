"""A broker and the job are killed mid-window: nothing is lost, nothing is wrong. And what happens without state."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import LocalCloud
from deploy.local.job import KpiJob
from schemas.events import Event, utc
from schemas.lights import Light
from schemas.topics import topic_name
from tests.flink_jobs.made_up import MadeUp
from tests.flink_jobs.reference import Expected, Key, expected_rows
from tests.integration.kpi_jobs import (
    JobPlan,
    forget_up_to_committed_offsets,
    running_jobs,
    wait_for_checkpoint,
    wait_till_all_is_committed,
)
from tests.integration.kpi_lights import colours, expected_lights, falsely_green, lights_of, twitchy_catalog
from tests.integration.kpi_topics import STAGE, Rows, Topics, newest_at

pytestmark = pytest.mark.integration

START = utc(2013, 1, 10)
PANE_MS = 60_000
GAP = timedelta(hours=1)  # so that the run is longer than 28 days and every window empties again
BATCH = 20


@dataclass
class Faulty:
    """A job that was killed once, over topics whose leader was killed once."""

    topics: Topics
    rows: Rows
    job: KpiJob
    made_up: MadeUp
    expected: dict[Key, Expected]
    late: int
    rows_before_kill: int


@pytest.fixture(scope="module")
def faulty(kafka: KafkaCluster, cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulty]:
    topics, rows, made_up = Topics(kafka), Rows(cloud, "kpis"), MadeUp(28, START)
    topics.beat(START)
    with running_jobs(kafka, cloud, JobPlan(tmp_path_factory.mktemp("job"))) as (job,):
        publish(topics, made_up, 300)
        wait_for_checkpoint(job)
        leader = kafka.leader(topic_name(STAGE, "flight-status"), 0)
        kafka.kill(leader)
        publish(topics, made_up, 200)
        rows.wait_for(expected(topics))

        publish(topics, made_up, 100, beat_last=False)  # mid-window: read, not yet in any row, maybe in no checkpoint
        before = rows.count
        job.kill()
        publish(topics, made_up, 200)  # the job is down
        kafka.restart(leader)
        job.launch(cloud.aws_env())
        job.wait_till_running()
        publish(topics, made_up, 100)
        wanted = expected(topics)
        rows.wait_for(wanted)
        yield Faulty(topics, rows, job, made_up, wanted, len(topics.read("late-events")), before)


def publish(topics: Topics, made_up: MadeUp, count: int, *, beat_last: bool = True) -> None:
    """Events in order, a beat after each batch."""
    events: list[Event] = list(made_up.events(count, GAP))
    for begin in range(0, count, BATCH):
        batch = events[begin : begin + BATCH]
        for event in batch:
            topics.send(event)
        topics.flush()
        if beat_last or begin + BATCH < count:
            topics.beat(batch[-1].event_at)
    if beat_last:
        topics.beat(events[-1].event_at + timedelta(milliseconds=PANE_MS))
        made_up.rest(timedelta(hours=1))


def expected(topics: Topics) -> dict[Key, Expected]:
    """From what the brokers hold."""
    return expected_rows(topics.facts().values(), PANE_MS)


def test_nothing_is_lost_and_nothing_is_wrong(faulty: Faulty) -> None:
    got = faulty.rows.rows
    assert got.keys() == faulty.expected.keys()
    wrong = {key: (got[key], row) for key, row in faulty.expected.items() if got[key] != row}
    assert not wrong, f"{len(wrong)} of {len(got)}, the first {next(iter(wrong.items()))}"


def test_a_row_that_comes_again_says_the_same(faulty: Faulty) -> None:
    assert 0 < faulty.rows_before_kill < faulty.rows.count
    assert not faulty.rows.changed


def test_nothing_turned_late_while_a_leader_was_away(faulty: Faulty) -> None:
    assert faulty.late == 0


def test_no_light_was_falsely_green(faulty: Faulty) -> None:
    """At no row of any light, in the order in which the rows came, repeats included."""
    assert min(colours(expected_lights(faulty.expected, twitchy_catalog())).values()) > 100
    assert not falsely_green(faulty.rows.arrived, faulty.expected)


def test_rows_that_come_after_a_long_fault_make_no_light_green(faulty: Faulty) -> None:
    """What was true 16 minutes ago is not known now. And the same rows judged by rules that take any age."""
    arrived, held_up = faulty.rows.arrived, timedelta(minutes=16)
    assert colours(lights_of(arrived, twitchy_catalog(), held_up)).keys() == {Light.GREY}
    assert colours(lights_of(arrived, twitchy_catalog(max_age=None), held_up))[Light.GREEN] > 100


def test_without_its_state_the_same_kill_does_lose(
    faulty: Faulty, kafka: KafkaCluster, cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The control: go on from the committed offsets, but without the checkpoint. The checks above must see it."""
    wait_till_all_is_committed(kafka)
    told = faulty.topics.facts()
    faulty.job.kill()
    shutil.rmtree(faulty.job.checkpoint_dir)
    forget_up_to_committed_offsets(kafka)
    with running_jobs(kafka, cloud, JobPlan(tmp_path_factory.mktemp("control"))):
        publish(faulty.topics, faulty.made_up, 40)
        told |= faulty.topics.facts()
        everything = expected_rows(told.values(), PANE_MS)
        before = newest_at(faulty.expected)
        after = {key: row for key, row in everything.items() if key.at_ms > before}
        faulty.rows.wait_for(after)
        assert any(faulty.rows.rows[key].events < row.events / 2 for key, row in after.items() if key.window == "28d")
        assert falsely_green(faulty.rows.arrived, everything)
