"""Builds the KPI job: SQL files in their order, admission in the middle, the sink at the end."""

from datetime import timedelta
from typing import Any, Final

from pyflink.common import Configuration, Types
from pyflink.datastream import DataStream, StreamExecutionEnvironment
from pyflink.java_gateway import get_gateway
from pyflink.table import StreamTableEnvironment, Table

from flink_jobs.kinesis_sink import KinesisSink
from flink_jobs.queries import Queries
from flink_jobs.settings import JobSettings
from schemas.rows import WINDOW_LENGTH, WINDOWS_OF_SCOPE

JOB_NAME: Final = "route-kpis"

# Larger than any replay's burst within a bundle's time, so that the time alone decides.
BUNDLE_RECORDS: Final = 1_000


def configuration(settings: JobSettings) -> Configuration:
    """What the job asks of Flink wherever it runs."""
    wanted = {
        # Measured: CPU x 0.68. No operator here keeps a row that it was handed.
        "pipeline.object-reuse": "true",
        "pipeline.auto-watermark-interval": f"{settings.watermark_interval_ms} ms",
        "execution.buffer-timeout.interval": f"{settings.buffer_timeout_ms} ms",
        "python.fn-execution.bundle.time": str(settings.bundle_ms),
        "python.fn-execution.bundle.size": str(BUNDLE_RECORDS),
        "table.local-time-zone": "UTC",
        "table.exec.source.idle-timeout": f"{settings.idle_timeout_seconds} s",
    }
    flink = Configuration()
    for key, value in wanted.items():
        flink.set_string(key, value)
    return flink


def build(environment: StreamExecutionEnvironment, settings: JobSettings) -> None:
    """Add the whole job to the environment."""
    tables = StreamTableEnvironment.create(environment)
    queries = Queries(settings)
    inserts = tables.create_statement_set()

    def run(statements: list[str]) -> None:
        for statement in statements:
            if "\nINSERT INTO " in f"\n{statement}":
                inserts.add_insert_sql(statement)
            else:
                tables.execute_sql(statement)

    run(queries.statements("01_source"))
    run(queries.statements("02_checked"))
    for name, table in zip(("admitted", "late", "dead"), admit(tables, settings), strict=True):
        tables.create_temporary_view(name, table)
    run(queries.statements("03_dead_letters"))
    run(queries.statements("04_late_events"))
    run(queries.statements("05_facts"))
    run(queries.statements("06_panes"))
    inserts.attach_as_datastream()
    put = KinesisSink(settings.stream)
    trailing(tables, settings).map(put, output_type=Types.INT()).name("kinesis").uid("kinesis")


def admit(tables: StreamTableEnvironment, settings: JobSettings) -> list[Table]:
    """The checked messages as admitted, late and dead (`format/…/AdmissionOperator.java`)."""
    admission: Any = get_gateway().jvm.semaforo.flink.Admission
    split = admission.split(
        tables._j_tenv,
        tables.from_path("checked")._j_table,
        settings.pane_ms,
        settings.ahead_limit_seconds * 1000,
        settings.drop_duplicates,
    )
    return [Table(table, tables) for table in split]


def trailing(tables: StreamTableEnvironment, settings: JobSettings) -> DataStream:
    """Requests to the stream: the rows of all scopes and windows (`format/…/TrailingOperator.java`)."""
    windows: Any = get_gateway().jvm.semaforo.flink.Trailing
    panes = tables.from_path("panes")._j_table
    return DataStream(windows.rows(tables._j_tenv, panes, scopes(), settings.buckets, settings.revision))


def scopes() -> list[str]:
    """The scopes with their windows in ms, as `Scope.java` reads them: "airport 3h=10800000 24h=86400000"."""
    return [
        " ".join([scope, *(f"{span}={WINDOW_LENGTH[span] // timedelta(milliseconds=1)}" for span in spans)])
        for scope, spans in WINDOWS_OF_SCOPE.items()
    ]


def main() -> None:
    """Where Managed Flink enters: its cluster, its checkpoints, its properties file."""
    settings = JobSettings.read()
    environment = StreamExecutionEnvironment.get_execution_environment(configuration(settings))
    build(environment, settings)
    environment.execute(JOB_NAME)
