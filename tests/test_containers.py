"""When tests take containers, and what they ask of Docker. No engine is at hand: one of its name writes it down."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy.errors import PartError
from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import LocalCloud
from tests import containers
from tests.containers import BrokerContainers, CloudContainer, engine_answers

ANSWERS = 'case "$*" in *--services*) printf "broker-1\\nbroker-3\\ncloud\\n";; esac'
DEAD = 'case "$*" in version*) echo "Cannot connect to the Docker daemon" >&2; exit 1;; esac'
WITHOUT_COMPOSE = 'case "$*" in "compose version") exit 125;; esac'
HANGS = "exec sleep 60"


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `docker` that answers; beside it the list of what it was asked, with the ports it was given."""
    place(tmp_path, ANSWERS)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv(containers.SWITCH, raising=False)
    return tmp_path / "asked"


def place(folder: Path, answer: str) -> None:
    program = folder / "docker"
    given = "BROKER_1_PORT=$BROKER_1_PORT CLOUD_PORT=$CLOUD_PORT"
    program.write_text(f'#!/bin/sh\necho "$* {given}" >> "{folder}/asked"\n{answer}\n')
    program.chmod(0o755)


def asked(log: Path) -> list[str]:
    """Without the project, the file and the ports."""
    lines = [line.partition(" BROKER_1_PORT")[0] for line in log.read_text().splitlines()]
    return [line.partition("compose.yaml ")[2] for line in lines if "compose.yaml" in line]


def test_where_an_engine_answers_tests_take_containers(docker: Path, tmp_path: Path) -> None:
    assert isinstance(containers.brokers(tmp_path), BrokerContainers)
    assert isinstance(containers.cloud(tmp_path), CloudContainer)


@pytest.mark.parametrize("answer", [DEAD, WITHOUT_COMPOSE])
def test_a_program_without_an_engine_or_compose_is_none(
    answer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(tmp_path, answer)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert type(containers.brokers(tmp_path)) is KafkaCluster
    assert type(containers.cloud(tmp_path)) is LocalCloud


def test_an_engine_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    place(tmp_path, HANGS)
    assert not engine_answers(f"{tmp_path}:/usr/bin:/bin", seconds=0.2)


def test_no_program_is_no_engine(tmp_path: Path) -> None:
    assert not engine_answers(str(tmp_path))


def test_a_variable_keeps_to_processes(docker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(containers.SWITCH, "0")
    assert type(containers.brokers(tmp_path)) is KafkaCluster
    assert not docker.exists(), "it is not even asked"


def test_brokers_are_services_on_ports_of_their_own(docker: Path, tmp_path: Path) -> None:
    cluster = containers.brokers(tmp_path)
    docker.unlink()
    with pytest.raises(PartError, match=r"broker-2.*died while starting"):
        cluster.start()  # by what it prints, the second one does not run
    cluster.kill(2)
    assert cluster.running() == [1, 3]
    cluster.stop()
    assert asked(docker) == [
        "up --detach --wait --no-deps broker-1 broker-2 broker-3",
        "ps --services --status running",
        "kill broker-2",
        "ps --services --status running",
        "down --volumes --timeout 0",
    ]
    ports = cluster.bootstrap.split(",")
    assert len(set(ports)) == 3
    assert f"BROKER_1_PORT={ports[0].rpartition(':')[2]} " in docker.read_text().splitlines()[0]
    projects = {line.split()[2] for line in docker.read_text().splitlines()}
    assert len(projects) == 1
    assert next(iter(projects)).startswith(f"semaforo-test-{os.getpid()}-")


def test_the_cloud_is_a_service_under_one_address_inside_and_outside(docker: Path, tmp_path: Path) -> None:
    cloud = containers.cloud(tmp_path)
    docker.unlink()
    cloud.launch()
    assert cloud.is_running()
    cloud.stop()
    assert asked(docker) == [
        "up --detach --wait --no-deps cloud",
        "ps --services --status running",
        "down --volumes --timeout 0",
    ]
    assert f"CLOUD_PORT={cloud.port}" in docker.read_text().splitlines()[0]
    assert cloud.endpoint_url == f"http://127.0.0.1:{cloud.port}"


def test_what_docker_says_when_it_fails_is_told(docker: Path, tmp_path: Path) -> None:
    cluster = BrokerContainers(tmp_path)
    place(tmp_path, "echo 'no space left on device' >&2; exit 1")
    with pytest.raises(PartError, match="no space left on device"):
        cluster.start()
