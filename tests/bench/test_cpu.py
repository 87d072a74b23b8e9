"""The CPU of a process tree, taken from outside."""

import os
import subprocess
import sys

from bench.kpi_job.contestant import HEAP
from bench.kpi_job.cpu import CORE, cpu_seconds, pin
from flink_jobs.settings import JVM

# A child that burns and ends, a child that lives on, and a parent that only waits.
TREE = """
import subprocess, sys, time
burn = "import time\\nwhile time.process_time() < 0.4: pass\\n"
subprocess.run([sys.executable, "-c", burn])
living = subprocess.Popen([sys.executable, "-c", burn + "print(flush=True)\\ntime.sleep(600)"], stdout=subprocess.PIPE)
living.stdout.readline()
print("burnt", flush=True)
time.sleep(600)
"""


def test_the_living_and_the_ended_are_counted() -> None:
    tree = subprocess.Popen([sys.executable, "-c", TREE], stdout=subprocess.PIPE, start_new_session=True)
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    try:
        assert tree.stdout is not None
        assert tree.stdout.readline() == b"burnt\n"
        assert 0.7 <= cpu_seconds(tree.pid) < 5  # twice 0.4, in ticks of 10 ms that are rounded down
        assert cpu_seconds(bystander.pid) < 0.4
    finally:
        os.killpg(tree.pid, 9)
        bystander.kill()
        tree.wait()
        bystander.wait()


def test_what_a_pinned_process_starts_is_pinned() -> None:
    script = "import os, sys; sys.stdin.readline(); print(os.popen('nproc').read().strip(), flush=True)"
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    pin(process.pid)
    said, _ = process.communicate("go\n", timeout=60)
    assert said == "1\n"
    assert CORE in os.sched_getaffinity(0)


def test_every_engine_has_the_memory_of_the_job() -> None:
    assert HEAP == JVM
