"""A broker and the job are killed mid-window: nothing is lost, nothing is wrong. And what happens without state."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import LocalCloud
from deploy.local.job import KpiJob
from schemas.events import Event, utc
from schemas.topics import KPI_TOPICS, PARTITIONS, topic_name
from tests.flink_jobs.made_up import MadeUp
from tests.flink_jobs.reference import Expected, Key, expected_rows
from tests.integration.kpi_topics import STAGE, Rows, Topics, newest_at
from tests.integration.test_kpi_job import is_clock_beat, start_job, value

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
    folder = tmp_path_factory.mktemp("job")
    job = start_job(folder, kafka, cloud, {})
    try:
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
    finally:
        job.stop(grace_seconds=0)


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
    sent = [(value(stored), stored.appended_at_ms) for topic in KPI_TOPICS for stored in topics.read(topic)]
    return expected_rows([(event, at) for event, at in sent if not is_clock_beat(event)], PANE_MS)


def wait_for_checkpoint(job: KpiJob, seconds: float = 120) -> None:
    """Till a checkpoint is complete."""
    deadline = time.monotonic() + seconds
    while not list(job.checkpoint_dir.glob("*/chk-*/_metadata")):
        assert time.monotonic() < deadline, "no checkpoint"
        time.sleep(0.1)


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


def test_without_its_state_the_same_kill_does_lose(
    faulty: Faulty, kafka: KafkaCluster, cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The control: go on from the committed offsets, but without the checkpoint. The check above must see it."""
    wait_till_all_is_committed(kafka)
    faulty.job.kill()
    shutil.rmtree(faulty.job.checkpoint_dir)
    forget_up_to_committed_offsets(kafka)
    control = start_job(control_folder(tmp_path_factory), kafka, cloud, {})
    try:
        publish(faulty.topics, faulty.made_up, 40)
        wanted = newest_at(faulty.rows.rows)
        faulty.rows.wait(lambda rows: newest_at(rows.rows) > wanted, "rows of the control")
        after = {key: row for key, row in faulty.rows.rows.items() if key.at_ms > wanted and key.window == "28d"}
        newest_before = {
            key.entity: row for key, row in sorted(faulty.expected.items()) if key.window == "28d"
        }  # of each route, the last
        assert any(row.events < newest_before[key.entity].events / 2 for key, row in after.items())
    finally:
        control.stop(grace_seconds=0)


def control_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of its own, without any checkpoint."""
    return tmp_path_factory.mktemp("control")


def wait_till_all_is_committed(kafka: KafkaCluster, seconds: float = 120) -> None:
    """Till a checkpoint has committed everything on the topics: what is not would be read again, like state."""
    admin = kafka.admin()
    deadline = time.monotonic() + seconds
    while True:
        committed = {(p.topic, p.partition): p.offset for p in committed_offsets(admin)}
        latest = {TopicPartition(*place): OffsetSpec.latest() for place in committed}  # type: ignore[no-untyped-call]
        ends = {(p.topic, p.partition): f.result(60).offset for p, f in admin.list_offsets(latest).items()}
        if all(committed[place] == end for place, end in ends.items() if end > 0):
            return
        assert time.monotonic() < deadline, "the job does not commit what it has read"
        time.sleep(0.1)


def committed_offsets(admin: AdminClient) -> list[TopicPartition]:
    """Where the job has committed each partition."""
    group = f"{STAGE}.kpi-job"
    places = [TopicPartition(topic_name(STAGE, topic), p) for topic in KPI_TOPICS for p in range(PARTITIONS)]
    request = ConsumerGroupTopicPartitions(group, places)
    committed = admin.list_consumer_group_offsets([request])[group].result(60).topic_partitions
    assert committed
    return list(committed)


def forget_up_to_committed_offsets(kafka: KafkaCluster) -> None:
    """Delete from the topics what the job has committed: a job without state cannot read it again."""
    admin = kafka.admin()
    found = committed_offsets(admin)
    for deleted in admin.delete_records([place for place in found if place.offset > 0]).values():
        deleted.result(60)
