"""Three real Apache Kafka brokers on 127.0.0.1, one per "zone", as MSK places them.

Each node is broker and KRaft controller at once, so any one of the three may be killed and the other two
carry on: a topic keeps its minimum of two in-sync replicas and the controllers their majority.
"""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from deploy.errors import PartError
from deploy.local.broker_classes import archive_options
from deploy.local.broker_properties import BROKER_IDS, SETTINGS, broker_properties
from deploy.local.jars import java, kafka_jars
from deploy.local.ports import free_ports, is_free
from deploy.local.processes import POLL_SECONDS, PidFiles, Process, stop_processes, write_json
from deploy.local.storage import cluster_id, copy_formatted
from deploy.made_once import made_once
from deploy.paths import BUILD
from schemas.topics import MIN_INSYNC_REPLICAS, TOPICS, topic_name

NO_LEADER: Final = -1
HEAP: Final = "-Xmx384m"
JVM_OPTIONS: Final = (
    HEAP,
    "-Xms128m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
)
START_SECONDS: Final = 90.0
"""Three brokers answer in about 6 s on an idle 2-core machine; a busy one takes several times that."""

SILENT = logging.getLogger("deploy.local.brokers.client")
SILENT.setLevel(logging.CRITICAL)  # librdkafka prints every refused connection while brokers start


class KafkaCluster:
    """A cluster whose data and ports lie in `<state>/kafka`, its pids and logs beside them.

    `alone`: one broker, for tests that have no use for copies.
    """

    def __init__(self, state_dir: Path, *, alone: bool = False) -> None:
        self._ids = BROKER_IDS[:1] if alone else BROKER_IDS
        self._pids = PidFiles(state_dir)
        self._folder = state_dir / "kafka"
        self._ports_path = self._folder / "ports.json"

    @property
    def bootstrap(self) -> str:
        """`host:port` of all brokers, comma-separated."""
        return ",".join(f"127.0.0.1:{port}" for port in self.ports()["brokers"])

    def ports(self) -> dict[str, list[int]]:
        """The ports of the brokers and of the controllers, in the order of the broker ids."""
        ports: dict[str, list[int]] = json.loads(self._ports_path.read_text())
        return ports

    def start(self) -> None:
        """Start the brokers that do not run and wait till all answer; data of an earlier run is kept.

        Raises:
            PartError: a broker died or the cluster did not answer in time.
        """
        kafka_jars()
        if not self.running():
            self._choose_ports()
        self._format()
        for broker_id in self._ids:
            self._launch(broker_id)
        self.wait_till_all_answer()

    def stop(self, *, grace_seconds: float = 3) -> None:
        """Stop all brokers. Safe to call on a stopped cluster."""
        self._pids.stop(*map(part, self._ids), grace_seconds=grace_seconds)

    def kill(self, broker_id: int) -> None:
        """SIGKILL one broker; its pid file stays, so `status` names it as crashed."""
        stop_processes([self.process(broker_id)], grace_seconds=0)

    def restart(self, broker_id: int) -> None:
        """Start a killed broker on its old port and data, and wait till it is back in the cluster."""
        self._launch(broker_id)
        self.wait_till_all_answer()

    def running(self) -> list[int]:
        """Ids of the brokers whose process runs."""
        return [broker_id for broker_id in self._ids if self._pids.is_running(part(broker_id))]

    def process(self, broker_id: int) -> Process:
        """A broker's process; PartError when it was never started."""
        process = self._pids.read(part(broker_id))
        if process is None:
            raise PartError(part(broker_id), "was never started")
        return process

    def admin(self) -> AdminClient:
        """A client for the cluster that does not print."""
        return AdminClient({"bootstrap.servers": self.bootstrap}, logger=SILENT)

    def create_topics(self, stage: str) -> None:
        """Create the topics of a stage that are not there yet, as `schemas.topics` describes them; a broker that is
        alone has the one copy.

        The controller says that a topic is made before each broker has heard of it, and any broker may be asked: a
        job or a producer that starts at once was told that there is no such topic. So waits till all know; PartError
        when one does not in time.
        """
        admin = self.admin()
        present = admin.list_topics(timeout=10).topics
        wanted = [
            NewTopic(
                topic_name(stage, name),
                num_partitions=topic.partitions,
                replication_factor=len(self._ids),
                config={**topic.config(), "min.insync.replicas": str(min(MIN_INSYNC_REPLICAS, len(self._ids)))},
            )
            for name, topic in TOPICS.items()
            if topic_name(stage, name) not in present
        ]
        if wanted:
            for future in admin.create_topics(wanted, operation_timeout=30).values():
                future.result()
        self._wait_till_known({topic_name(stage, name) for name in TOPICS})

    def leader(self, topic: str, partition: int, *, other_than: int = NO_LEADER) -> int:
        """Id of the broker that leads a partition, or next does `other_than` the one that did.

        Any broker may be asked, and not each knows a new topic or leader yet: waits till one says it, PartError when
        none does in time.
        """
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            partitions = self.admin().list_topics(topic, timeout=10).topics[topic].partitions
            found = int(partitions[partition].leader) if partition in partitions else NO_LEADER
            if found not in (NO_LEADER, other_than):
                return found
            time.sleep(POLL_SECONDS)
        raise PartError("brokers", f"nobody led {topic} {partition} within {START_SECONDS:.0f} s")

    def _wait_till_known(self, topics: set[str]) -> None:
        behind = set(self.running())
        deadline = time.monotonic() + START_SECONDS
        while behind:
            asked = min(behind)
            if time.monotonic() > deadline:
                log_path = self._pids.log_path(part(asked))
                raise PartError(part(asked), f"did not know the new topics within {START_SECONDS:.0f} s", log_path)
            answering, known = self.ask_for_topics(asked)
            if topics <= known:
                behind.discard(answering)
            else:
                time.sleep(POLL_SECONDS)

    def ask_for_topics(self, broker_id: int) -> tuple[int, set[str]]:
        """Ask one broker which topics there are: who answered, and what it knows.

        The client may ask another that it has just heard of. It keeps to it, so each time a new one asks.
        """
        port = self.ports()["brokers"][self._ids.index(broker_id)]
        asking = AdminClient({"bootstrap.servers": f"127.0.0.1:{port}"}, logger=SILENT)
        try:
            answer = asking.list_topics(timeout=10)
        except KafkaException:
            return broker_id, set()
        # A broker whose id the client does not know yet is the one it was given.
        return (answer.orig_broker_id if answer.orig_broker_id in self._ids else broker_id), set(answer.topics)

    def _choose_ports(self) -> None:
        """Keep the ports of an earlier run while they are free, else take new ones for the whole cluster."""
        if self._ports_path.exists() and all(is_free(p) for ports in self.ports().values() for p in ports):
            return
        ports = free_ports(2 * len(self._ids))
        write_json(self._ports_path, {"brokers": ports[: len(self._ids)], "controllers": ports[len(self._ids) :]})

    def _format(self) -> None:
        """Give each broker its properties, and its storage if it has none."""
        for broker_id in self._ids:
            self._write_properties(broker_id)
            storage = self._data(broker_id)
            copy_formatted(self._formatted(), storage, cluster=cluster_id(self._folder), broker_id=broker_id)

    def _formatted(self) -> Path:
        """Storage of no cluster yet, for these brokers and settings."""
        made_from = f"{kafka_jars().name} {sorted(SETTINGS.items())}"
        digest = hashlib.sha256(made_from.encode()).hexdigest()[:16]
        return made_once(BUILD / "kafka-storage" / digest, self._run_format)

    def _run_format(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        own = self._folder / "format.properties"
        properties = self._write_properties(self._ids[0]).read_text()
        own.write_text(f"{properties}log.dirs={folder}\n")  # of two the last counts
        tool = ["kafka.tools.StorageTool", "format", "--cluster-id", cluster_id(folder), "--config", str(own)]
        done = subprocess.run(self._java(*tool), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise PartError("brokers", f"formatting their storage failed:\n{done.stdout}{done.stderr}")

    def _launch(self, broker_id: int) -> None:
        if broker_id not in self.running():
            properties = self._folder / f"broker-{broker_id}.properties"
            options = archive_options(self._java("kafka.Kafka"), self._formatted())
            self._pids.launch(part(broker_id), self._java("kafka.Kafka", str(properties), options=options))

    def _java(self, *arguments: str, options: Sequence[str] = ()) -> list[str]:
        log_config = Path(__file__).parent / "kafka" / "log4j2.properties"
        classpath = f"{kafka_jars()}/*"
        return [
            java(),
            *JVM_OPTIONS,
            *options,
            f"-Dlog4j2.configurationFile={log_config}",
            "-cp",
            classpath,
            *arguments,
        ]

    def _write_properties(self, broker_id: int) -> Path:
        path = self._folder / f"broker-{broker_id}.properties"
        path.write_text(broker_properties(broker_id, self.ports(), self._data(broker_id)))
        return path

    def wait_till_all_answer(self) -> None:
        """All of them registered with the controller, and each of them in sync for every partition it holds."""
        admin = self.admin()
        deadline = time.monotonic() + START_SECONDS
        while True:
            for broker_id in set(self._ids).difference(self.running()):
                raise PartError(part(broker_id), "died while starting", self._pids.log_path(part(broker_id)))
            if self._all_in_sync(admin):
                return
            if time.monotonic() > deadline:
                log_path = self._pids.log_path(part(self._ids[0]))
                raise PartError("brokers", f"not all answered within {START_SECONDS:.0f} s", log_path)
            time.sleep(POLL_SECONDS)

    def _all_in_sync(self, admin: AdminClient) -> bool:
        try:
            described = admin.list_topics(timeout=2)
        except KafkaException:
            return False
        partitions = [p for topic in described.topics.values() for p in topic.partitions.values()]
        return len(described.brokers) == len(self._ids) and all(
            p.leader >= 0 and len(p.isrs) == len(p.replicas) for p in partitions
        )

    def _data(self, broker_id: int) -> Path:
        return self._folder / f"broker-{broker_id}"


def part(broker_id: int) -> str:
    """Name of a broker's process in pid files and `status`."""
    return f"broker-{broker_id}"
