"""The KPI job as a process: its properties, its checkpoints, its start, death and resumption."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.errors import PartError
from deploy.local.job_classes import job_environment
from deploy.local.lifeline import Lifeline
from deploy.local.processes import POLL_SECONDS, PidFiles, Process, stop_processes, write_json

PART: Final = "kpi-job"
SUPERVISOR: Final = "supervisor"
START_SECONDS: Final = 300.0
"""About 8 s and 12 CPU seconds on an idle 2-core machine; several times that beside other work."""

STOP_SECONDS: Final = 15.0
"""For a last checkpoint at SIGTERM."""

END_SECONDS: Final = 120.0
"""For a last checkpoint and the archive of its classes: 8 s on an idle machine."""


class KpiJob:
    """The job of one stack. Its state lies in `<state>/job`; a start resumes from the newest complete checkpoint."""

    def __init__(self, state_dir: Path) -> None:
        self._pids = PidFiles(state_dir)
        self._folder = state_dir / "job"
        self._properties_path = self._folder / "application_properties.json"

    @property
    def checkpoint_dir(self) -> Path:
        """Where checkpoints go."""
        return self._folder / "checkpoints"

    def configure(self, groups: Mapping[str, Mapping[str, str]]) -> None:
        """Write the properties as Managed Flink hands them to the same job."""
        layout = [{"PropertyGroupId": group, "PropertyMap": dict(values)} for group, values in groups.items()]
        write_json(self._properties_path, layout)

    def command(self) -> list[str]:
        """The job's command line."""
        command = [sys.executable, "-m", "flink_jobs", "--properties", str(self._properties_path)]
        return [
            *command,
            "--checkpoint-dir",
            str(self.checkpoint_dir),
            "--resume",
            "--status-file",
            str(self.status_path),
        ]

    def launch(self, env: Mapping[str, str]) -> None:
        """Start the process, resuming where the newest checkpoint stands. It must be configured."""
        self._launch({**env, **environment()})

    def _launch(self, env: Mapping[str, str]) -> Process:
        self.status_path.unlink(missing_ok=True)
        self.checkpoint_dir.mkdir(parents=True, exist_ok=True)
        home = {"JAVA_HOME": os.environ["JAVA_HOME"]} if "JAVA_HOME" in os.environ else {}
        return self._pids.launch(PART, self.command(), env={**env, **home})

    def wait_till_running(self) -> None:
        """Wait till the job processes events; PartError with the tail of its log when it dies instead."""
        deadline = time.monotonic() + START_SECONDS
        while not self.status_path.exists():
            if not self.is_running():
                raise PartError(PART, "died while starting", self._pids.log_path(PART))
            if time.monotonic() > deadline:
                raise PartError(PART, f"did not run within {START_SECONDS:.0f} s", self._pids.log_path(PART))
            time.sleep(POLL_SECONDS)

    def kill(self) -> None:
        """SIGKILL the job, Python and JVM alike. Its pid file stays: `status` names it, a supervisor restarts it."""
        process = self._pids.read(PART)
        if process is None:
            raise PartError(PART, "was never started")
        stop_processes([process], grace_seconds=0)

    def stop(self, *, grace_seconds: float = STOP_SECONDS) -> None:
        """Stop the supervisor, then the job. Safe to call when nothing runs."""
        # First, and at once: it would take the job's end for a crash.
        self._pids.stop(SUPERVISOR, grace_seconds=0)
        self._pids.stop(PART, grace_seconds=grace_seconds)

    def is_running(self) -> bool:
        """Whether its process runs."""
        return self._pids.is_running(PART)

    @property
    def status_path(self) -> Path:
        """Holds the address of the running job in Flink's REST API; not there before the job runs."""
        return self._folder / "running"


def environment() -> dict[str, str]:
    """What a job's JVM is told to come up sooner. The first time a job is tried for it: 20 s on an idle machine."""
    return job_environment(_come_and_go)


def _come_and_go(folder: Path, env: Mapping[str, str]) -> None:
    """Start a job that reaches nothing, which runs all the same, and end it. Raises PartError."""
    job, lifeline = KpiJob(folder), Lifeline(folder)
    try:
        nowhere = {"stage": "nowhere", "bootstrap": "127.0.0.1:1", "stream": "nowhere", "region": "us-east-1"}
        job.configure({"kpi-job": nowhere})
        process = job._launch(env)
        job.wait_till_running()
        process.terminate()
        deadline = time.monotonic() + END_SECONDS
        while process.group():  # the JVM too
            if time.monotonic() > deadline:
                raise PartError(PART, f"did not end within {END_SECONDS:.0f} s")
            time.sleep(POLL_SECONDS)
    finally:
        job.stop(grace_seconds=0)
        lifeline.release()
