"""The engines of `python -m bench kpi-job` on real brokers: each puts out what the load must lead to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.kpi_job.command import ENGINES
from bench.kpi_job.engines import Ground, Load
from bench.kpi_job.expected import Panes, route_panes
from bench.kpi_job.load import published
from bench.kpi_job.shape import dense
from bench.kpi_job.templates import Encoding
from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import LocalCloud
from deploy.local.lifeline import Lifeline

pytestmark = pytest.mark.integration

# The KPI job with all its work has tests of its own. The benchmark itself looks at what each puts out before it counts;
# of those that start a Flink one is tried each time.
FLINKS = ("job-without-dedup", "flink-avro", "flink-json")
TESTED = [pytest.param(name, marks=pytest.mark.faults if name in FLINKS else ()) for name in ENGINES if name != "job"]
SHAPE = dense(5_000, 20)


@pytest.fixture(scope="module")
def load(broker: KafkaCluster) -> Iterator[Load]:
    with published(broker, SHAPE, set(Encoding)):
        yield Load(SHAPE, route_panes(SHAPE), warm_up=0)


@pytest.fixture
def ground(broker: KafkaCluster, cloud: LocalCloud, tmp_path: Path) -> Iterator[Ground]:
    """What an engine starts there dies with the test."""
    with Lifeline(tmp_path):
        yield Ground(broker, cloud, tmp_path)


@pytest.mark.parametrize("name", TESTED)
def test_the_output_is_right(name: str, load: Load, ground: Ground) -> None:
    run = ENGINES[name].run(ground, load)
    assert run.finding.said() == []
    assert run.finding.compared > 100
    assert run.cost.cpu_seconds > 0


def test_an_output_of_another_load_is_wrong(load: Load, ground: Ground) -> None:
    values = load.panes.values.copy()
    values[3, 5] += 1
    other = Load(SHAPE, Panes(load.panes.entities, values), warm_up=0)
    problems = ENGINES["polars"].run(ground, other).finding.said()
    assert len(problems) == 1
    assert problems[0].startswith(f"{load.panes.entities[5]} at ")
