"""The semáforo's function in a process of its own, which a test may kill.

Its modules are imported once, in a process that does nothing else, and each run is forked from that one: starting
Python and importing boto3 and the rest took 1.3 s of CPU a run.
"""

import multiprocessing
import os
from collections.abc import Mapping
from multiprocessing.connection import wait
from typing import Any

from lambdas import semaforo
from tests.alerts.samples import catalog

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])


class HandlerProcess:
    """One invocation, in an environment that has never run before; with the tests' one rule for the catalogue."""

    def __init__(self, event: dict[str, Any], environment: Mapping[str, str]) -> None:
        self._process = _processes.Process(target=_invoke, args=(event, dict(environment)), daemon=True)
        self._process.start()

    def kill(self) -> None:
        """SIGKILL; on return it is dead. Any thread may."""
        self._process.kill()
        wait([self._process.sentinel])

    def exit_code(self, seconds: float = 30) -> int | None:
        """How it ended, minus the signal if by one; None if it still runs after that time. For one thread alone."""
        self._process.join(seconds)
        return self._process.exitcode


def _invoke(event: dict[str, Any], environment: dict[str, str]) -> None:
    os.environ.update(environment)
    semaforo.load_catalog = catalog  # type: ignore[attr-defined, assignment]
    print(semaforo.handler(event, None))
