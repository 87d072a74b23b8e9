"""One engine's process: started, pinned to a core, waited for, its CPU taken, killed."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench.kpi_job.cpu import cpu_seconds, pin
from deploy.errors import PartError
from deploy.local.processes import PidFiles, stop_processes
from flink_jobs.settings import JVM

POLL_SECONDS: Final = 0.02
COUNT_SECONDS: Final = 0.25
"""Whoever never ends is asked so often how much it has taken in. Answering costs it CPU too: asked at each look, the
KPI job was at its answers in 620 of the 3,064 samples of a run, and its compiler with it."""

LONGEST_SECONDS: Final = 900.0
"""Six million events take the slowest engine about a minute on a quiet machine."""

HEAP: Final = JVM
"""Of every engine's JVM, as the KPI job's own."""


CHECKPOINT_SECONDS: Final = 30
"""Of every engine that has checkpoints or commits."""


class Cost(NamedTuple):
    """Of a whole run, and of its beginning until `warm_events` were taken in: those of the warm-up, or a few more."""

    cpu_seconds: float
    wall_seconds: float
    warm_cpu_seconds: float
    warm_events: int


class Meter:
    """Notes a process's CPU when it has taken in so many events; to be read often."""

    def __init__(
        self, pid: int, warm_up: int, taken_in: Callable[[], int], pause_seconds: float = COUNT_SECONDS
    ) -> None:
        self._pid = pid
        self._warm_up = warm_up
        self._taken_in = taken_in
        self._started = time.monotonic()
        self._pause_seconds = pause_seconds
        self._asked = float("-inf")
        self._warm: tuple[float, int] | None = None

    def read(self) -> None:
        """Look whether it is warm, unless the last look was just now."""
        if self._warm is not None or time.monotonic() - self._asked < self._pause_seconds:
            return
        if (events := self._taken_in()) >= self._warm_up:
            self._warm = cpu_seconds(self._pid), events
        self._asked = time.monotonic()

    @property
    def is_warm(self) -> bool:
        """Whether it was seen to be."""
        return self._warm is not None

    def cost(self, name: str) -> Cost:
        """At the end of the run. Raises PartError if nobody saw it get warm: it ended between two readings."""
        if self._warm is None:
            raise PartError(name, f"was not seen with {self._warm_up:,} events taken in: too few come after them")
        return Cost(cpu_seconds(self._pid), time.monotonic() - self._started, *self._warm)


def done_file(folder: Path) -> Path:
    """What a contestant writes when all its output is out; then it waits to be killed."""
    return folder / "done"


def taken_file(folder: Path) -> Path:
    """Where a contestant that is no Flink writes how many events it has taken in, once those of the warm-up are."""
    return folder / "taken"


def run_to_end(
    name: str,
    folder: Path,
    command: Sequence[str | Path],
    warm_up: int,
    taken_in: Callable[[], int] | None = None,
    env: Mapping[str, str] | None = None,
    all_of: int | None = None,
) -> Cost:
    """Run a contestant till it writes its done file or has taken in `all_of`. Raises PartError when it does neither.

    `taken_in` tells how many events it has taken in so far; without it, its `taken_file` does.
    """
    pids = PidFiles(folder)
    started = time.monotonic()
    process = pids.launch(name, command, env=env)
    pin(process.pid)
    count = taken_in or (lambda: _number_in(taken_file(folder)))
    meter = Meter(process.pid, warm_up, count)
    counted = started
    try:
        while not done_file(folder).exists():
            meter.read()
            if all_of is not None and meter.is_warm and time.monotonic() - counted > COUNT_SECONDS:
                if count() >= all_of:
                    break
                counted = time.monotonic()
            if not process.is_running():
                raise PartError(name, "died", pids.log_path(name))
            if time.monotonic() - started > LONGEST_SECONDS:
                raise PartError(name, f"was not done within {LONGEST_SECONDS:.0f} s", pids.log_path(name))
            time.sleep(POLL_SECONDS)
        meter.read()
        return meter.cost(name)
    finally:
        stop_processes([process], grace_seconds=0)


def _number_in(path: Path) -> int:
    try:
        return int(path.read_text())
    except (FileNotFoundError, ValueError):  # not there, or half written
        return 0
