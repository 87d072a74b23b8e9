"""One step of the way from raw to answers, as a process of its own: wall time, CPU and peak memory of all of it."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from os import environ
from pathlib import Path
from typing import Final

import msgspec

MIB: Final = 1024 * 1024
SAMPLED_SECONDS: Final = 0.1
"""Between two looks at the memory of all processes; a look costs 3 ms of the kernel's time."""


class StepFailed(RuntimeError):  # noqa: N818 - says what happened
    """A step ended with another code than 0; the text is its last words."""


class Step(msgspec.Struct, frozen=True):
    """What a step took, from the start of its interpreter to its end."""

    name: str
    wall_seconds: float
    cpu_seconds: float
    peak_mib: float
    output: str


def run(name: str, module: Sequence[str], environment: Mapping[str, str] | None = None) -> Step:
    """`python -m <module …>`. Raises StepFailed.

    CPU is of the process and all its children. Peak memory is the largest of them by the system's own count, or all of
    them together as sampled, pages that they share counted once (Linux), whichever is more.
    """
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", _WATCHED, *module],
            stdout=output, stderr=errors, env={**environ, **(environment or {})},
        )  # fmt: skip
        together = 0
        while True:
            try:
                process.wait(SAMPLED_SECONDS)
                break
            except subprocess.TimeoutExpired:
                together = max(together, memory_of(process.pid))
        wall = time.perf_counter() - began
        output.seek(0)
        errors.seek(0)
        said, complaints = output.read(), errors.read().splitlines()
    if process.returncode:
        raise StepFailed(f"{name}: exit {process.returncode}\n" + "\n".join(complaints[-12:]))
    cpu, largest = complaints[-1].split()
    peak = max(int(largest) * resource_unit(), together)
    return Step(name, wall, float(cpu), peak / MIB, said)


def memory_of(process: int) -> int:
    """Bytes of a process and all that it started now, a page that several map counted once; 0 where /proc is not."""
    return sum(map(_proportional, _family(process)))


def _family(process: int) -> Iterator[int]:
    yield process
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            started = children.read_text().split()
        except OSError:  # it has ended
            continue
        for child in started:
            yield from _family(int(child))


def _proportional(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def resource_unit() -> int:
    """Linux counts ru_maxrss in KiB, macOS in bytes."""
    return 1 if sys.platform == "darwin" else 1024


# Runs the step and says on its last line of stderr what the operating system counted.
_WATCHED = """
import resource, subprocess, sys
code = subprocess.call([sys.executable, "-m", *sys.argv[1:]])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)
sys.exit(code)
"""
