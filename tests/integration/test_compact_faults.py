"""The compaction killed anywhere and run again: the same files as if nothing had happened."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from schemas.events import FlightState
from tests.warehouse.compaction.raw_folder import HOUR, START, Line, flight, message, some_lines, tables, write
from warehouse.compaction.compact import compact
from warehouse.storage import Store

pytestmark = pytest.mark.integration

HALF_WRITTEN = """
import sys
from pathlib import Path
from warehouse.compaction import compact as module
from warehouse.storage import Store

class Careless(Store):
    def write(self, name, data):
        path = Path(self.url) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data[: len(data) // 2])
        raise SystemExit(9)

module.compact(Store(sys.argv[1]), Careless(sys.argv[2]))
"""
DIES_BEFORE_IT_REPLACES = """
import os, signal, sys
from pathlib import Path
from warehouse.compaction.compact import compact
from warehouse.storage import Store

replace, replaced = Path.replace, []

def dies(self, target):
    if len(replaced) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    replaced.append(replace(self, target))

Path.replace = dies
compact(Store(sys.argv[1]), Store(sys.argv[2]))
"""
LIST_FIRST = """
import sys
from warehouse.compaction import compact as module
from warehouse.compaction.raw_objects import note_done, raw_objects
from warehouse.storage import Store

raw, clean = Store(sys.argv[1]), Store(sys.argv[2])
note_done(clean, (), raw_objects(raw))
raise SystemExit(9)
"""


def many_lines() -> list[Line]:
    lines = some_lines()
    for number in range(4, 1_500):
        at = START + number * HOUR
        lines.append(message("flight-status", 100 + number, flight(number, FlightState.SCHEDULED, at), at))
    return lines


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("killed") / "raw"
    for number in range(5):
        write(folder, many_lines()[number::5], f"{number}.jsonl")
    return folder


@pytest.fixture(scope="module")
def reference(raw: Path) -> dict[str, bytes]:
    compact(Store(str(raw)), Store(str(raw.parent / "reference")))
    return tables(raw.parent / "reference")


def start(raw: Path, clean: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "warehouse", "compact", "--raw", str(raw), "--clean", str(clean)]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def killed_at(raw: Path, clean: Path, seconds: float) -> int:
    """The exit code of a run that is killed once it has written for so long (counted from its first file)."""
    process = start(raw, clean)
    try:
        deadline = time.monotonic() + 60
        while process.poll() is None and not any(clean.rglob("*.parquet")) and time.monotonic() < deadline:
            os.sched_yield()
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        pass
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return process.returncode


def kill_often(raw: Path, folder: Path, reference: dict[str, bytes], seed: int, times: int) -> None:
    delays = random.Random(seed)
    killed = 0
    for number in range(times):
        clean = folder / str(number)
        # A run writes for some 0.1 s: 19 files. Those killed later than that end well, which counts too.
        killed += killed_at(raw, clean, delays.uniform(0, 0.08)) == -signal.SIGKILL
        compact(Store(str(raw)), Store(str(clean)))
        assert tables(clean) == reference, f"killed {number} of seed {seed}"
    assert killed, "no run was killed while it wrote"


def test_killed_anywhere_and_run_again(raw: Path, reference: dict[str, bytes], tmp_path: Path) -> None:
    kill_often(raw, tmp_path, reference, seed=1, times=4)


def test_what_was_being_written_when_it_was_killed_is_in_nobody_s_way(
    raw: Path, reference: dict[str, bytes], tmp_path: Path
) -> None:
    clean = tmp_path / "clean"
    done = subprocess.run([sys.executable, "-c", DIES_BEFORE_IT_REPLACES, str(raw), str(clean)], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = {path for path in clean.rglob("*") if path.is_file()} - {clean / name for name in tables(clean)}
    compact(Store(str(raw)), Store(str(clean)))
    assert left.exists()
    assert left not in {Path(clean, one.name) for one in Store(str(clean)).list()}
    assert tables(clean) == reference


@pytest.mark.faults
def test_killed_at_twenty_points(raw: Path, reference: dict[str, bytes], tmp_path: Path) -> None:
    kill_often(raw, tmp_path, reference, seed=2, times=20)


@pytest.mark.parametrize("careless", [HALF_WRITTEN, LIST_FIRST], ids=["writes in place", "list of done objects first"])
def test_without_what_protects_it_the_same_fault_shows(
    careless: str, raw: Path, reference: dict[str, bytes], tmp_path: Path
) -> None:
    clean = tmp_path / "clean"
    done = subprocess.run([sys.executable, "-c", careless, str(raw), str(clean)], check=False)
    assert done.returncode == 9
    try:
        compact(Store(str(raw)), Store(str(clean)))
    except Exception:  # half a Parquet file cannot be read
        return
    assert tables(clean) != reference
