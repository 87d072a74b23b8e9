"""The KPI job on Managed Flink: a snapshot of its state on demand, and a start from one of them.

What a deployment goes back to: the state of the job before is kept under a name, whatever the new one makes of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from deploy.errors import DeployError, NoAccountError

ASK_EVERY_SECONDS: Final = 5.0
MOST_SECONDS: Final = 900.0
"""A stop begins with a snapshot and a start takes a minute or two; longer, and somebody has to look."""

Sleep = Callable[[float], None]


class JobSnapshots:
    """Snapshots of a stage's job. Every method raises NoAccountError where AWS refuses or does not answer."""

    def __init__(self, client: Any, stage: str, sleep: Sleep = time.sleep) -> None:
        self._client = client
        self._name = f"semaforo-{stage}-kpi-job"
        self._sleep = sleep

    def take(self, snapshot: str) -> None:
        """Take one of the running job and wait till it is whole; DeployError if it fails."""
        self._ask("create_application_snapshot", SnapshotName=snapshot)
        self._wait(lambda: self._snapshot(snapshot), {"READY"}, {"FAILED"})

    def start_from(self, snapshot: str) -> None:
        """Stop the job, if it runs, with a snapshot of its own, and start it with the state of `snapshot`.

        The code is that of the last deployment: to go back to a release, deploy it first.
        """
        if self._snapshot(snapshot) != "READY":
            raise DeployError(f"the snapshot {snapshot} is not whole")
        if self._status() != "READY":
            self._ask("stop_application", Force=False)
            self._wait(self._status, {"READY"}, set())
        restore = {"ApplicationRestoreType": "RESTORE_FROM_CUSTOM_SNAPSHOT", "SnapshotName": snapshot}
        self._ask("start_application", RunConfiguration={"ApplicationRestoreConfiguration": restore})
        self._wait(self._status, {"RUNNING"}, {"READY"})

    def _status(self) -> str:
        return str(self._ask("describe_application")["ApplicationDetail"]["ApplicationStatus"])

    def _snapshot(self, snapshot: str) -> str:
        answer = self._ask("describe_application_snapshot", SnapshotName=snapshot)
        return str(answer["SnapshotDetails"]["SnapshotStatus"])

    def _wait(self, ask: Callable[[], str], good: set[str], bad: set[str]) -> None:
        waited = 0.0
        while (state := ask()) not in good:
            if state in bad or waited >= MOST_SECONDS:
                raise DeployError(f"{self._name}: {state} after {waited:.0f} s, not {' or '.join(sorted(good))}")
            self._sleep(ASK_EVERY_SECONDS)
            waited += ASK_EVERY_SECONDS

    def _ask(self, call: str, **request: Any) -> Any:
        try:
            return getattr(self._client, call)(ApplicationName=self._name, **request)
        except (BotoCoreError, ClientError) as error:
            raise NoAccountError(f"{self._name}: {error}") from error
