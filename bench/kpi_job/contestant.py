"""One engine's process: started, pinned to a core, waited for, its CPU taken, killed."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench.kpi_job.cpu import cpu_seconds, pin
from deploy.errors import PartError
from deploy.local.processes import PidFiles, stop_processes
from flink_jobs.settings import JVM

POLL_SECONDS: Final = 0.05
LONGEST_SECONDS: Final = 900.0
"""Six million events take the slowest engine about a minute on a quiet machine."""

HEAP: Final = JVM
"""Of every engine's JVM, as the KPI job's own."""


CHECKPOINT_SECONDS: Final = 30
"""Of every engine that has checkpoints or commits."""


class Cost(NamedTuple):
    """Of a whole run."""

    cpu_seconds: float
    wall_seconds: float


def done_file(folder: Path) -> Path:
    """What a contestant writes when all its output is out; then it waits to be killed."""
    return folder / "done"


def run_to_end(name: str, folder: Path, command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> Cost:
    """Run a contestant till it writes its done file. Raises PartError when it dies or never does."""
    pids = PidFiles(folder)
    started = time.monotonic()
    process = pids.launch(name, command, env=env)
    pin(process.pid)
    try:
        while not done_file(folder).exists():
            if not process.is_running():
                raise PartError(name, "died", pids.log_path(name))
            if time.monotonic() - started > LONGEST_SECONDS:
                raise PartError(name, f"was not done within {LONGEST_SECONDS:.0f} s", pids.log_path(name))
            time.sleep(POLL_SECONDS)
        return Cost(cpu_seconds(process.pid), time.monotonic() - started)
    finally:
        stop_processes([process], grace_seconds=0)
