"""KPI jobs for tests on real brokers: started beside one another, and what tells that one has read something."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import LocalCloud
from deploy.local.job import KpiJob
from schemas.topics import KPI_TOPICS, PARTITIONS, topic_name
from tests.integration.kpi_topics import STAGE

PROPERTIES = {
    "stage": STAGE,
    "stream": "kpis",
    "pace": "replay",
    "checkpoint_seconds": "2",
    # The made-up stream pauses for more than a day between two beats.
    "ahead_limit_seconds": "864000",
}


def start_job(
    folder: Path, kafka: KafkaCluster, cloud: LocalCloud, properties: Mapping[str, str], group: str = ""
) -> KpiJob:
    """A running job that reads the test stage and writes to stream `kpis`, unless `properties` say otherwise.

    `group` is what it commits its offsets under, where two jobs read the same stage.
    """
    job = KpiJob(folder)
    client = {"kafka": {"group.id": group}} if group else {}
    job.configure({"kpi-job": {**PROPERTIES, "bootstrap": kafka.bootstrap, **properties}, **client})
    job.launch(cloud.aws_env())
    job.wait_till_running()
    return job


def start_jobs(starts: list[Callable[[], KpiJob]]) -> list[KpiJob]:
    """All of them at once. If one does not start, the others are stopped."""
    with ThreadPoolExecutor(len(starts)) as pool:
        starting = [pool.submit(start) for start in starts]
    failed = [error for future in starting if (error := future.exception())]
    if failed:
        stop_jobs([future.result() for future in starting if not future.exception()])
        raise failed[0]
    return [future.result() for future in starting]


def stop_jobs(jobs: list[KpiJob]) -> None:
    """At once, without a last checkpoint."""
    for job in jobs:
        job.stop(grace_seconds=0)


def wait_for_checkpoint(job: KpiJob, seconds: float = 120) -> None:
    """Till a checkpoint is complete."""
    deadline = time.monotonic() + seconds
    while not list(job.checkpoint_dir.glob("*/chk-*/_metadata")):
        assert time.monotonic() < deadline, "no checkpoint"
        time.sleep(0.1)


def wait_till_all_is_committed(kafka: KafkaCluster, group: str = f"{STAGE}.kpi-job", seconds: float = 180) -> None:
    """Till a checkpoint has committed all that is on the topics: the job has read it, and every step has seen it."""
    admin = kafka.admin()
    deadline = time.monotonic() + seconds
    while True:
        committed = {(p.topic, p.partition): p.offset for p in committed_offsets(admin, group)}
        latest = {TopicPartition(*place): OffsetSpec.latest() for place in committed}  # type: ignore[no-untyped-call]
        ends = {(p.topic, p.partition): f.result(60).offset for p, f in admin.list_offsets(latest).items()}
        if all(committed[place] == end for place, end in ends.items() if end > 0):
            return
        assert time.monotonic() < deadline, f"{group} does not commit what is on the topics"
        time.sleep(0.1)


def committed_offsets(admin: AdminClient, group: str = f"{STAGE}.kpi-job") -> list[TopicPartition]:
    """Where a job on the test stage has committed each partition."""
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
