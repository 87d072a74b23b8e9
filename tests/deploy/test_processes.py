"""Pid files: ours are found again, strangers are never touched, nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local import processes, procfs
from deploy.local.jars import java
from deploy.local.processes import PidFiles, Process, kill_strays, processes_of, stop_processes

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)",
]
PARENT = [
    sys.executable,
    "-c",
    f"import subprocess, time; subprocess.Popen({SLEEP!r}); print('born', flush=True); time.sleep(600)",
]

NEEDS_ITS_CHILD = [
    sys.executable,
    "-c",
    """
import signal, subprocess, sys
child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
def end(number, frame):
    print(child.communicate(b"the child answered")[0].decode(), flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
signal.pause()
""",
]


@pytest.fixture
def pids(tmp_path: Path) -> Iterator[PidFiles]:
    files = PidFiles(tmp_path)
    yield files
    stop_processes(files.read_all(), grace_seconds=0)
    kill_strays(tmp_path)


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.01)


def wait_for_end(process: Process) -> None:
    wait_for(lambda: not process.is_running())


def test_a_launched_process_is_found_again_by_its_file(pids: PidFiles, tmp_path: Path) -> None:
    launched = pids.launch("part", SLEEP)
    assert PidFiles(tmp_path).read("part") == launched
    assert launched.is_running()
    assert processes_of(tmp_path) == [launched.pid]


def test_its_output_goes_to_its_log(pids: PidFiles) -> None:
    process = pids.launch("part", [sys.executable, "-c", "print('hello')"])
    wait_for_end(process)
    assert process.log_path.read_text() == "hello\n"


def test_a_dead_one_is_not_running_though_nobody_reaped_it(pids: PidFiles) -> None:
    process = pids.launch("part", SLEEP)
    os.kill(process.pid, signal.SIGKILL)
    wait_for_end(process)


def test_stopping_is_polite_and_then_not(pids: PidFiles) -> None:
    polite, deaf = pids.launch("polite", SLEEP), pids.launch("deaf", DEAF)
    wait_for(lambda: "deaf" in deaf.log_path.read_text())
    assert stop_processes([polite, deaf], grace_seconds=0.5) == ["deaf"]
    assert not polite.group()
    assert not deaf.group()


def test_only_the_part_itself_is_asked_to_end_so_that_it_can_still_use_its_children(pids: PidFiles) -> None:
    parent = pids.launch("parent", NEEDS_ITS_CHILD)
    wait_for(lambda: "ready" in parent.log_path.read_text())
    assert stop_processes([parent], grace_seconds=20) == []
    assert "the child answered" in parent.log_path.read_text()


def test_stopping_takes_the_children_along_also_when_the_leader_died_first(pids: PidFiles, tmp_path: Path) -> None:
    parent = pids.launch("parent", PARENT)
    wait_for(lambda: "born" in parent.log_path.read_text())
    assert len(parent.group()) == 2
    os.kill(parent.pid, signal.SIGKILL)
    wait_for_end(parent)
    assert len(parent.group()) == 1, "the child lives on"
    stop_processes([parent], grace_seconds=0)
    assert processes_of(tmp_path) == []


LITTERS = [
    sys.executable,
    "-c",
    "import tempfile, time; tempfile.mkstemp(); print(tempfile.gettempdir(), flush=True); time.sleep(600)",
]


def test_what_a_killed_part_had_unpacked_goes_with_it(pids: PidFiles) -> None:
    part = pids.launch("part", LITTERS)
    wait_for(lambda: part.log_path.read_text() != "")
    assert part.log_path.read_text() == f"{part.temporary_dir}\n"
    assert len(list(part.temporary_dir.iterdir())) == 1
    stop_processes([part], grace_seconds=0)
    assert not part.temporary_dir.exists()


def test_a_part_that_crashed_starts_again_without_its_litter(pids: PidFiles) -> None:
    crashed = pids.launch("part", LITTERS)
    wait_for(lambda: crashed.log_path.read_text() != "")
    os.kill(crashed.pid, signal.SIGKILL)
    wait_for_end(crashed)
    assert list(pids.launch("part", SLEEP).temporary_dir.iterdir()) == []


def test_a_jvm_keeps_its_temporary_files_there_too(pids: PidFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=/elsewhere")
    jvm = pids.launch("jvm", [java(), "-XshowSettings:properties", "-version"])
    wait_for_end(jvm)
    assert f"java.io.tmpdir = {jvm.temporary_dir}\n" in jvm.log_path.read_text()


@pytest.mark.parametrize("changed", [{"start_ticks": 1}, {"boot_id": "another boot"}])
def test_a_stranger_with_the_same_pid_is_never_signalled(
    pids: PidFiles, changed: dict[str, object], tmp_path: Path
) -> None:
    stranger = subprocess.Popen(SLEEP, start_new_session=True)
    try:
        real = pids.launch("part", SLEEP)
        stale = real.model_copy(update={"pid": stranger.pid, **changed})
        assert not stale.is_running()
        assert stop_processes([stale], grace_seconds=0) == []
        stale.signal_group(signal.SIGKILL)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_the_same_stop_does_kill_the_process_it_is_meant_for(pids: PidFiles) -> None:
    """The control of the test above: without the forged fields the very same call does kill."""
    real = pids.launch("part", SLEEP)
    assert stop_processes([Process.model_validate(real.model_dump())], grace_seconds=0) == ["part"]
    assert not real.is_running()


def test_a_broken_pid_file_is_no_process(pids: PidFiles, tmp_path: Path) -> None:
    (tmp_path / "pids").mkdir()
    (tmp_path / "pids" / "part.json").write_text('{"pid": 12')
    assert pids.read("part") is None
    assert pids.read_all() == []


def test_strays_of_one_stack_are_killed_and_those_of_another_are_not(tmp_path: Path) -> None:
    ours, theirs = PidFiles(tmp_path / "a"), PidFiles(tmp_path / "b")
    stray, other = ours.launch("part", SLEEP), theirs.launch("part", SLEEP)
    ours.remove("part")  # as if its starter had died before writing the file
    try:
        assert kill_strays(tmp_path / "a") == [stray.pid]
        assert not stray.is_running()
        assert other.is_running()
    finally:
        stop_processes([other], grace_seconds=0)


def test_a_newborn_is_never_taken_for_one_without_environment() -> None:
    """Right after Popen 8 of 400 environments read empty on an idle machine, 164 on a busy one."""
    for _ in range(500):
        newborn = subprocess.Popen(["sleep", "600"], env={**os.environ, "BORN": "yes"})
        try:
            assert b"BORN=yes" in procfs.environment_of(newborn.pid).split(b"\0")
        finally:
            newborn.kill()
            newborn.wait()


def test_no_environment_is_waited_for_where_there_will_never_be_one() -> None:
    bare = subprocess.Popen(["sleep", "600"], env={})
    try:
        wait_for(lambda: (stat := procfs.stat_of(bare.pid)) is not None and not stat.is_newborn)
        started = time.monotonic()
        assert procfs.environment_of(bare.pid) == b""
        bare.kill()
        wait_for(lambda: (stat := procfs.stat_of(bare.pid)) is not None and stat.state == "Z")
        assert procfs.environment_of(bare.pid) == b""
        assert time.monotonic() - started < procfs.BORN_SECONDS
    finally:
        bare.kill()
        bare.wait()


def test_what_is_born_while_strays_are_looked_for_is_killed_too(
    pids: PidFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = [pids.launch("first", SLEEP)]

    def list_before_the_second_is_born() -> list[int]:
        listed = procfs.all_pids()
        if len(started) == 1:
            started.append(pids.launch("second", SLEEP))
        return listed

    monkeypatch.setattr(processes, "all_pids", list_before_the_second_is_born)
    assert kill_strays(tmp_path) == sorted(process.pid for process in started)
    assert not any(process.is_running() for process in started)
