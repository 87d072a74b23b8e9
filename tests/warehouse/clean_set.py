"""A clean data set of real flights in a folder, as the compaction would leave it: small, and known in every number.

Known at: an event ten seconds after it was, a row and the light it turns five and six seconds after.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from rules.evaluate import evaluate
from rules.load import Catalog
from rules.rule import Rule
from schemas.events import Event, FlightFinance, FlightOperation, FlightStatus, PassengerFeedback
from schemas.lights import LightState, Transition
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow, rows_json
from warehouse.clean_tables import CLEAN_TABLES, INSTANT

TABLE_OF = {
    FlightStatus: "flight_status",
    FlightFinance: "flight_finance",
    FlightOperation: "flight_operation",
    PassengerFeedback: "passenger_feedback",
}
APPENDED_AFTER = timedelta(seconds=10)
KNOWN_AFTER = timedelta(seconds=5)
DECIDED_AFTER = timedelta(seconds=6)

Line = dict[str, Any]


def write(root: Path, table: str, lines: Iterable[Line]) -> None:
    """Lines of a table as its monthly files; a month that is there already is replaced."""
    declared = CLEAN_TABLES[table]
    schema = dict(declared.columns)
    frame = pl.DataFrame([[line.get(name) for name in schema] for line in lines], schema=schema, orient="row")
    save(root, table, frame)


def save(root: Path, table: str, frame: pl.DataFrame) -> None:
    """A table's rows as its monthly files."""
    declared = CLEAN_TABLES[table]
    months = frame.with_columns(month=pl.col(declared.instant).dt.strftime("%Y-%m"))
    for (month,), part in months.partition_by("month", as_dict=True, include_key=False).items():
        folder = root / table / f"month={month}"
        folder.mkdir(parents=True, exist_ok=True)
        part.sort(declared.by).write_parquet(folder / "part-0.parquet")


def write_events(root: Path, events: Iterable[Event], delay: timedelta = APPENDED_AFTER) -> None:
    """Finance, operations and answers as they are; of the reports each flight's last."""
    lines: dict[str, list[Line]] = {name: [] for name in (*TABLE_OF.values(), "flight")}
    flights: dict[str, Line] = {}
    for event in events:
        if (table := TABLE_OF.get(type(event))) is None:
            continue
        line = _naive({name: getattr(event, name) for name in event.__struct_fields__})
        line |= {"topic": table, "partition": 0, "offset": 0, "appended_at": line["event_at"] + delay, "is_late": False}
        if isinstance(event, FlightStatus):
            flights[event.flight_id] = line | {"corrections": 0}
        else:
            lines[table].append(line)
    lines["flight"] = list(flights.values())
    for table, some in lines.items():
        if some:
            write(root, table, some)


def write_rows(root: Path, rows: Iterable[KpiRow], known_after: timedelta = KNOWN_AFTER) -> None:
    """KPI rows, known so long after they were true."""
    write(root, "kpi_row", [row_line(row, row.at + known_after) for row in rows])


def row_line(row: KpiRow, known_at: datetime) -> Line:
    """One row, known at an instant."""
    head = {name: getattr(row, name) for name in ("scope", "entity", "window", "at", "revision", "ingested_at")}
    measures = dict(zip(MEASURE_NAMES, row.measures, strict=True))
    told = {"known_at": known_at, "events": row.events, "flown_by": ",".join(row.flown_by)}
    return _naive({**head, **measures, **told, "shard": "0", "sequence_number": "1"})


def changes(catalog: Catalog, rows: Iterable[KpiRow]) -> Iterator[tuple[Rule, KpiRow, Transition]]:
    """Every change of a light over rows in order, by the `evaluate` that judges live ones."""
    states: dict[tuple[str, str], LightState] = {}
    context: dict[Any, KpiRow] = {}
    for row in rows:
        context[row.key] = row
        for rule in catalog.rules_for(row):
            key = (rule.id, row.entity)
            states[key], transition = evaluate(rule, row, context, states.get(key, LightState()), row.ingested_at)
            if transition is not None:
                yield rule, row, transition


def light_line(
    rule: Rule,
    row: KpiRow,
    made: Transition,
    known_at: datetime,
    decision: str = "log",
    sent_at: datetime | None = None,
) -> Line:
    """A change as the light log tells of it."""
    evidence = made.evidence
    return _naive(
        {
            "entity_key": f"{made.scope}#{made.entity}",
            "sk": f"{made.at.isoformat()}#{made.rule}#{made.to_light}",
            **{n: getattr(made, n) for n in ("alert_id", "rule", "rule_version", "scope", "entity", "window", "at")},
            **{n: getattr(made, n) for n in ("previous_since_at", "ingested_at", "revision", "reason", "where")},
            "from_light": str(made.from_light),
            "to_light": str(made.to_light),
            **{n: getattr(evidence, n) for n in ("kpi", "numerator", "denominator", "n", "value", "lower", "upper")},
            "modelled": evidence.modelled,
            "usd_per_hour": made.severity.usd_per_hour,
            "audience": ",".join(made.audience),
            "known_at": known_at,
            "sent_at": sent_at,
            "decision": decision,
            "held_by": "",
            "decisions": json.dumps([[known_at.isoformat(), decision, "as tests have it"]]),
            "transition": msgspec.json.encode(made).decode(),
            "rule_file": msgspec.json.encode(rule).decode(),
            "row": rows_json([row]).decode(),
        }
    )


def _naive(line: Line) -> Line:
    """Instants without their zone, which is UTC throughout."""
    return {
        name: value.replace(tzinfo=None) if isinstance(value, datetime) else str(value) if _word(value) else value
        for name, value in line.items()
    }


def _word(value: object) -> bool:
    return isinstance(value, str) and type(value) is not str


__all__ = ["INSTANT", "changes", "light_line", "row_line", "save", "write", "write_events", "write_rows"]
