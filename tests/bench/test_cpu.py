"""The CPU of a process tree, taken from outside."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bench.kpi_job.contestant import HEAP, Meter
from bench.kpi_job.cpu import CORE, cpu_seconds, pin
from bench.kpi_job.flink_rest import SourceRecords, only_job
from deploy.errors import PartError
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


def test_a_meter_notes_the_first_reading_after_the_warm_up() -> None:
    counts = iter([0, 0, 70, 90])
    meter = Meter(os.getpid(), 50, lambda: next(counts), pause_seconds=0)
    with pytest.raises(PartError, match="not seen with 50 events"):
        meter.cost("polars")
    for _ in range(5):  # it does not ask again once it knows
        meter.read()
    cost = meter.cost("polars")
    assert cost.warm_events == 70
    assert cost.warm_cpu_seconds <= cost.cpu_seconds


def test_a_meter_that_is_read_all_the_time_asks_now_and_then() -> None:
    counts = iter([0])
    meter = Meter(os.getpid(), 50, lambda: next(counts), pause_seconds=3600)
    for _ in range(3):
        meter.read()
    assert next(counts, None) is None


def test_a_flink_job_is_asked_for_what_its_sources_read() -> None:
    class Rest(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            vertices = [("Source: messages", 40), ("Source: more -> sort", 2), ("trailing", 900)]
            answers = {
                "/jobs": {"jobs": [{"id": "ab12"}]},
                "/jobs/ab12": {"vertices": [{"name": n, "metrics": {"read-records": r}} for n, r in vertices]},
            }
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answers[self.path]).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Rest)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    records = SourceRecords(lambda: only_job(server.server_port))
    assert records.read() == 42
    server.shutdown()
    server.server_close()
    assert records.read() == 0
    assert SourceRecords(lambda: None).read() == 0


def test_what_a_pinned_process_starts_is_pinned() -> None:
    script = "import os, sys; sys.stdin.readline(); print(os.popen('nproc').read().strip(), flush=True)"
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    pin(process.pid)
    said, _ = process.communicate("go\n", timeout=60)
    assert said == "1\n"
    assert CORE in os.sched_getaffinity(0)


def test_every_engine_has_the_memory_of_the_job() -> None:
    assert HEAP == JVM
