"""Ties a stack to the process that started it: when that one dies, however it dies, the stack dies too.

A test that is SIGKILLed cannot clean up. So a stack it starts gets this watcher, whose standard input is a pipe only
the test holds: the kernel closes it with the test. (`PR_SET_PDEATHSIG` would follow the starting *thread*, and not
reach what the parts start themselves.)
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from deploy.local.processes import PidFiles, kill_strays, stop_processes
from deploy.paths import ROOT

_RELEASE = b"release"

QUIET_SECONDS = 1.0
"""A part that the holder was just starting when it died wears the holder's environment, not the stack's, until its
exec: some milliseconds, if its program must come from the disk."""

LOOK_SECONDS = 0.1


class Lifeline:
    """Held by the process that starts a stack which must not outlive it; in a `with`, released at its end."""

    def __init__(self, state_dir: Path) -> None:
        command = [sys.executable, "-m", "deploy.local.lifeline", str(state_dir)]
        # A session of its own: the terminal's Ctrl-C and a kill of the test's group must not reach it.
        self._watcher = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=ROOT, start_new_session=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Let the stack live on (or: it is stopped already)."""
        self._watcher.communicate(_RELEASE)


def watch(state_dir: Path) -> None:
    """Wait for the end of the holder; unless it released the stack, kill all of it."""
    if sys.stdin.buffer.read() == _RELEASE:
        return
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < QUIET_SECONDS:
        stop_processes(PidFiles(state_dir).read_all(), grace_seconds=0)
        if kill_strays(state_dir):
            quiet_since = time.monotonic()
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    watch(Path(sys.argv[1]))
