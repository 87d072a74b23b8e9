"""What tests share: the deployed template, a proxy that can break the way to it, and a star, as dbt takes seconds."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from deploy.local import template
from deploy.local.cloud import LocalCloud
from schemas.rows import KpiRow
from tests.browser import chromium
from tests.deploy.synthesised import synthesise_to
from tests.faulty_proxy import FaultyProxy
from tests.integration import blizzard
from tests.integration.alert_desk import AlertDesk, new_route
from tests.once_a_run import once_a_run
from warehouse.settings import HistorySettings


@pytest.fixture(scope="module")
def desk(cloud: LocalCloud) -> AlertDesk:
    """The template's tables, topic and queues."""
    return AlertDesk(cloud, template.deploy(template.synthesise("test"), "test", cloud), "test")


@pytest.fixture
def route() -> str:
    """A route nobody else uses."""
    return new_route()


@pytest.fixture
def proxy(desk: AlertDesk) -> Iterator[FaultyProxy]:
    """A proxy before the cloud; passes everything until it is given a plan."""
    with FaultyProxy(desk.environment()["AWS_ENDPOINT_URL"]) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real one, for the app."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def app_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where running apps write their logs."""
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="session", autouse=True)
def _quick_start() -> Iterator[None]:
    """JVMs that live for a minute or two are compiled by the quick compiler only, as the brokers always are: a KPI job
    took 40 s of CPU to come up and read 1,000 events instead of 57, both on a crowded machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")
        yield


def _templates(factory: pytest.TempPathFactory, name: str, stage: str, *, local: bool) -> dict[str, dict[str, Any]]:
    """A synthesis takes 30 s of CPU in AWS's form, and the import of the CDK 4: once a run, by whoever asks."""
    folder = once_a_run(factory, name, lambda partial: synthesise_to(partial, stage, local=local))
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The templates of stage `prod` in AWS, by the last part of their name; read only."""
    return _templates(tmp_path_factory, "templates-aws", "prod", local=False)


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The templates of stage `demo` as the local cloud gets them; read only."""
    return _templates(tmp_path_factory, "templates-local", "demo", local=True)


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder above `clean`: the history of the blizzard; read only."""
    return once_a_run(tmp_path_factory, "blizzard", blizzard.make_history)


@pytest.fixture(scope="session")
def rows(clean: Path) -> list[KpiRow]:
    """The rows that lie in it."""
    return blizzard.rows_of(clean)


@pytest.fixture(scope="session")
def star(tmp_path_factory: pytest.TempPathFactory, clean: Path) -> HistorySettings:
    """Where that history and its star are; read only."""
    folder = once_a_run(tmp_path_factory, "star", lambda partial: blizzard.make_star(clean, partial))
    return HistorySettings(clean_url=str(clean / "clean"), star_path=folder / "warehouse.duckdb")
