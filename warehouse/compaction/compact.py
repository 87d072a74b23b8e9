"""One run of the compaction: what is new in raw, merged into the clean tables."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from schemas.topics import TOPICS
from warehouse.clean_tables import CLEAN_TABLES
from warehouse.compaction.decode import TABLE_OF
from warehouse.compaction.files import months, read_month, read_table, write_month
from warehouse.compaction.flights import STATUS_COLUMNS, flights
from warehouse.compaction.merge import EVENT_TABLES, by_month, merged
from warehouse.compaction.raw_objects import done, note_done, raw_objects
from warehouse.compaction.spill import spill, spilled
from warehouse.storage import Store

_POSITION: Final = ("topic", "partition", "offset")


class Compacted(msgspec.Struct, kw_only=True):
    """What a run did. `rows` are new ones by table; `duplicates` are rows read that were there, or replaced by a newer
    one of a light; `late` are events that this run marked; `unreadable` objects were left out, and why."""

    objects: int = 0
    objects_before: int = 0
    lines: int = 0
    rows: dict[str, int] = msgspec.field(default_factory=dict)
    duplicates: int = 0
    undecodable: int = 0
    late: int = 0
    files_written: int = 0
    unreadable: dict[str, str] = msgspec.field(default_factory=dict)

    def said(self) -> str:
        """In words."""
        if not self.objects:
            return f"nothing new: {self.objects_before:,} raw objects are in the clean tables"
        rows = ", ".join(f"{count:,} {table}" for table, count in sorted(self.rows.items()) if count)
        return (
            f"{self.objects:,} raw objects, {self.lines:,} lines; {self.duplicates:,} duplicates, "
            f"{self.undecodable:,} undecodable, {self.late:,} late; "
            f"{self.files_written} files written; new rows: {rows or 'none'}"
        )


def compact(
    raw: Store,
    clean: Store,
    *,
    again: bool = False,
    reads: Callable[[int], None] = lambda _bytes: None,
    begins: Callable[[int], None] = lambda _bytes: None,
) -> Compacted:
    """Merge all raw objects that are not done into the clean tables; with `again` all there are.

    `begins` is told how many bytes will be read, `reads` how many more were. One run at a time: two would overwrite
    each other's files.
    """
    before = set() if again else done(clean)
    objects = [one for one in raw_objects(raw) if (one.name, one.size) not in before]
    found = Compacted(objects=len(objects), objects_before=len(before))
    if not objects:
        return found
    begins(sum(one.size for one in objects))
    with tempfile.TemporaryDirectory(prefix="semaforo-compaction-") as folder:
        for batch in spill(raw.url, objects, Path(folder)):
            found.lines += batch.lines
            found.undecodable += batch.undecodable
            found.unreadable |= batch.unreadable
            found.duplicates += sum(batch.rows.values())
            reads(sum(one.size for one in batch.objects))
        _merge(clean, Path(folder), found)
    found.objects -= len(found.unreadable)
    note_done(clean, before, (one for one in objects if one.name not in found.unreadable))
    return found


def _merge(clean: Store, folder: Path, found: Compacted) -> None:
    new = {(table, month): read for table, month, read in spilled(folder)}
    notes = {name: _notes(clean, name, new, found) for name in ("late_event", "dead_letter")}
    late = read_table(clean, "late_event", [*_POSITION, "fact_at"])
    touched = [pl.Series("flight_id", [], pl.String)]
    for table, month in sorted({key for key in new if key[0] not in notes} | _marked_months(notes["late_event"])):
        fresh = [new[table, month]()] if (table, month) in new else []
        if table == "flight_status" and fresh:
            touched.append(fresh[0]["flight_id"])
        _merge_month(clean, table, month, fresh, late, found)
    touched.append(_refused(clean, notes["dead_letter"]))
    _flights(clean, pl.concat(touched).unique(), found)


def _notes(
    clean: Store, table: str, new: dict[tuple[str, str], Callable[[], pl.DataFrame]], found: Compacted
) -> pl.DataFrame:
    """Merge notes about messages, which say something about rows of other tables; the new ones."""
    fresh = {month: read() for (name, month), read in new.items() if name == table}
    for month, rows in fresh.items():
        _merge_month(clean, table, month, [rows], None, found)
    return pl.concat([pl.DataFrame(schema=CLEAN_TABLES[table].columns), *fresh.values()])


def _marked_months(late: pl.DataFrame) -> set[tuple[str, str]]:
    """Table and month of the events that these notes are about."""
    facts = late.select("topic", month=pl.col("fact_at").dt.strftime("%Y-%m")).unique()
    return {
        (TABLE_OF[record], month)
        for topic, month in facts.iter_rows()
        if topic in TOPICS
        for record in TOPICS[topic].records
        if TABLE_OF[record] in EVENT_TABLES
    }


def _merge_month(
    clean: Store, name: str, month: str, fresh: list[pl.DataFrame], late: pl.DataFrame | None, found: Compacted
) -> None:
    table = CLEAN_TABLES[name]
    before = read_month(clean, name, month)
    stays = before
    if name == "raw_range":  # an object that is taken again, or was replaced, has its ranges anew
        stays = before.join(pl.concat(fresh), on="raw_object", how="anti")
    after = merged(table, [stays, *fresh], late)
    if name != "raw_range":
        found.duplicates -= len(after) - len(before)
    _written(clean, name, month, before, after, found)


def _written(clean: Store, name: str, month: str, before: pl.DataFrame, after: pl.DataFrame, found: Compacted) -> None:
    found.rows[name] = found.rows.get(name, 0) + len(after) - len(before)
    if name in EVENT_TABLES:
        found.late += int(after["is_late"].sum()) - int(before["is_late"].sum())
    found.files_written += write_month(clean, name, month, after)


def _refused(clean: Store, dead: pl.DataFrame) -> pl.Series:
    """Flights of which a report that can be read was refused."""
    places = dead.filter(pl.col("topic") == "flight-status").select(_POSITION)
    columns = ["flight_id", *_POSITION]
    months_read = [] if places.is_empty() else months(clean, "flight_status")
    reports = [
        read_month(clean, "flight_status", month, columns).join(places, on=list(_POSITION), how="semi")["flight_id"]
        for month in months_read
    ]
    return pl.concat([pl.Series("flight_id", [], pl.String), *reports])


def _flights(clean: Store, touched: pl.Series, found: Compacted) -> None:
    """Work the touched flights out anew from all their events, in whatever months those lie."""
    if touched.is_empty():
        return
    these = touched.to_frame()
    dead = read_table(clean, "dead_letter", [*_POSITION, "event_at"]).rename({"event_at": "appended_at"})
    table = CLEAN_TABLES["flight"]
    stand = [
        flights(events.join(dead, on=[*_POSITION, "appended_at"], how="anti")) for events in _reports(clean, these)
    ]
    by = by_month(table, pl.concat(stand))
    for month in sorted({*months(clean, "flight"), *by}):
        before = read_month(clean, "flight", month)
        others = before.join(these, on="flight_id", how="anti")
        frames = [others, by[month]] if month in by else [others]
        _written(clean, "flight", month, before, merged(table, frames), found)


def _reports(clean: Store, these: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """All events of some flights, those together whose events lie in the same months: memory holds a month or two.

    A year's at once took 1.7 GB.
    """
    lies_in = pl.concat(
        read_month(clean, "flight_status", month, ["flight_id"])
        .unique()
        .join(these, on="flight_id", how="semi")
        .with_columns(month=pl.lit(month))
        for month in months(clean, "flight_status")
    )
    alike = lies_in.group_by("flight_id").agg(pl.col("month").sort().str.join(" ")).partition_by("month", as_dict=True)
    for (together,), some in sorted(alike.items()):
        yield pl.concat(
            read_month(clean, "flight_status", month, STATUS_COLUMNS).join(some, on="flight_id", how="semi")
            for month in str(together).split()
        )
