"""Real servers for the tests that need them. Each dies with the test run, also when that is SIGKILLed.

Property tests say what is true, not how fast: on a crowded machine an example may take seconds (200 ms is the default).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

import pytest
from hypothesis import HealthCheck, settings

from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import LocalCloud
from deploy.local.lifeline import Lifeline
from deploy.local.postgres import Postgres
from deploy.local.stack import Stack
from tests import containers

settings.register_profile("untimed", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# What is imported and collected lives to the end: to look through it for garbage took 1.5 of 9 s of CPU.
gc.disable()

LONGEST_FIRST: Final = (
    "integration/test_local_stack.py",
    "integration/test_app_pages.py",
    "integration/test_alerts_storms.py",
    "integration/test_alerts_stream.py",
    "integration/test_kpi_job_idle.py",
    "integration/test_app.py",
    "integration/test_alerts_stateful.py",
    "integration/test_alerts_faults.py",
    "integration/test_publish.py",
    "integration/test_app_guards.py",
    "integration/test_kpi_job_faults.py",
    "integration/test_raw.py",
    "integration/test_feeds.py",
    "integration/test_app_history.py",
    "integration/test_kpi_job_replay.py",
    "integration/test_kpi_job.py",
    "integration/test_api.py",
    "integration/test_app_sign_in.py",
    "integration/test_bench_kpi_job.py",
    "integration/test_local_stack_brokers.py",
    "integration/test_local_stack_bundles.py",
    "integration/test_watch.py",
    "integration/test_publish_sources.py",
    "integration/test_booking_canary.py",
    "integration/test_advice.py",
    "integration/test_star_vanished.py",
    "integration/test_star_faults.py",
    "integration/test_star.py",
    "integration/test_local_stack_path.py",
    "integration/test_alerts_rules.py",
    "integration/test_alerts.py",
    "integration/test_alerts_deployed.py",
    "integration/test_booking_faults.py",
    "integration/test_template_history.py",
    "integration/test_delay_model.py",
    "integration/test_booking_etl.py",
    "integration/test_compact_faults.py",
    "integration/test_template.py",
    "integration/test_template_warehouse.py",
    "integration/test_template_lint.py",
    "integration/test_star_dialects.py",
    "warehouse/compaction/test_compact_properties.py",
    "warehouse/questions/test_figures.py",
    "producers/test_simulator.py",
    "producers/test_replay.py",
    "warehouse/test_parity_of_clean.py",
    "rules/test_evaluate_properties.py",
    "producers/test_simulator_incidents.py",
    "rules/test_fit_pooled.py",
    "warehouse/questions/test_portable.py",
    "test_architecture.py",
    "producers/test_replay_models.py",
    "deploy/test_bundles.py",
    "warehouse/report/test_report.py",
    "rules/test_page.py",
    "deploy/test_processes.py",
    "bench/test_lights.py",
    "warehouse/test_batch_rows.py",
    "rules/test_price.py",
    "rules/test_commands.py",
)
"""Workers take file after file: one that lasts and comes last leaves the others with nothing to do. Those that
mostly wait (alerts, publish, raw, feeds: for servers, and for the times that a test is about) stand between those that
compute: side by side they leave the cores idle.

By itself pytest-xdist takes those with the most tests first, and those that last longest have the fewest.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files in that order, then the others; within a file nothing changes."""
    folder = Path(__file__).parent
    place = {folder / name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


def pytest_collection_finish() -> None:
    """From here on there is garbage, though not among what was collected."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """At its end pytest looks for garbage once more, for warnings of it: 0.9 s, through all that was ever imported."""
    gc.freeze()


Server = TypeVar("Server", KafkaCluster, LocalCloud, Postgres)


@contextmanager
def running(server: Server, state_dir: Path) -> Iterator[Server]:
    """The server, started; whatever happens, stopped at the end."""
    with Lifeline(state_dir):
        try:
            server.start()
            yield server
        finally:
            server.stop(grace_seconds=0)


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """Three brokers with the topics of stage `test`."""
    state_dir = tmp_path_factory.mktemp("brokers")
    with running(containers.brokers(state_dir), state_dir) as cluster:
        cluster.create_topics("test")
        yield cluster


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """One broker with those topics, for tests that kill none: a fifth of the CPU of three."""
    state_dir = tmp_path_factory.mktemp("broker")
    with running(containers.brokers(state_dir, alone=True), state_dir) as cluster:
        cluster.create_topics("test")
        yield cluster


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """An empty local cloud."""
    state_dir = tmp_path_factory.mktemp("cloud")
    with running(containers.cloud(state_dir), state_dir) as local:
        yield local


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL with an empty database."""
    state_dir = tmp_path_factory.mktemp("postgres")
    with running(Postgres(state_dir), state_dir) as server:
        yield server


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A broker, the cloud and the deployed template of stage `test`; no KPI job (`stack.start_job()`)."""
    state_dir: Path = tmp_path_factory.mktemp("stack")
    running = Stack("test", state_dir, bound=True, one_broker=True)
    try:
        running.start()
        yield running
    finally:
        running.stop(grace_seconds=0)
