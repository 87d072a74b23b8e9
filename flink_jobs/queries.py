"""The SQL of `sql/`, with the job's settings and the list of measures filled in."""

import json
from datetime import timedelta
from pathlib import Path
from string import Template
from typing import Final

from flink_jobs.settings import JobSettings
from schemas.codec import newest, writer_schemas
from schemas.events import LONGEST_DEVIATION, RECORDS
from schemas.topics import KPI_TOPICS, topic_name

SQL_FOLDER: Final = Path(__file__).parent / "sql"

# The default of 500 records a poll costs more polls than records at a replay's rate; it adds no latency, a poll
# returns what is there.
CONSUMER: Final = {"max.poll.records": "5000", "fetch.max.wait.ms": "100"}
PRODUCER: Final = {"acks": "all", "compression.type": "lz4"}


class Queries:
    """The statements of each SQL file for one set of settings."""

    def __init__(self, settings: JobSettings) -> None:
        self._settings = settings
        self._values = _values(settings)

    def statements(self, name: str) -> list[str]:
        """The statements of `sql/<name>.sql`, in order."""
        return _statements(name, self._values)


def _statements(name: str, values: dict[str, str]) -> list[str]:
    text = Template((SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")).substitute(values)
    return [statement for part in text.split(";\n") if (statement := part.strip())]


def _values(settings: JobSettings) -> dict[str, str]:
    connection = {"bootstrap.servers": settings.bootstrap, **settings.kafka}
    group = {"group.id": f"{settings.stage}.kpi-job", "commit.offsets.on.checkpoint": "true"}
    return {
        "topics": ";".join(topic_name(settings.stage, topic) for topic in KPI_TOPICS),
        "dead_letters_topic": topic_name(settings.stage, "dead-letters"),
        "late_events_topic": topic_name(settings.stage, "late-events"),
        "schemas": quoted(f"[{','.join(writer_schemas(tuple(RECORDS)))}]"),
        "source_options": _options({**CONSUMER, **group, **connection}),
        "sink_options": _options({**PRODUCER, **connection}),
        "ahead_ms": str(settings.ahead_limit_seconds * 1000),
        "longest_deviation_ms": str(LONGEST_DEVIATION // timedelta(milliseconds=1)),
        "bound_ms": str(settings.bound_ms),
        "idle_timeout_seconds": str(settings.idle_timeout_seconds),
        **{f"text_{text}": str(_short_text(text)) for text in ("modelled", "USD")},
        **_symbols("FlightStatus", "state"),
        **_symbols("FlightOperation", "kind"),
    }


def _short_text(text: str) -> int:
    """As `format/…/ShortText.java` has it."""
    return int.from_bytes(text.encode("ascii"), "big")


def _symbols(record: str, field: str) -> dict[str, str]:
    """The places of an enum's symbols in the newest schema: state_ARRIVED and so on."""
    (kind,) = (one["type"] for one in json.loads(newest(record).text)["fields"] if one["name"] == field)
    return {f"{field}_{symbol}": str(place) for place, symbol in enumerate(kind["symbols"])}


def _options(properties: dict[str, str]) -> str:
    return ",\n    ".join(f"'properties.{quoted(k)}' = '{quoted(v)}'" for k, v in properties.items())


def quoted(text: str) -> str:
    """The text between the quotes of an SQL string."""
    return text.replace("'", "''")
