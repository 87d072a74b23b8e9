"""The panes as a Kafka Streams application, in memory, with its change log on the brokers as its only durability."""

from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex
from typing import Final

from confluent_kafka.cimpl import NewTopic

from bench.kpi_job.compare import MEASURES_OF_ALL, Pane, compare_panes
from bench.kpi_job.contestant import CHECKPOINT_SECONDS, HEAP, done_file, run_to_end, taken_file
from bench.kpi_job.engines import Ground, Load, Run
from bench.kpi_job.jars import kafka_streams_libs
from bench.kpi_job.load import FACT_TOPICS
from bench.kpi_job.made_up import RECORDS
from bench.kpi_job.templates import Encoding
from deploy.local.jars import java
from flink_jobs.queries import CONSUMER
from schemas.codec import AVRO_FOLDER, newest
from schemas.topics import PARTITIONS, topic_name
from warehouse.topic_log import read

CACHE_BYTES: Final = 256 * 1024 * 1024
"""Holds every pane between two commits, so that each goes out about once; the default is 10 MB."""


class KafkaStreams:
    """`kafka_streams/`: one thread, one window, no repartitioning, since the topics are keyed by route."""

    name = "kafka-streams"
    encoding = Encoding.SINGLE_OBJECT
    does = f"Kafka Streams, generic Avro reader: {len(MEASURES_OF_ALL)} measures, panes of routes to a topic"

    def run(self, ground: Ground, load: Load) -> Run:
        """The panes are read back from the output topic, of each the newest message."""
        stage = load.shape.stage
        output = f"{stage}.panes-of-streams"
        application = f"{stage}-streams-{token_hex(4)}"  # one of its own each run: a group goes on where it was
        libs = kafka_streams_libs()
        properties = {
            "events": load.shape.events,
            "topics": ",".join(topic_name(stage, topic) for topic in FACT_TOPICS),
            "output": output,
            "schemas": ",".join(_schemas()),
            "warm.up": load.warm_up,
            "taken": taken_file(ground.folder),
            "done": done_file(ground.folder),
            "streams.application.id": application,
            "streams.bootstrap.servers": ground.kafka.bootstrap,
            "streams.state.dir": ground.folder / "state",
            "streams.commit.interval.ms": CHECKPOINT_SECONDS * 1000,
            "streams.statestore.cache.max.bytes": CACHE_BYTES,
            "streams.replication.factor": 1,
            "streams.topic.min.insync.replicas": 1,
            "streams.auto.offset.reset": "earliest",
            **{f"streams.consumer.{key}": value for key, value in CONSUMER.items()},
        }
        settings = ground.folder / "PaneJob.properties"
        settings.write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
        command: list[str | Path] = [java(), *HEAP.split(), "-cp", f"{libs}/*", "semaforo.bench.PaneJob", settings]
        _create(ground, output)
        try:
            cost = run_to_end(self.name, ground.folder, command, load.warm_up)
            return Run(cost, compare_panes(load.shape, load.panes, _newest_panes(ground, output)))
        finally:
            _delete(ground, {output, f"{application}-panes-changelog"})


def _schemas() -> Iterator[str]:
    for record in dict.fromkeys([*(record.__name__ for record in RECORDS), "RouteHeartbeat"]):
        yield str(AVRO_FOLDER / f"{record}.v{newest(record).version}.avsc")


def _newest_panes(ground: Ground, output: str) -> list[Pane]:
    panes: dict[tuple[str, int], Pane] = {}
    for message in read(ground.kafka.bootstrap, output):
        entity, at_ms, events, *sums = (message.value or b"").decode().split(",")
        panes[entity, int(at_ms)] = Pane(entity, int(at_ms), int(events), tuple(map(int, sums)))
    return list(panes.values())


def _create(ground: Ground, topic: str) -> None:
    admin = ground.kafka.admin()
    settings = {"min.insync.replicas": "1", "file.delete.delay.ms": "1000"}
    new = NewTopic(topic, num_partitions=PARTITIONS, replication_factor=1, config=settings)
    admin.create_topics([new], operation_timeout=30)[topic].result()


def _delete(ground: Ground, topics: set[str]) -> None:
    admin = ground.kafka.admin()
    there = topics & set(admin.list_topics(timeout=30).topics)
    for future in admin.delete_topics(sorted(there), operation_timeout=30).values():
        future.result()
