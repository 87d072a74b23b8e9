"""A broker's classes as a JVM had read and checked them (AppCDS), so that each start does not do it again.

Three brokers answer after 9.5 instead of 15 s of CPU, and half the time (crowded machine, two runs of each). What makes
the archive is one broker by itself, started and stopped once for each version of brokers and Java.
"""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local.broker_properties import BROKER_IDS, broker_properties
from deploy.local.jars import java_release
from deploy.local.ports import free_ports
from deploy.local.processes import POLL_SECONDS
from deploy.local.storage import cluster_id, copy_formatted
from deploy.made_once import made_once
from deploy.paths import BUILD

SECONDS: Final = 120.0
"""For a broker that comes up, and for its end, in which the archive is written: 6 and 4 s on an idle machine."""


def archive_options(command: Sequence[str], formatted: Path) -> list[str]:
    """What the brokers' JVMs are told of the archive; nothing where none could be made, as it is only for speed.

    `command` is what starts a broker but for its properties, `formatted` storage that nobody uses.
    """
    digest = hashlib.sha256("\0".join([*command, java_release()]).encode()).hexdigest()[:16]
    folder = made_once(BUILD / "kafka-classes" / digest, lambda target: _make(target, command, formatted))
    archive = folder / "broker.jsa"
    return [f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []


def _make(target: Path, command: Sequence[str], formatted: Path) -> None:
    target.mkdir(parents=True)
    options = [command[0], f"-XX:ArchiveClassesAtExit={target / 'broker.jsa'}", *command[1:]]
    with tempfile.TemporaryDirectory() as folder, (target / "broker.log").open("wb") as log:
        data, properties = Path(folder) / "data", Path(folder) / "broker.properties"
        copy_formatted(formatted, data, cluster=cluster_id(data), broker_id=BROKER_IDS[0])
        port, controller_port = free_ports(2)
        properties.write_text(
            broker_properties(BROKER_IDS[0], {"brokers": [port], "controllers": [controller_port]}, data)
        )
        broker = subprocess.Popen([*options, str(properties)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _wait_till_it_answers(broker, f"127.0.0.1:{port}")
            broker.terminate()
            broker.wait(SECONDS)
        except subprocess.TimeoutExpired:
            (target / "broker.jsa").unlink(missing_ok=True)  # half a one
        finally:
            broker.kill()
            broker.wait()


def _wait_till_it_answers(broker: subprocess.Popen[bytes], bootstrap: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    deadline = time.monotonic() + SECONDS
    while broker.poll() is None and time.monotonic() < deadline:
        try:
            if admin.list_topics(timeout=2).brokers:
                return
        except KafkaException:
            time.sleep(POLL_SECONDS)
