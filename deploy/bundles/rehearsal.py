"""Start a Flink zip as Managed Flink would: unpacked somewhere, entered at `main.py`, none of the work tree in reach.

The script that does it, run by `python -I` in the unpacked folder; it prints STARTED once every task runs. That is not
all of it: the runtime's Python 3.12 is not here, so native modules of the zip give way to this interpreter's, of the
same versions (`requirements/flink-zip.txt` pins what `dev.txt` does); and there are no brokers, so nothing is read.
"""

import importlib
import json
import os
import runpy
import socket
import sys
import sysconfig
import time
import urllib.request
from pathlib import Path
from typing import Any

STARTED = "STARTED"
SECONDS = 120
PROPERTIES = {
    "kpi-job": {"stage": "rehearsal", "bootstrap": "127.0.0.1:1", "stream": "rehearsal", "region": "eu-west-1"}
}


def rehearse(folder: Path, forbidden: Path) -> None:
    """Enter `main.py` of the folder; raises what the job raises, or AssertionError for a module of the work tree."""
    packages = str(folder / "packages")
    sys.path.insert(0, packages)
    # The interpreters that Flink starts know only what they are told.
    os.environ["PYTHONPATH"] = os.pathsep.join([packages, sysconfig.get_path("purelib")])
    # The zip's and the runtime's, by name: this package has neither.
    job, engine = _module("flink_jobs.route_kpis"), _module("pyflink.datastream").StreamExecutionEnvironment

    written = folder / "application_properties.json"
    written.write_text(json.dumps([{"PropertyGroupId": g, "PropertyMap": m} for g, m in PROPERTIES.items()]))
    settings = job.JobSettings.read(written)
    port = _free_port()
    asked = job.configuration

    def configuration(given: Any) -> Any:
        flink = asked(given)
        for name, value in _here(folder, port).items():
            flink.set_string(name, value)
        return flink

    def execute(environment: Any, name: str = "") -> None:
        client = environment.execute_async(name)
        _wait_till_all_run(f"http://127.0.0.1:{port}/jobs/{client.get_job_id()}")

    job.configuration = configuration
    job.JobSettings.read = classmethod(lambda _cls, *_args: settings)
    engine.execute = execute
    runpy.run_path(str(folder / "main.py"), run_name="__main__")
    for name, module in list(sys.modules.items()):
        place = Path(getattr(module, "__file__", None) or folder).absolute()
        if place.is_relative_to(forbidden) and "site-packages" not in place.parts and place != Path(__file__):
            raise AssertionError(f"{name} was read from the work tree: {place}")
    print(STARTED, flush=True)
    os._exit(0)  # the cluster in this process has nothing to say any more


def _module(name: str) -> Any:
    return importlib.import_module(name)


def _here(folder: Path, port: int) -> dict[str, str]:
    """What Managed Flink says by itself."""
    return {
        "pipeline.jars": (folder / "lib" / "semaforo-flink.jar").as_uri(),
        "python.executable": sys.executable,
        "python.client.executable": sys.executable,
        "python.execution-mode": "thread",
        "parallelism.default": "1",
        "rest.address": "127.0.0.1",
        "rest.bind-address": "127.0.0.1",
        "rest.bind-port": str(port),
        "rest.port": str(port),
        "jobmanager.bind-host": "127.0.0.1",
        "restart-strategy.type": "none",
    }


def _wait_till_all_run(url: str) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        with urllib.request.urlopen(url, timeout=10) as response:  # nosec B310 # noqa: S310 - Flink's own http address
            told = json.load(response)
        states = {vertex["status"] for vertex in told["vertices"]}
        if told["state"] == "RUNNING" and states == {"RUNNING"}:
            return
        if told["state"] in ("FAILED", "CANCELED") or time.monotonic() > deadline:
            raise RuntimeError(f"the job is {told['state']}, its tasks {sorted(states)}")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return int(asking.getsockname()[1])


if __name__ == "__main__":
    rehearse(Path.cwd(), Path(sys.argv[1]))
