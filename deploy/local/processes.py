"""Processes that outlive the command that started them, found again by pid file.

Each part runs in a process group of its own and leaves `<state>/pids/<name>.json`. A pid alone proves nothing:
after a crash or a reboot it may belong to a stranger. So the file also holds the kernel's start time of the
process and the boot it was started in, and a process is ours only when all three agree. Linux only (`/proc`).

Each part has a folder for temporary files too, which goes when the part is stopped: a JVM that is killed leaves what it
unpacked, and a KPI job unpacks 50 MB.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from deploy.errors import PartError
from deploy.local.procfs import all_pids, boot_id, environment_of, stat_of
from deploy.paths import ROOT

POLL_SECONDS = 0.02
"""How often a wait looks again; a look reads one file of /proc and costs about 20 µs."""

KILLED_SECONDS = 10.0
"""The kernel ends a killed process at once, unless it waits for a disk."""

MARK_VARIABLE = "SEMAFORO_PART_OF"
"""Set in every process of a stack and inherited by what those start: tells the stacks' processes apart."""

_children: dict[int, subprocess.Popen[bytes]] = {}
"""Processes started by this one, kept so that they are reaped."""


class Process(BaseModel):
    """One started part: what its pid file says."""

    model_config = ConfigDict(frozen=True)

    name: str
    pid: int
    start_ticks: int
    """Field 22 of /proc/<pid>/stat: clock ticks since boot."""
    boot_id: str
    log_path: Path
    temporary_dir: Path
    command: tuple[str, ...]

    def is_running(self) -> bool:
        """Whether the very process that was started still runs (a zombie does not)."""
        if (child := _children.get(self.pid)) is not None:
            child.poll()
        if self.boot_id != boot_id():
            return False
        stat = stat_of(self.pid)
        return stat is not None and stat.start_ticks == self.start_ticks and stat.state not in "ZX"

    def group(self) -> list[int]:
        """Pids of the process and of what it started in its group, also when the leader itself is gone."""
        if self.boot_id != boot_id():
            return []
        leader = stat_of(self.pid)
        if leader is not None and leader.start_ticks != self.start_ticks:
            return []  # the pid was given to a stranger, which proves our group empty
        return [pid for pid in all_pids() if (s := stat_of(pid)) and s.group == self.pid and s.state not in "ZX"]

    def terminate(self) -> None:
        """Ask the process itself, and not its children, to end."""
        if self.is_running():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the whole group; nothing happens when it is gone or a stranger has its pid."""
        if self.group():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)


class PidFiles:
    """The pid files of one stack."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir
        self._folder = state_dir / "pids"
        self._logs = state_dir / "logs"

    def launch(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> Process:
        """Start `command` in a group of its own, output appended to `logs/<name>.log`; write its pid file."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._logs.mkdir(parents=True, exist_ok=True)
        log_path = self.log_path(name)
        temporary_dir = (self.state_dir / "tmp" / name).absolute()
        shutil.rmtree(temporary_dir, ignore_errors=True)
        temporary_dir.mkdir(parents=True)
        words = tuple(str(word) for word in command)
        with log_path.open("ab") as log:
            try:
                child = subprocess.Popen(
                    words,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=self._environment(env or {}, temporary_dir),
                    cwd=cwd,
                    start_new_session=True,
                )
            except FileNotFoundError:
                raise PartError(name, f"{words[0]} is not installed; `make preflight` says how to get it") from None
        _children[child.pid] = child
        stat = stat_of(child.pid)
        process = Process(
            name=name,
            pid=child.pid,
            start_ticks=stat.start_ticks if stat else -1,
            boot_id=boot_id(),
            log_path=log_path,
            temporary_dir=temporary_dir,
            command=words,
        )
        partial = self._folder / f".{name}.partial"
        partial.write_text(process.model_dump_json(indent=1))
        partial.replace(self._path(name))
        return process

    def read(self, name: str) -> Process | None:
        """The part of that name, or None when it was never started or its file is unreadable."""
        try:
            return Process.model_validate_json(self._path(name).read_text())
        except (FileNotFoundError, ValueError):
            return None

    def read_all(self) -> list[Process]:
        """All parts with a pid file, running or not, by name."""
        names = sorted(path.stem for path in self._folder.glob("[!.]*.json"))
        return [process for name in names if (process := self.read(name)) is not None]

    def is_running(self, name: str) -> bool:
        """Whether the part of that name runs; not if it was never started."""
        process = self.read(name)
        return process is not None and process.is_running()

    def stop(self, *names: str, grace_seconds: float) -> None:
        """Stop these parts together and forget them; one that was never started is passed over."""
        processes = [process for name in names if (process := self.read(name)) is not None]
        stop_processes(processes, grace_seconds=grace_seconds)
        for process in processes:
            self.remove(process.name)

    def remove(self, name: str) -> None:
        """Forget a part (it was stopped on purpose)."""
        self._path(name).unlink(missing_ok=True)

    def log_path(self, name: str) -> Path:
        """Where the part of that name writes its output."""
        return self._logs / f"{name}.log"

    def _environment(self, given: Mapping[str, str], temporary_dir: Path) -> dict[str, str]:
        env = {**os.environ, **given}
        # A JVM does not look at TMPDIR. Of an option that stands twice it takes the last.
        java_options = f'{env.get("JDK_JAVA_OPTIONS", "")} -Djava.io.tmpdir="{temporary_dir}"'.lstrip()
        own = {"TMPDIR": str(temporary_dir), "JDK_JAVA_OPTIONS": java_options}
        return {**env, **own, MARK_VARIABLE: str(self.state_dir)}

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def stop_processes(processes: Iterable[Process], *, grace_seconds: float) -> list[str]:
    """Ask each part to end, and kill what is left of its group after the grace.

    Only the part itself is asked: a job that is to write a last savepoint needs its JVM, a child of its, for that.
    Returns the names of the parts that did not end by themselves. On return no process of any of the groups runs, and
    their temporary files are gone.
    """
    processes = list(processes)
    groups = [process for process in processes if process.group()]
    if grace_seconds > 0:
        for process in groups:
            process.terminate()
    late = _wait_till([p for p in groups if p.is_running()], lambda p: not p.is_running(), grace_seconds)
    for process in groups:
        process.signal_group(signal.SIGKILL)
    _wait_till(groups, lambda p: not p.group(), KILLED_SECONDS)
    for process in processes:
        shutil.rmtree(process.temporary_dir, ignore_errors=True)
    return [process.name for process in late]


def processes_of(state_dir: Path) -> list[int]:
    """Every process on the machine that belongs to a stack, by its environment, in a pid file or not."""
    mark = f"{MARK_VARIABLE}={state_dir}".encode()
    return [
        pid
        for pid in all_pids()
        if mark in environment_of(pid).split(b"\0") and (stat := stat_of(pid)) and stat.state not in "ZX"
    ]


def kill_strays(state_dir: Path) -> list[int]:
    """Kill what belongs to a stack and is in no group that was stopped; returns the pids.

    Looks until a look finds none: what one of them has just started is not in the list that named its starter. On
    return none of them runs, unless the kernel could not end it in KILLED_SECONDS.
    """
    killed: set[int] = set()
    deadline = time.monotonic() + KILLED_SECONDS
    while (strays := processes_of(state_dir)) and time.monotonic() < deadline:
        for pid in strays:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        killed.update(strays)
        while any((s := stat_of(pid)) and s.state not in "ZX" for pid in strays) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
    return sorted(killed)


def _wait_till(processes: list[Process], done: Callable[[Process], bool], seconds: float) -> list[Process]:
    """Those for which it is still not so after the time."""
    deadline = time.monotonic() + seconds
    left = [process for process in processes if not done(process)]
    while left and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        left = [process for process in left if not done(process)]
    return left


def write_json(path: Path, value: object) -> None:
    """Write a JSON file so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(json.dumps(value, indent=1, sort_keys=True))
    partial.replace(path)
