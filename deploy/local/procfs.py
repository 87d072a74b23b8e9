"""What Linux says of a process in `/proc`: its state, its birth, its environment."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final, NamedTuple

LOOK_SECONDS: Final = 0.001
BORN_SECONDS: Final = 10.0
"""An exec takes well under a millisecond, unless the machine is crowded or the disk slow."""


class Stat(NamedTuple):
    """Fields 3, 5, 22, 23 and 51 of `/proc/<pid>/stat`."""

    state: str
    group: int
    start_ticks: int
    """Clock ticks since boot."""
    memory_bytes: int
    environment_end: int

    @property
    def is_newborn(self) -> bool:
        """Whether it is within its exec: it has a new memory, and its environment is not there yet.

        Of 400 processes 8 were, right after Popen. A kernel thread and a dead process have no memory; an environment
        that is empty has an end all the same.
        """
        return self.memory_bytes > 0 and self.environment_end == 0


def stat_of(pid: int) -> Stat | None:
    """None when there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command name stands in brackets and may itself hold spaces and brackets: count from the last one.
    fields = text[text.rindex(")") + 2 :].split()
    return Stat(fields[0], int(fields[2]), int(fields[19]), int(fields[20]), int(fields[48]))


def environment_of(pid: int) -> bytes:
    """The environment it was started with, NAME=value, each ended by a zero byte.

    Waits for a newborn's. Empty if the process has none, is gone, or is another user's.
    """
    deadline = time.monotonic() + BORN_SECONDS
    try:
        while not (environment := Path(f"/proc/{pid}/environ").read_bytes()):
            stat = stat_of(pid)
            if stat is None or not stat.is_newborn or time.monotonic() > deadline:
                # Born between the two looks, or without any.
                return Path(f"/proc/{pid}/environ").read_bytes()
            time.sleep(LOOK_SECONDS)
    except OSError:
        return b""
    return environment


def all_pids() -> list[int]:
    """Every process on the machine."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def boot_id() -> str:
    """Which run of the machine this is."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
