"""The engines that compute panes or rows from the same events, behind one Protocol."""

from pathlib import Path
from typing import NamedTuple, Protocol

from bench.kpi_job.compare import Finding
from bench.kpi_job.contestant import Cost
from bench.kpi_job.expected import Panes
from bench.kpi_job.shape import Shape
from bench.kpi_job.templates import Encoding
from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import LocalCloud


class Ground(NamedTuple):
    """Where a run takes place: running servers, and an empty folder of its own."""

    kafka: KafkaCluster
    cloud: LocalCloud
    folder: Path


class Load(NamedTuple):
    """What is on the topics, and what must come out: `panes` are those of the routes.

    The CPU of the first `warm_up` events, start-up included, is left out.
    """

    shape: Shape
    panes: Panes
    warm_up: int


class Run(NamedTuple):
    """What a run cost, and whether its output was right."""

    cost: Cost
    finding: Finding


class Engine(Protocol):
    """One contestant. `does` says what its run includes, for the reader of the figures."""

    @property
    def name(self) -> str:
        """As `--only` picks it."""
        ...

    @property
    def encoding(self) -> Encoding:
        """Which of the load's topics it reads."""
        ...

    @property
    def does(self) -> str:
        """In a few words."""
        ...

    def run(self, ground: Ground, load: Load) -> Run:
        """Read the whole load, once. Raises PartError when the engine fails."""
        ...
