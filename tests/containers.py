"""The tests' brokers and local cloud as containers, where a Docker engine answers: services of `compose.yaml`, each
test module's on ports of its own. `SEMAFORO_TEST_CONTAINERS=0` keeps to processes, as does a machine without an engine.

They are our own brokers and cloud to whoever uses them, but for the process: `process` knows none, and a run that is
SIGKILLed leaves its containers (`docker compose ls` names them `semaforo-test-…`). No engine has run any of it.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from deploy.errors import PartError
from deploy.local.broker_properties import BROKER_IDS
from deploy.local.brokers import KafkaCluster, part
from deploy.local.cloud import LocalCloud
from deploy.local.ports import free_ports
from deploy.local.processes import write_json
from deploy.paths import ROOT

SWITCH: Final = "SEMAFORO_TEST_CONTAINERS"
ANSWER_SECONDS: Final = 5.0
"""An engine says its version in tens of milliseconds."""
UP_SECONDS: Final = 900.0
"""The first time an image is fetched or built."""

_numbers = itertools.count()


def brokers(state_dir: Path, *, alone: bool = False) -> KafkaCluster:
    """Containers, of which there are three, or processes of ours."""
    return BrokerContainers(state_dir) if wanted() else KafkaCluster(state_dir, alone=alone)


def cloud(state_dir: Path) -> LocalCloud:
    """A container, or a process of ours."""
    return CloudContainer(state_dir) if wanted() else LocalCloud(state_dir)


def wanted() -> bool:
    """Whether an engine answers and nobody said no."""
    return os.environ.get(SWITCH, "") != "0" and engine_answers(os.environ.get("PATH", ""))


@cache
def engine_answers(path: str, seconds: float = ANSWER_SECONDS) -> bool:
    """Whether the `docker` of a search path has both an engine behind it and `compose`. Asked once a run."""
    program = shutil.which("docker", path=path)
    if program is None:
        return False
    for words in (["version", "--format", "{{.Server.Version}}"], ["compose", "version"]):
        try:
            done = subprocess.run([program, *words], capture_output=True, timeout=seconds, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return False
        if done.returncode != 0:
            return False
    return True


class Composed:
    """Some services of `compose.yaml` as a project of its own."""

    def __init__(self) -> None:
        self._project = f"semaforo-test-{os.getpid()}-{next(_numbers)}"
        self._variables: dict[str, str] = {}

    def up(self, services: list[str], variables: Mapping[str, str] | None = None) -> None:
        """Start them and wait till they are healthy; the `variables` hold for all later calls. Raises PartError."""
        self._variables |= variables or {}
        self._compose("up", "--detach", "--wait", "--no-deps", *services)

    def kill(self, service: str) -> None:
        """SIGKILL one."""
        self._compose("kill", service)

    def running(self) -> list[str]:
        """The services that run."""
        return self._compose("ps", "--services", "--status", "running").split()

    def down(self) -> None:
        """All of them, with their data."""
        self._compose("down", "--volumes", "--timeout", "0")

    def _compose(self, *words: str) -> str:
        command = ["docker", "compose", "--project-name", self._project, "--file", str(ROOT / "compose.yaml"), *words]
        environment = {**os.environ, **self._variables}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=UP_SECONDS, check=False)
        if done.returncode != 0:
            raise PartError("containers", f"`docker compose {' '.join(words)}` failed:\n{done.stderr[-3000:]}")
        return done.stdout


class BrokerContainers(KafkaCluster):
    """Three brokers, each in a container, reached on ports of this machine."""

    def __init__(self, state_dir: Path) -> None:
        super().__init__(state_dir)
        self._composed = Composed()

    def start(self) -> None:
        if not self._ports_path.exists():
            write_json(self._ports_path, {"brokers": free_ports(len(BROKER_IDS)), "controllers": []})
        ports = dict(zip(BROKER_IDS, self.ports()["brokers"], strict=True))
        variables = {f"BROKER_{number}_PORT": str(port) for number, port in ports.items()}
        self._composed.up(list(map(part, BROKER_IDS)), variables)
        self.wait_till_all_answer()

    def stop(self, *, grace_seconds: float = 0) -> None:
        """Data goes with them, whatever the grace."""
        self._composed.down()

    def kill(self, broker_id: int) -> None:
        self._composed.kill(part(broker_id))

    def restart(self, broker_id: int) -> None:
        self._composed.up([part(broker_id)])
        self.wait_till_all_answer()

    def running(self) -> list[int]:
        names = self._composed.running()
        return [broker_id for broker_id in BROKER_IDS if part(broker_id) in names]


class CloudContainer(LocalCloud):
    """The local cloud in a container, under the same address inside and outside: functions in it use that too."""

    def __init__(self, state_dir: Path) -> None:
        super().__init__(state_dir)
        self._composed = Composed()

    def launch(self) -> None:
        if not self._port_path.exists():
            write_json(self._port_path, {"port": free_ports(1)[0]})
        self._composed.up(["cloud"], {"CLOUD_PORT": str(self.port), "CLOUD_HOST": "127.0.0.1"})

    def stop(self, *, grace_seconds: float = 0) -> None:
        """What it holds goes with it, whatever the grace."""
        self._composed.down()

    def is_running(self) -> bool:
        return "cloud" in self._composed.running()
