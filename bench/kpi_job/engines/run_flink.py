"""The Flink process: runs the statements of a file, `python -m bench.kpi_job.engines.run_flink plan.json done`."""

import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

from bench.kpi_job.contestant import HEAP
from deploy.paths import ROOT


class Plan(msgspec.Struct, frozen=True):
    """What to run: `tables` one by one, then `inserts` as one job, to its end."""

    configuration: dict[str, str]
    tables: list[str]
    inserts: list[str]


ARCHIVE: Final = "jobmanager.archive.fs.dir"
"""Where Flink writes down a job once it has finished, with what its tasks read."""

ARCHIVED_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.05
LOG_CONFIG: Final = ROOT / "flink_jobs" / "log4j2.properties"


def main(plan_path: Path, done: Path) -> None:
    """Run the plan, say so, wait to be killed: whoever measures us reads our CPU first."""
    plan = msgspec.json.decode(plan_path.read_bytes(), type=Plan)
    os.environ["JVM_ARGS"] = HEAP
    os.environ["LOG4J_PROPERTIES"] = str(LOG_CONFIG)

    # After the environment is set: the JVM starts on first use.
    from pyflink.common import Configuration
    from pyflink.table import EnvironmentSettings, TableEnvironment

    configuration = Configuration()
    for key, value in plan.configuration.items():
        configuration.set_string(key, value)
    settings = EnvironmentSettings.new_instance().in_streaming_mode().with_configuration(configuration).build()
    tables = TableEnvironment.create(settings)
    for statement in plan.tables:
        tables.execute_sql(statement)
    inserts = tables.create_statement_set()
    for statement in plan.inserts:
        inserts.add_insert_sql(statement)
    inserts.execute().wait()
    if archive := plan.configuration.get(ARCHIVE):
        _wait_for(Path(unquote(urlsplit(archive).path)))
    done.touch()
    signal.pause()


def _wait_for(archive: Path) -> None:
    """The cluster writes the archive on its way down, a moment after the job's end."""
    deadline = time.monotonic() + ARCHIVED_SECONDS
    while records_read(archive) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"no job in {archive} within {ARCHIVED_SECONDS:.0f} s of its end")
        time.sleep(POLL_SECONDS)


def records_read(archive: Path) -> int | None:
    """How many records the tasks of the archived job read; None while it is not, or not wholly, written."""
    for path in archive.glob("*"):
        with contextlib.suppress(msgspec.DecodeError, KeyError):
            answers = {entry["path"]: entry["json"] for entry in msgspec.json.decode(path.read_bytes())["archive"]}
            vertices = msgspec.json.decode(answers[f"/jobs/{path.name}"])["vertices"]
            return sum(int(vertex["metrics"]["read-records"]) for vertex in vertices)
    return None


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
