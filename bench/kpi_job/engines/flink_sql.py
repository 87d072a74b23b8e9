"""Plain Flink SQL: reading alone, and the panes with a built-in format, in the JVM settings of the KPI job."""

import csv
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from bench.kpi_job.compare import MEASURES_OF_ALL, Finding, Pane, compare_panes
from bench.kpi_job.contestant import CHECKPOINT_SECONDS, Cost, done_file, run_to_end
from bench.kpi_job.engines import Ground, Load, Run
from bench.kpi_job.engines.run_flink import Plan
from bench.kpi_job.flink_rest import SourceRecords, only_job
from bench.kpi_job.jars import flink_libs
from bench.kpi_job.load import FACT_TOPICS, fact_topic, messages_on
from bench.kpi_job.templates import Encoding
from deploy.local.ports import free_ports
from flink_jobs.queries import CONSUMER
from schemas.codec import newest
from schemas.rows import to_ms
from schemas.topics import KPI_TOPICS, TOPICS, topic_name

# As the KPI job has it (`flink_jobs/route_kpis.py`, `local_run.py`).
CONFIGURATION: Final = {
    "parallelism.default": "1",
    "taskmanager.numberOfTaskSlots": "1",
    "pipeline.object-reuse": "true",
    "pipeline.auto-watermark-interval": "50 ms",
    "execution.buffer-timeout.interval": "20 ms",
    "table.local-time-zone": "UTC",
    "rest.address": "127.0.0.1",
    "rest.bind-address": "127.0.0.1",
    "jobmanager.bind-host": "127.0.0.1",
    "metrics.fetcher.update-interval": "50 ms",
}
PANE: Final = "INTERVAL '1' MINUTE"
# A pane is (s, s + 1 min], as in the KPI job.
SHIFT: Final = "INTERVAL '0.001' SECOND"


class FlinkReadOnly:
    """Flink's own floor: every message of the KPI topics handed on as bytes, to nowhere."""

    name = "read-only"
    encoding = Encoding.SINGLE_OBJECT
    does = "Flink SQL, raw bytes to blackhole: no decoding, no keys, no output"

    def run(self, ground: Ground, load: Load) -> Run:
        """Like the KPI job it never ends: it is over, and right, when it has read all that the topics hold."""
        topics = [topic_name(load.shape.stage, topic) for topic in KPI_TOPICS]
        held = sum(messages_on(ground.kafka, topics).values())
        source = _source(ground, ";".join(topics), "raw")
        plan = Plan(
            _configuration(ground),
            [
                f"CREATE TEMPORARY TABLE messages (`raw` BYTES) WITH ({source})",
                "CREATE TEMPORARY TABLE nowhere (`raw` BYTES) WITH ('connector' = 'blackhole')",
            ],
            ["INSERT INTO nowhere SELECT `raw` FROM messages"],
        )
        return Run(_run(self.name, ground, load, plan, all_of=held), Finding(compared=held))


class FlinkBuiltIn:
    """The panes of routes with one of Flink's own formats: a table per topic, one union, one window."""

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding
        self.name = "flink-avro" if encoding is Encoding.PLAIN_AVRO else "flink-json"
        self._format = self.name.removeprefix("flink-")

    @property
    def does(self) -> str:
        """In a few words."""
        return f"Flink SQL, built-in {self._format}: {len(MEASURES_OF_ALL)} measures, panes of routes to CSV files"

    def run(self, ground: Ground, load: Load) -> Run:
        """The panes are read back from the files."""
        output = ground.folder / "panes"
        plan = Plan(_configuration(ground), self._tables(ground, load, output), [_INSERT])
        cost = _run(self.name, ground, load, plan)
        return Run(cost, compare_panes(load.shape, load.panes, panes_in(output)))

    def _tables(self, ground: Ground, load: Load, output: Path) -> list[str]:
        sums = ", ".join(f"{name} BIGINT" for name in MEASURES_OF_ALL)
        facts = [_facts(topic, self._format) for topic in FACT_TOPICS]
        return [
            *(self._source_table(ground, load, topic) for topic in FACT_TOPICS),
            f"CREATE TEMPORARY VIEW facts AS {' UNION ALL '.join(facts)}",
            "CREATE TEMPORARY TABLE panes (origin STRING, destination STRING, ending TIMESTAMP(3), events BIGINT,"
            f" {sums}) WITH ('connector' = 'filesystem', 'path' = '{output.as_uri()}', 'format' = 'csv')",
        ]

    def _source_table(self, ground: Ground, load: Load, topic: str) -> str:
        schema = json.loads(newest(TOPICS[topic].records[0]).text)
        fields = [(field["name"], column_type(field["type"], self._format)) for field in schema["fields"]]
        columns = ", ".join(f"`{name}` {sql_type}" for name, sql_type in fields)
        source = _source(ground, fact_topic(load.shape.stage, topic, self.encoding), self._format, ends=True)
        return (
            f"CREATE TEMPORARY TABLE {_table(topic)} ({columns}, event_time AS TO_TIMESTAMP_LTZ(event_at, 3),"
            f" WATERMARK FOR event_time AS event_time - {SHIFT}) WITH ({source})"
        )


def _configuration(ground: Ground) -> dict[str, str]:
    return {
        **CONFIGURATION,
        "execution.checkpointing.interval": f"{CHECKPOINT_SECONDS} s",
        "execution.checkpointing.dir": (ground.folder / "checkpoints").as_uri(),
        "pipeline.jars": ";".join(path.as_uri() for path in sorted(flink_libs().glob("*.jar"))),
        "python.client.executable": sys.executable,
    }


def _run(name: str, ground: Ground, load: Load, plan: Plan, all_of: int | None = None) -> Cost:
    (port,) = free_ports(1)
    plan.configuration.update({"rest.port": str(port), "rest.bind-port": str(port)})
    plan_path = ground.folder / "plan.json"
    plan_path.write_bytes(msgspec.json.encode(plan))
    child = [sys.executable, "-m", "bench.kpi_job.engines.run_flink"]
    command: list[str | Path] = [*child, plan_path, done_file(ground.folder)]
    taken_in = SourceRecords(lambda: only_job(port)).read
    return run_to_end(name, ground.folder, command, load.warm_up, taken_in, all_of=all_of)


def _source(ground: Ground, topics: str, read_as: str, *, ends: bool = False) -> str:
    options = {
        "connector": "kafka",
        "topic": topics,
        "properties.bootstrap.servers": ground.kafka.bootstrap,
        "properties.group.id": "bench-flink",
        "scan.startup.mode": "earliest-offset",
        "scan.bounded.mode": "latest-offset" if ends else "unbounded",
        "format": read_as,
        **{f"properties.{key}": value for key, value in CONSUMER.items()},
    }
    return ", ".join(f"'{key}' = '{value}'" for key, value in options.items())


def _table(topic: str) -> str:
    return topic.replace("-", "_")


def column_type(avro: Any, read_as: str) -> str:
    """The SQL type under which a built-in format reads a field of our schemas.

    An enum is a name in JSON; in Avro its bytes are those of an int, and the built-in format knows no enums.
    """
    match avro:
        case ["null", branch]:
            return column_type(branch, read_as).removesuffix(" NOT NULL")
        case {"type": "record", "fields": fields}:
            inner = ", ".join(f"`{field['name']}` {column_type(field['type'], read_as)}" for field in fields)
            return f"ROW<{inner}> NOT NULL"
        case {"type": "enum"} | "semaforo.FlightState":
            return "STRING NOT NULL" if read_as == "json" else "INT NOT NULL"
        case "semaforo.FlightOutcome":
            outcome = json.loads(newest("FlightStatus").text)["fields"][-2]["type"][1]
            return column_type(outcome, read_as)
        case {"type": "long"} | "long":
            return "BIGINT NOT NULL"
        case "string" | "int" | "boolean":
            return f"{avro.upper()} NOT NULL"
    raise ValueError(f"no SQL type for {avro}")


def _status(read_as: str) -> dict[str, str]:
    fields = {field["name"]: field["type"] for field in json.loads(newest("FlightStatus").text)["fields"]}
    symbols: list[str] = fields["state"]["symbols"]
    arrived = "state = 'ARRIVED'" if read_as == "json" else f"state = {symbols.index('ARRIVED')}"
    on_time = "actual_arrival_at - scheduled_arrival_at < 15 * 60000"
    return {
        "flights": f"IF({arrived}, 1, 0)",
        "arrivals_on_time": f"IF({arrived} AND {on_time}, 1, 0)",
        "seat_km": f"IF({arrived}, CAST(seats AS BIGINT) * distance_km, 0)",
    }


def _finance(_read_as: str) -> dict[str, str]:
    return {"ticket_revenue": "(ticket_revenue_minor * usd_per_unit_ppm + 500000) / 1000000"}


def _operation(_read_as: str) -> dict[str, str]:
    return {"carrier_delay_minutes": "carrier_delay_minutes"}


def _answer(_read_as: str) -> dict[str, str]:
    return {"satisfied": "IF(satisfaction >= 4, 1, 0)"}


_MEASURES: Final = dict(zip(FACT_TOPICS, (_status, _finance, _operation, _answer), strict=True))


def _facts(topic: str, read_as: str) -> str:
    """What an event of a topic adds to each measure."""
    counted = _MEASURES[topic](read_as)
    columns = [f"CAST({counted.get(name, '0')} AS BIGINT) AS {name}" for name in MEASURES_OF_ALL]
    return f"SELECT event_time, origin, destination, {', '.join(columns)} FROM {_table(topic)}"  # noqa: S608 - our names


_INSERT: Final = f"""
INSERT INTO panes
SELECT origin, destination, window_end, COUNT(*), {", ".join(f"SUM({name})" for name in MEASURES_OF_ALL)}
FROM TUMBLE(TABLE facts, DESCRIPTOR(event_time), {PANE}, {SHIFT})
GROUP BY window_start, window_end, origin, destination
"""  # noqa: S608 - our own names


def panes_in(folder: Path) -> Iterator[Pane]:
    """The panes in the files of a finished job; unfinished files are hidden."""
    for path in sorted(folder.glob("[!._]*")):
        with path.open(newline="") as file:
            for origin, destination, ending, events, *sums in csv.reader(file):
                at = datetime.fromisoformat(ending).replace(tzinfo=UTC) - timedelta(milliseconds=1)
                yield Pane(f"{origin}-{destination}", to_ms(at), int(events), tuple(map(int, sums)))
