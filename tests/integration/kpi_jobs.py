"""KPI jobs for tests on real brokers: started beside one another, and what tells that one has read something."""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaException, TopicPartition

from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import LocalCloud
from deploy.local.job import KpiJob
from deploy.local.lifeline import Lifeline
from schemas.topics import KPI_TOPICS, PARTITIONS, topic_name
from tests.integration.kpi_topics import STAGE

GROUP = f"{STAGE}.kpi-job"
PLACES = [(topic_name(STAGE, topic), partition) for topic in KPI_TOPICS for partition in range(PARTITIONS)]
PROPERTIES = {
    "stage": STAGE,
    "stream": "kpis",
    "pace": "replay",
    "checkpoint_seconds": "2",
    # The made-up stream pauses for more than a day between two beats.
    "ahead_limit_seconds": "864000",
}


class JobPlan(NamedTuple):
    """A job that reads the test stage and writes to stream `kpis`, unless its properties say otherwise.

    `group` is what it commits its offsets under, where two jobs read the same stage.
    """

    folder: Path
    properties: Mapping[str, str] = {}
    group: str = ""


@contextmanager
def running_jobs(kafka: KafkaCluster, cloud: LocalCloud, *plans: JobPlan) -> Iterator[list[KpiJob]]:
    """The jobs, all running; their starts, which take longest, overlap. They die with the block or the test run."""
    lifelines = [Lifeline(plan.folder) for plan in plans]
    jobs = [KpiJob(plan.folder) for plan in plans]
    try:
        for job, plan in zip(jobs, plans, strict=True):
            client = {"kafka": {"group.id": plan.group}} if plan.group else {}
            job.configure({"kpi-job": {**PROPERTIES, "bootstrap": kafka.bootstrap, **plan.properties}, **client})
            job.launch(cloud.aws_env())
        for job in jobs:
            job.wait_till_running()
        yield jobs
    finally:
        for job, lifeline in zip(jobs, lifelines, strict=True):
            job.stop(grace_seconds=0)
            lifeline.release()


def wait_for_checkpoint(job: KpiJob, seconds: float = 120) -> None:
    """Till a checkpoint is complete."""
    deadline = time.monotonic() + seconds
    while not list(job.checkpoint_dir.glob("*/chk-*/_metadata")):
        assert time.monotonic() < deadline, "no checkpoint"
        time.sleep(0.1)


def wait_till_all_is_committed(kafka: KafkaCluster, group: str = GROUP, seconds: float = 180) -> None:
    """Till a checkpoint has committed all that is on the topics: the job has read it, and every step has seen it."""
    deadline = time.monotonic() + seconds
    with closing(group_member(kafka, group)) as member:
        ends = {place: member.get_watermark_offsets(TopicPartition(*place), 60)[1] for place in PLACES}
        while not committed_offsets(member).items() >= ends.items():
            assert time.monotonic() < deadline, f"{group} does not commit what is on the topics"
            time.sleep(0.1)


def forget_up_to_committed_offsets(kafka: KafkaCluster) -> None:
    """Delete from the topics what the job has committed: a job without state cannot read it again."""
    with closing(group_member(kafka, GROUP)) as member:
        committed = committed_offsets(member)
    read = [TopicPartition(*place, offset) for place, offset in committed.items() if offset > 0]
    admin = kafka.admin()  # kept till all is answered: a request dies, unanswered, with its client
    for deleted in admin.delete_records(read).values():
        deleted.result(120)


def group_member(kafka: KafkaCluster, group: str) -> Consumer:
    """Asks for a group's offsets.

    Not the admin client: librdkafka 2.16 aborts the process if a group's coordinator is still loading when that one
    asks (its issue 4605; 2 of 2 runs here on brokers that had just started).
    """
    return Consumer(
        {"bootstrap.servers": kafka.bootstrap, "group.id": group, "enable.auto.commit": False, "log_level": 0}
    )


def committed_offsets(member: Consumer) -> dict[tuple[str, int], int]:
    """Where a job on the test stage has committed each partition; 0 where it has not."""
    try:
        committed = member.committed([TopicPartition(*place) for place in PLACES], 60)
    except KafkaException:  # the group's coordinator is loading or changing
        return dict.fromkeys(PLACES, 0)
    return {(place.topic, place.partition): max(place.offset, 0) for place in committed}
