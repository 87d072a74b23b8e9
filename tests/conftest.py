"""Real servers for the tests that need them. Each dies with the test run, also when that is SIGKILLed.

Property tests say what is true, not how fast: on a crowded machine an example may take seconds (200 ms is the default).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import LocalCloud
from deploy.local.lifeline import Lifeline
from deploy.local.stack import Stack

settings.register_profile("untimed", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """Three brokers with the topics of stage `test`."""
    state_dir = tmp_path_factory.mktemp("brokers")
    lifeline = Lifeline(state_dir)
    cluster = KafkaCluster(state_dir)
    try:
        cluster.start()
        cluster.create_topics("test")
        yield cluster
    finally:
        cluster.stop(grace_seconds=0)
        lifeline.release()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """An empty local cloud."""
    state_dir = tmp_path_factory.mktemp("cloud")
    lifeline = Lifeline(state_dir)
    local = LocalCloud(state_dir)
    try:
        local.start()
        yield local
    finally:
        local.stop(grace_seconds=0)
        lifeline.release()


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
