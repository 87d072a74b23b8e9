"""Restarts the KPI job from its newest complete checkpoint when it dies. One process beside each supervised job.

In AWS, Managed Flink does this.
"""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from pathlib import Path
from typing import Final

from deploy.local.job import PART, KpiJob
from deploy.local.processes import PidFiles

RESTARTS: Final = 5
WITHIN_SECONDS: Final = 600.0
"""A job that dies more often than this has a defect; restarting it for ever would hide that."""

LOOK_SECONDS: Final = 0.2


def supervise(state_dir: Path) -> int:
    """Watch the job of a stack for ever; returns 1 when it died too often to be restarted once more."""
    job = KpiJob(state_dir)
    pids = PidFiles(state_dir)
    restarts: deque[float] = deque(maxlen=RESTARTS)
    while True:
        time.sleep(LOOK_SECONDS)
        process = pids.read(PART)
        if process is None or process.is_running():
            continue
        now = time.monotonic()
        if len(restarts) == RESTARTS and now - restarts[0] < WITHIN_SECONDS:
            print(f"the job died {RESTARTS + 1} times within {WITHIN_SECONDS:.0f} s: not restarted", flush=True)
            return 1
        restarts.append(now)
        job.kill()  # its JVM may outlive its Python, and two jobs must never write at once
        print(f"the job died (pid {process.pid}); restarting it from its newest checkpoint", flush=True)
        job.launch(dict(os.environ))


if __name__ == "__main__":
    sys.exit(supervise(Path(sys.argv[1])))
