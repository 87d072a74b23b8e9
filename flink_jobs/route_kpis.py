"""Builds the KPI job: SQL files in their order, a lane for each record, the sink at the end."""

from datetime import timedelta
from typing import Final

from pyflink.common import Configuration, Types
from pyflink.datastream import DataStream, StreamExecutionEnvironment
from pyflink.java_gateway import get_gateway
from pyflink.table import StreamTableEnvironment

from flink_jobs.kinesis_sink import KinesisSink
from flink_jobs.queries import Queries
from flink_jobs.settings import JobSettings
from schemas.measures import MEASURE_NAMES
from schemas.rows import WINDOW_LENGTH, WINDOWS_OF_SCOPE
from schemas.topics import KPI_TOPICS, TOPICS

JOB_NAME: Final = "route-kpis"

# Larger than any replay's burst within a bundle's time, so that the time alone decides.
BUNDLE_RECORDS: Final = 1_000

# Flink cuts the Java that it writes for a statement at 4,000 characters, and makes fields of its variables for it. Cut
# at 12,000: CPU x 0.88. At 32,000 nothing is won, and uncut, what is too long for the JVM to compile: CPU x 1.8.
LONGEST_METHOD_CHARACTERS: Final = 12_000


def configuration(settings: JobSettings) -> Configuration:
    """What the job asks of Flink wherever it runs."""
    wanted = {
        # Measured: CPU x 0.68. No operator here keeps a row that it was handed.
        "pipeline.object-reuse": "true",
        "pipeline.auto-watermark-interval": f"{settings.watermark_interval_ms} ms",
        "execution.buffer-timeout.interval": f"{settings.buffer_timeout_ms} ms",
        "python.fn-execution.bundle.time": str(settings.bundle_ms),
        "python.fn-execution.bundle.size": str(BUNDLE_RECORDS),
        "table.generated-code.max-length": str(LONGEST_METHOD_CHARACTERS),
        "table.local-time-zone": "UTC",
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

    def run(name: str) -> None:
        for statement in queries.statements(name):
            if "\nINSERT INTO " in f"\n{statement}":
                inserts.add_insert_sql(statement)
            else:
                tables.execute_sql(statement)

    lanes = get_gateway().jvm.semaforo.flink.Lanes(
        tables._j_tenv, list(MEASURE_NAMES), scopes(), settings.pane_ms, settings.drop_duplicates
    )
    run("01_messages")
    lanes.sort("messages", kpi_records(), settings.ahead_limit_seconds * 1000)
    run("02_flight_outcomes")
    lanes.settle("outcomes", "flight_outcomes")
    run("03_flight_status")
    lanes.admit("flight_status")
    run("04_flight_finance")
    lanes.admit("flight_finance")
    run("05_flight_operations")
    lanes.admit("flight_operations")
    run("06_passenger_feedback")
    lanes.admit("passenger_feedback")
    run("07_route_heartbeat")
    lanes.admit("route_heartbeat")
    lanes.registerRejected()
    run("08_dead_letters")
    run("09_late_events")
    inserts.attach_as_datastream()
    rows = DataStream(lanes.rows(settings.buckets, settings.revision))
    put = KinesisSink(settings.stream, settings.region)
    rows.map(put, output_type=Types.INT()).name("kinesis").uid("kinesis")


def kpi_records() -> list[str]:
    """The records of the topics that feed KPIs, each once: route heartbeats are on all of them."""
    return list(dict.fromkeys(record for topic in KPI_TOPICS for record in TOPICS[topic].records))


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
