"""One step of the way from raw to answers, as a process of its own: wall time, CPU and peak memory of all of it."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

MIB = 1024 * 1024


class StepFailed(RuntimeError):  # noqa: N818 - says what happened
    """A step ended with another code than 0; the text is its last words."""


class Step(NamedTuple):
    """What a step took."""

    name: str
    wall_seconds: float
    cpu_seconds: float
    peak_mib: float
    output: str


def run(name: str, module: Sequence[str], environment: Mapping[str, str] | None = None) -> Step:
    """`python -m <module …>`. Peak memory is the process's own, or its largest child's. Raises StepFailed."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", _WATCHED, *module],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})},
    )  # fmt: skip
    output, errors = process.communicate()
    wall = time.perf_counter() - began
    if process.returncode:
        raise StepFailed(f"{name}: exit {process.returncode}\n" + "\n".join(errors.splitlines()[-12:]))
    *_, spent = errors.splitlines()
    cpu, peak_kib = spent.split()
    return Step(name, wall, float(cpu), int(peak_kib) * resource_unit() / MIB, output)


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
