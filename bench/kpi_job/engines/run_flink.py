"""The Flink process: runs the statements of a file, `python -m bench.kpi_job.engines.run_flink plan.json done`."""

import os
import signal
import sys
from pathlib import Path
from typing import Final

import msgspec

from bench.kpi_job.contestant import HEAP
from deploy.paths import ROOT


class Plan(msgspec.Struct, frozen=True):
    """What to run: `tables` one by one, then `inserts` as one job, to its end."""

    configuration: dict[str, str]
    tables: list[str]
    inserts: list[str]


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
    done.touch()
    signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
