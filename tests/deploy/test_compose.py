"""The containers are told what they need in the words that their settings read, and each build has its target.

No Docker engine is at hand where these tests run: what is held here is the file, not the containers.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from alerts.settings import AlertSettings
from deploy.errors import DeployError
from deploy.local.broker_properties import SETTINGS
from deploy.local.cloud import LocalCloud
from deploy.local.placing import GivenCloud
from deploy.local.template import kpi_stream
from deploy.paths import ROOT
from flink_jobs.settings import JobSettings
from producers.settings import Settings
from schemas.topics import REPLICATION_FACTOR
from streamlit_app.settings import AppSettings
from tests.public_commands import command_lines

WRITTEN = (ROOT / "compose.yaml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", WRITTEN))  # as it is where none is given
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "semaforo"}
BROKERS = {name: service for name, service in SERVICES.items() if name.startswith("broker-")}


def addresses(service: str) -> set[str]:
    return set(SERVICES[service]["environment"]["SEMAFORO_KAFKA_BOOTSTRAP"].split(","))


def test_brokers_are_set_as_those_of_the_local_stack() -> None:
    assert len(BROKERS) == REPLICATION_FACTOR
    for name, broker in BROKERS.items():
        said = broker["environment"]
        ours = {f"KAFKA_{key.upper().replace('.', '_')}": str(value) for key, value in SETTINGS.items()}
        assert ours.items() <= said.items()
        assert f"{said['KAFKA_NODE_ID']}@{name}:9090" in said["KAFKA_CONTROLLER_QUORUM_VOTERS"].split(",")
        assert f"broker-{said['KAFKA_NODE_ID']}" == name == broker["hostname"]
        assert broker["volumes"] == [f"{name}:{said['KAFKA_LOG_DIRS']}"]
        assert name in COMPOSE["volumes"]
    kafka_pom = (ROOT / "deploy" / "local" / "kafka" / "pom.xml").read_text()
    assert {broker["image"].split(":")[1] for broker in BROKERS.values()} <= set(re.findall(r">([\d.]+)<", kafka_pom))


def test_who_asks_the_brokers_is_given_where_they_say_they_are() -> None:
    said = [broker["environment"]["KAFKA_ADVERTISED_LISTENERS"] for broker in BROKERS.values()]
    inside, outside = (
        {address for one in said for kind, address in re.findall(r"(\w+)://([^,]+)", one) if kind == wanted}
        for wanted in ("PLAINTEXT", "HOST")
    )
    published = {port.rpartition(":")[0] for broker in BROKERS.values() for port in broker["ports"]}
    assert addresses("topics") == addresses("job") == addresses("producers") == inside
    assert addresses("app") == outside == published


def test_the_local_cloud_is_set_as_that_of_the_local_stack(tmp_path: Path) -> None:
    (tmp_path / "cloud").mkdir()
    (tmp_path / "cloud" / "port.json").write_text('{"port": 4566}')
    of_stack, said = LocalCloud(tmp_path)._settings(), SERVICES["cloud"]["environment"]
    elsewhere = {"BIND_HOST", "MINISTACK_HOST"}
    assert {name: value for name, value in said.items() if name not in elsewhere}.items() <= of_stack.items()
    assert said["AUTH"] == "true"
    assert SERVICES["cloud"]["ports"] == ["127.0.0.1:4566:4566"]


@pytest.mark.parametrize("name", OURS)
def test_what_runs_is_a_command_of_ours_in_an_environment_that_it_reads(name: str) -> None:
    folder, *words = OURS[name]["command"]
    offered = command_lines(folder)
    said = " ".join([f"python -m {folder}", *words])
    assert any(said == line or said.startswith(f"{line} ") for line in offered), offered
    environment = OURS[name]["environment"]
    port = "4566"
    assert environment["AWS_ENDPOINT_URL"] in (f"http://cloud:{port}", f"http://127.0.0.1:{port}")
    assert Settings.read(environment).stage == AlertSettings.read(environment).stage == "demo"
    ours = {key for key in environment if key.startswith("SEMAFORO_")}
    assert ours <= {"SEMAFORO_STAGE", "SEMAFORO_KAFKA_BOOTSTRAP", "SEMAFORO_APP_PORT"}


def test_the_app_listens_on_loopback_for_nobody_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SERVICES["app"]["environment"].items():
        monkeypatch.setenv(name, value)
    settings = AppSettings.read()
    assert (settings.address, settings.port) == ("127.0.0.1", 8055)
    assert SERVICES["app"]["network_mode"] == "host"


def test_the_jobs_properties_are_those_it_reads(tmp_path: Path) -> None:
    (source,) = SERVICES["job"]["configs"]
    path = tmp_path / "application_properties.json"
    path.write_text(COMPOSE["configs"][source["source"]]["content"])
    settings = JobSettings.read(path, {})
    assert settings.stream == kpi_stream("demo")
    assert set(settings.bootstrap.split(",")) == addresses("job")
    words = SERVICES["job"]["command"]
    assert words[words.index("--properties") + 1] == source["target"]


def test_each_image_has_its_target_and_copies_what_there_is() -> None:
    targets = set(re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, re.MULTILINE))
    assert {service["build"]["target"] for service in SERVICES.values() if "build" in service} <= targets
    for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE):
        *sources, _target = [word for word in line.split() if not word.startswith("--")]
        assert all((ROOT / source).exists() for source in sources), line
    for lock in re.findall(r"requirements/[\w.-]+", DOCKERFILE):
        assert (ROOT / lock).exists(), lock


def test_who_depends_waits_for_somebody_who_is_there() -> None:
    for name, service in SERVICES.items():
        for other, wait in service.get("depends_on", {}).items():
            assert other in SERVICES, name
            assert (wait["condition"] == "service_healthy") == ("healthcheck" in SERVICES[other]), name


def test_a_template_is_never_placed_in_an_account() -> None:
    with pytest.raises(DeployError, match="AWS_ENDPOINT_URL"):
        GivenCloud({})
