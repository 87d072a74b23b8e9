"""One engine answers from one kind of file, in a process of its own; JSON on stdout.

`python -m bench.history.answers raw|clean|duckdb|polars FOLDER`: the rows, CPU seconds and bytes read of answering
alone. Engines are imported, and the disk's files in memory, before that.
"""

import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import duckdb
import polars as pl

from schemas import codec
from schemas.events import FlightState, FlightStatus
from schemas.raw import read_lines

ON_TIME_MINUTES: Final = 15
Rows = list[list[Any]]

_BY_ROUTE: Final = """
select origin, destination, count(*),
  sum(case when datediff('minute', scheduled_arrival_at, actual_arrival_at) < 15 then 1 else 0 end)
from read_parquet('{files}') where state = 'ARRIVED' group by all order by all
"""
QUESTIONS: Final = {
    "on time by airline": """
        select carrier, count(*), sum(cast(coalesce(
          datediff('minute', scheduled_arrival_at, actual_arrival_at) < 15 and state = 'ARRIVED', false) as bigint))
        from read_parquet('{files}') group by all order by all""",
    "departure delay by hour": """
        select cast(extract(hour from scheduled_departure_at) as bigint), count(*),
          sum(greatest(datediff('minute', scheduled_departure_at, actual_departure_at), 0))
        from read_parquet('{files}') where actual_departure_at is not null group by all order by all""",
    "cancelled by route and day": """
        select origin, destination, cast(cast(scheduled_departure_at as date) as varchar), count(*)
        from read_parquet('{files}') where state = 'CANCELLED' group by all order by all""",
}


def from_raw(folder: Path) -> Rows:
    """Arrivals by route, and those on time, from raw lines of the topic flight-status."""
    found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for path in sorted((folder / "topic=flight-status").rglob("*.jsonl*")):
        for line in read_lines("flight-status", path.read_bytes()):
            event = codec.decode(line.value)
            if isinstance(event, FlightStatus) and event.state is FlightState.ARRIVED and event.actual_arrival_at:
                late = event.actual_arrival_at - event.scheduled_arrival_at
                counts = found[event.origin, event.destination]
                counts[0] += 1
                counts[1] += late.total_seconds() < ON_TIME_MINUTES * 60
    return sorted([*route, *counts] for route, counts in found.items())


def from_clean(folder: Path) -> Rows:
    """The same from the clean table flight_status."""
    return _ask(_BY_ROUTE, folder / "flight_status")


def by_duckdb(folder: Path) -> Rows:
    """The questions on the clean table flight, one after the other."""
    return [[name, *row] for name, sql in QUESTIONS.items() for row in _ask(sql, folder / "flight")]


def by_polars(folder: Path) -> Rows:
    """The same as `by_duckdb`."""
    flights = pl.scan_parquet(folder / "flight" / "**" / "*.parquet", hive_partitioning=False)
    on_time = (_minutes("scheduled_arrival_at", "actual_arrival_at") < ON_TIME_MINUTES) & (pl.col("state") == "ARRIVED")
    late = _minutes("scheduled_departure_at", "actual_departure_at").clip(0)
    hour = pl.col("scheduled_departure_at").dt.hour().cast(pl.Int64).alias("hour")
    day = pl.col("scheduled_departure_at").dt.date().cast(pl.String).alias("day")
    count = pl.len().cast(pl.Int64).alias("count")
    answers = (
        flights.group_by("carrier").agg(count, on_time.fill_null(value=False).sum().cast(pl.Int64).alias("on_time")),
        flights.filter(pl.col("actual_departure_at").is_not_null()).group_by(hour).agg(count, late.sum().alias("late")),
        flights.filter(pl.col("state") == "CANCELLED").group_by("origin", "destination", day).agg(count),
    )
    return [
        [name, *row]
        for name, answer in zip(QUESTIONS, answers, strict=True)
        for row in sorted(answer.collect().iter_rows())
    ]


def _minutes(begin: str, end: str) -> pl.Expr:
    """Whole minutes that began between two instants, as DuckDB counts them."""
    return (pl.col(end).dt.truncate("1m") - pl.col(begin).dt.truncate("1m")).dt.total_minutes()


def _ask(sql: str, folder: Path) -> Rows:
    rows = duckdb.execute(sql.format(files=f"{folder}/**/*.parquet")).fetchall()
    return [[int(cell) if isinstance(cell, int) else cell for cell in row] for row in rows]


ENGINES: Final[dict[str, Callable[[Path], Rows]]] = {
    "raw": from_raw,
    "clean": from_clean,
    "duckdb": by_duckdb,
    "polars": by_polars,
}


def bytes_read() -> int:
    """What this process has read so far, from memory or disk (Linux counts it)."""
    counts = dict(line.split(": ") for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines())
    return int(counts["rchar"])


def main(engine: str, folder: Path) -> None:
    """Answer and say what it took."""
    codec.by_header()
    read, cpu, began = bytes_read(), time.process_time(), time.perf_counter()
    rows = ENGINES[engine](folder)
    spent = {"cpu_seconds": time.process_time() - cpu, "wall_seconds": time.perf_counter() - began}
    print(json.dumps({"rows": rows, "bytes": bytes_read() - read, **spent}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
