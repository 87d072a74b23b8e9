"""The job on one machine: Flink inside this process tree, checkpoints in a folder, stopped by SIGTERM."""

import json
import logging
import os
import signal
import socket
import sys
import sysconfig
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final

from py4j.protocol import Py4JJavaError
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.java_gateway import get_gateway

from flink_jobs.route_kpis import JOB_NAME, build, configuration
from flink_jobs.settings import JVM, JobSettings

ROOT: Final = Path(__file__).resolve().parent.parent
JAR: Final = Path(__file__).parent / "format" / "target" / "semaforo-flink.jar"
POLL_SECONDS: Final = 0.2

log = logging.getLogger("flink_jobs")


class JobFailedError(Exception):
    """The job ended although nobody asked it to."""


@dataclass(frozen=True)
class LocalRun:
    """Where a local job keeps its state and says that it runs."""

    checkpoint_dir: Path
    resume: bool = False
    status_file: Path | None = None

    def run(self, settings: JobSettings) -> None:
        """Run until SIGTERM or SIGINT, then stop with a savepoint. Raises JobFailedError when it ends by itself."""
        if not JAR.exists():
            raise JobFailedError(f"{JAR} is missing: build it with `mvn -q -f {JAR.parent.parent / 'pom.xml'} package`")
        stop = _Stop()
        environment = self._environment(settings, rest_port := _free_port())
        stop.listen()
        build(environment, settings)
        job = environment.execute_async(JOB_NAME)
        self._wait(job, rest_port, stop)

    def _environment(self, settings: JobSettings, rest_port: int) -> Any:
        # Read by the JVM and by the Python workers that it starts.
        os.environ.setdefault("JVM_ARGS", JVM)
        # PyFlink would start a worker of its own that listens on all addresses.
        os.environ["_python_worker_execution_mode"] = "process"  # noqa: SIM112 - its name
        os.environ.setdefault("LOG4J_PROPERTIES", str(Path(__file__).parent / "log4j2.properties"))
        # The interpreter inside the JVM knows the base installation only, not this virtual environment.
        paths = [str(ROOT), sysconfig.get_path("purelib"), os.environ.get("PYTHONPATH", "")]
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        flink = configuration(settings)
        wanted = {
            "pipeline.jars": JAR.as_uri(),
            "python.executable": sys.executable,
            "python.client.executable": sys.executable,
            "parallelism.default": "1",
            "rest.address": "127.0.0.1",
            "rest.bind-address": "127.0.0.1",
            "rest.bind-port": str(rest_port),
            "rest.port": str(rest_port),
            "jobmanager.bind-host": "127.0.0.1",
            # Who asks how far the job has come is told of now, not of the last ten seconds.
            "metrics.fetcher.update-interval": "50 ms",
            "taskmanager.numberOfTaskSlots": "1",
            # Python inside the JVM: a worker process is served by gRPC ports that listen on all addresses, and its
            # bundles add their time to every row's way.
            "python.execution-mode": "thread",
            "state.backend.type": "hashmap",
            "execution.checkpointing.interval": f"{round(settings.checkpoint_seconds * 1000)} ms",
            "execution.checkpointing.dir": self.checkpoint_dir.resolve().as_uri(),
            "execution.checkpointing.savepoint-dir": self.checkpoint_dir.resolve().as_uri(),
            "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
            "execution.checkpointing.num-retained": "2",
            "restart-strategy.type": "exponential-delay",
            "restart-strategy.exponential-delay.initial-backoff": "200 ms",
            "restart-strategy.exponential-delay.max-backoff": "5 s",
            "restart-strategy.exponential-delay.attempts-before-reset-backoff": "20",
        }
        if self.resume and (newest := newest_checkpoint(self.checkpoint_dir)):
            log.info("resuming from %s", newest)
            wanted["execution.state-recovery.path"] = newest.as_uri()
        for key, value in wanted.items():
            flink.set_string(key, value)
        return StreamExecutionEnvironment.get_execution_environment(flink)

    def _wait(self, job: Any, rest_port: int, stop: "_Stop") -> None:
        url = f"http://127.0.0.1:{rest_port}/jobs/{job.get_job_id()}"
        running = False
        while not stop.asked:
            status = _status(job)
            if status in ("FAILED", "CANCELED", "FINISHED"):
                raise JobFailedError(f"the job ended as {status}: {_reason(job)}")
            if not running and status == "RUNNING" and _all_tasks_run(url):
                running = True
                self._say_running(url)
            time.sleep(POLL_SECONDS)
        if running:
            log.info("stopping with a savepoint")
            log.info("stopped, state in %s", _stop_with_savepoint(job, self.checkpoint_dir.resolve().as_uri()))
        else:
            job.cancel().result()

    def _say_running(self, url: str) -> None:
        log.info("running: %s", url)
        if self.status_file:
            partial = self.status_file.with_suffix(".partial")
            partial.write_text(f"{url}\n")
            partial.rename(self.status_file)


class _Stop:
    """Remembers that SIGTERM or SIGINT came.

    Whoever stops us signals the whole process group, but the JVM and its Python workers must live on for the savepoint:
    they are started with both signals ignored, which the JVM respects. What arrives meanwhile is kept till `listen`.
    """

    SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

    def __init__(self) -> None:
        self.asked = False
        signal.pthread_sigmask(signal.SIG_BLOCK, self.SIGNALS)
        for number in self.SIGNALS:
            signal.signal(number, signal.SIG_IGN)

    def listen(self) -> None:
        """From now on this process hears them. Call it once the JVM runs."""
        for number in self.SIGNALS:
            signal.signal(number, self._ask)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self.SIGNALS)

    def _ask(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True


def newest_checkpoint(folder: Path) -> Path | None:
    """The newest complete checkpoint or savepoint: one whose `_metadata`, written last, is there."""
    complete = [*folder.glob("*/chk-*/_metadata"), *folder.glob("savepoint-*/_metadata")]
    newest = max(complete, key=lambda path: path.stat().st_mtime_ns, default=None)
    return newest.parent.resolve() if newest else None


def _status(job: Any) -> str:
    try:
        return str(job.get_job_status().result()).rpartition(".")[2]
    except Py4JJavaError:  # the cluster goes away with a failed job
        return "FAILED"


def _stop_with_savepoint(job: Any, folder: str) -> str:
    """PyFlink 2.2's own method calls one that the Java side no longer has."""
    canonical = get_gateway().jvm.org.apache.flink.core.execution.SavepointFormatType.CANONICAL
    return str(job._j_job_client.stopWithSavepoint(False, folder, canonical).get())


def _all_tasks_run(url: str) -> bool:
    """Flink calls a job RUNNING while its tasks still compile their code."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # nosec B310 # noqa: S310 - our own http url
            vertices = json.load(answer)["vertices"]
    except OSError:
        return False
    return all(vertex["status"] == "RUNNING" for vertex in vertices)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _reason(job: Any) -> str:
    try:
        job.get_job_execution_result().result()
    except Exception as error:  # py4j wraps whatever the job died of
        return str(error)
    return "no reason given"
