"""A stack dies with whoever started it, however that one dies, unless it is released."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local.processes import PidFiles, processes_of, stop_processes
from deploy.paths import ROOT

STARTER = """
import sys, time
from pathlib import Path
from deploy.local.lifeline import Lifeline
from deploy.local.processes import PidFiles
state_dir = Path(sys.argv[1])
lifeline = Lifeline(state_dir)
PidFiles(state_dir).launch("part", [sys.executable, "-c", "import time; time.sleep(600)"])
if sys.argv[2] == "release":
    lifeline.release()
print("up", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize(("ending", "left"), [("die", 0), ("release", 1)])
def test_the_parts_of_a_killed_starter_die_unless_released(ending: str, left: int, tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(tmp_path), ending]
    starter = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert starter.stdout is not None
    assert starter.stdout.readline() == b"up\n"
    assert len(processes_of(tmp_path)) == 1
    starter.kill()
    starter.wait()
    starter.stdout.close()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and len(processes_of(tmp_path)) > left:
        time.sleep(0.02)
    assert len(processes_of(tmp_path)) == left
    stop_processes(PidFiles(tmp_path).read_all(), grace_seconds=0)
