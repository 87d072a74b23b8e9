"""How good a day's data is, each figure counted from the clean tables; what no table speaks of is not known."""

from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

import polars as pl

from warehouse.storage import Store

_EVENT_TABLES: Final = {
    "flight-status": "flight_status",
    "flight-finance": "flight_finance",
    "flight-operations": "flight_operation",
    "passenger-feedback": "passenger_feedback",
}


class Topic(NamedTuple):
    """Offsets of one topic in raw: how many there are, and how many are missing between or there twice."""

    topic: str
    partitions: int
    offsets: int
    missing: int
    repeated: int
    undecodable: int
    newest_appended_at: datetime | None


class Quality(NamedTuple):
    """None: no table speaks of it. Topics and duplicates (events of raw that the clean tables hold once) are of all
    raw, the rest of the day."""

    topics: list[Topic] | None
    events: int | None
    late: int | None
    dead_letters: int | None
    dead_letter_reasons: list[tuple[str, int]]
    newest_event_at: datetime | None
    duplicates: int | None


def quality(clean: Store, day: date) -> Quality:
    """Of the day (UTC)."""
    first = datetime.combine(day, datetime.min.time())
    until = first + timedelta(days=1)
    ranges = _table(clean, "raw_range", None)
    events = [table for name in _EVENT_TABLES.values() if (table := _table(clean, name, day)) is not None]
    on_day = [table.filter(pl.col("event_at").is_between(first, until, closed="left")) for table in events]
    dead = _table(clean, "dead_letter", day)
    dead_today = None if dead is None else dead.filter(pl.col("event_at").is_between(first, until, closed="left"))
    appended = [at for table in on_day if (at := table["appended_at"].max()) is not None]
    return Quality(
        topics=None if ranges is None else _topics(ranges),
        events=sum(table.height for table in on_day) if events else None,
        late=sum(int(table["is_late"].sum()) for table in on_day) if events else None,
        dead_letters=_dead(dead_today, ranges),
        dead_letter_reasons=[] if dead_today is None else _reasons(dead_today),
        newest_event_at=max(appended) if appended else None,  # type: ignore[arg-type]
        duplicates=_duplicates(clean, ranges),
    )


def _topics(ranges: pl.DataFrame) -> list[Topic]:
    """Gaps are counted between the first and the last offset of a partition that raw holds, whenever it came: a replay
    of an old day is delivered on another."""
    found = []
    for (topic,), part in sorted(ranges.partition_by("topic", as_dict=True).items()):
        offsets = missing = repeated = 0
        for of_partition in part.partition_by("partition"):
            got, gone, twice = gaps(of_partition.select("first_offset", "last_offset").rows())
            offsets, missing, repeated = offsets + got, missing + gone, repeated + twice
        newest: Any = part["last_appended_at"].max()
        bad = int(part["undecodable"].sum())
        found.append(Topic(str(topic), part["partition"].n_unique(), offsets, missing, repeated, bad, newest))
    return found


def gaps(runs: list[tuple[int, int]]) -> tuple[int, int, int]:
    """Of runs of offsets (first, last): how many different ones, missing ones in between, repeated ones."""
    different = missing = repeated = 0
    reached: int | None = None
    for first, last in sorted(runs):
        if reached is None or first > reached:
            missing += first - reached - 1 if reached is not None else 0
            different += last - first + 1
        else:
            repeated += min(last, reached) - first + 1
            different += max(last - reached, 0)
        reached = last if reached is None else max(reached, last)
    return different, missing, repeated


def _dead(dead: pl.DataFrame | None, ranges: pl.DataFrame | None) -> int | None:
    """No file of dead letters is none of them only if raw is known at all."""
    if dead is not None:
        return dead.height
    return None if ranges is None else 0


def _reasons(dead: pl.DataFrame) -> list[tuple[str, int]]:
    if "reason" not in dead.columns:
        return []
    counted = dead.group_by("reason").len().sort(["len", "reason"], descending=[True, False]).head(5)
    return [(str(reason), int(count)) for reason, count in counted.iter_rows()]


def _duplicates(clean: Store, ranges: pl.DataFrame | None) -> int | None:
    """Events in raw, those delivered twice included, less what the clean tables kept of them."""
    if ranges is None:
        return None
    difference = 0
    for topic, table in _EVENT_TABLES.items():
        came = int(ranges.filter(pl.col("topic") == topic)["events"].sum())
        if came and (kept := _table(clean, table, None)) is not None:
            difference += came - kept.height
    return max(difference, 0)


def _table(clean: Store, name: str, day: date | None) -> pl.DataFrame | None:
    """The months of a table that may speak of a day (events lie by their instant, a day may end in the next month);
    all of them without one. None if there are none."""
    months = None if day is None else {f"{day - timedelta(days=1):%Y-%m}", f"{day + timedelta(days=1):%Y-%m}"}
    parts = [
        file.name
        for file in clean.list(name)
        if file.name.endswith(".parquet") and (months is None or any(f"month={month}" in file.name for month in months))
    ]
    if not parts:
        return None
    return pl.concat([pl.read_parquet(clean.read(part)) for part in parts], how="diagonal_relaxed")
