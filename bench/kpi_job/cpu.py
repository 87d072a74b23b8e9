"""CPU of a started process and all that it started, taken from outside, and on one core."""

import ctypes
import os
import time
from pathlib import Path
from typing import Final

TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
"""CPU time of a process is kept in ticks, a hundred a second."""

CORE: Final = max(os.sched_getaffinity(0))
"""The engines run on the last core, whatever serves them on the others."""


def pin(pid: int) -> None:
    """Keep a process, and what it will start, on CORE. To be called before it starts anything."""
    os.sched_setaffinity(pid, {CORE})


def stay_off_core() -> None:
    """Leave CORE to the engines, with all that this process will start and does not `pin`; a single core is shared."""
    os.sched_setaffinity(0, os.sched_getaffinity(0) - {CORE} or {CORE})


def cpu_seconds(session: int) -> float:
    """User and system time of a session so far: of its living processes and of all that those have reaped.

    Exact while the session's leader lives: what ended under a living parent is in the parent's sum for children.
    """
    ticks = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(entry)) and int(fields[3]) == session:
            ticks += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime
    return ticks / TICKS_PER_SECOND


def process_cpu_seconds(pid: int) -> float:
    """User and system time of one process so far, of threads that ended too, exact to the microsecond:
    clock_getcpuclockid(3)."""
    clock = ctypes.c_int()
    if error := ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(clock)):
        raise OSError(error, os.strerror(error))
    return time.clock_gettime(clock.value)


def _stat(process: Path) -> list[str]:
    """Fields from the third on, since the second, the name, may hold spaces: proc_pid_stat(5)."""
    try:
        text = (process / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text[text.rindex(")") + 2 :].split()
