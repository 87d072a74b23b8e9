"""Real servers for the tests that need them. Each dies with the test run, also when that is SIGKILLed.

Property tests say what is true, not how fast: on a crowded machine an example may take seconds (200 ms is the default).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import LocalCloud
from deploy.local.lifeline import Lifeline
from deploy.local.stack import Stack

settings.register_profile("untimed", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


Server = TypeVar("Server", KafkaCluster, LocalCloud)


@contextmanager
def running(server: Server, state_dir: Path) -> Iterator[Server]:
    """The server, started; whatever happens, stopped at the end."""
    lifeline = Lifeline(state_dir)
    try:
        server.start()
        yield server
    finally:
        server.stop(grace_seconds=0)
        lifeline.release()


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """Three brokers with the topics of stage `test`."""
    state_dir = tmp_path_factory.mktemp("brokers")
    with running(KafkaCluster(state_dir), state_dir) as cluster:
        cluster.create_topics("test")
        yield cluster


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """An empty local cloud."""
    state_dir = tmp_path_factory.mktemp("cloud")
    with running(LocalCloud(state_dir), state_dir) as local:
        yield local


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Brokers, cloud and the deployed template of stage `test`; no KPI job (`stack.start_job()`)."""
    state_dir: Path = tmp_path_factory.mktemp("stack")
    running = Stack("test", state_dir, bound=True)
    try:
        running.start()
        yield running
    finally:
        running.stop(grace_seconds=0)
