"""Decoded rows on the local disk, by table and month, until every object is read: memory holds some objects at a time.

Decoding is most of the work and knows nothing of other objects, so it goes to a second process where that pays.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread
from typing import Final

import msgspec
import polars as pl

from warehouse.clean_tables import CLEAN_TABLES
from warehouse.compaction.decode import decode_objects
from warehouse.compaction.merge import by_month
from warehouse.compaction.ranges import raw_ranges
from warehouse.compaction.raw_objects import RawObject, batches
from warehouse.storage import Store

BATCH_BYTES: Final = 8_000_000
"""Of raw lines decoded at a time: some 32,000 messages, 150 MB while they are objects."""

ALONE_BYTES: Final = 4 * BATCH_BYTES
"""Up to so much one process does it: another takes a second to start, which is 50,000 messages."""

PROCESSES: Final = 2


class BatchCount(msgspec.Struct, frozen=True):
    """What was found in a batch; `rows` as decoded, by table, duplicates included."""

    objects: list[RawObject]
    lines: int
    undecodable: int
    rows: dict[str, int]
    unreadable: dict[str, str]


def spill(raw_url: str, objects: Sequence[RawObject], folder: Path) -> Iterator[BatchCount]:
    """Decode the objects into `folder`, batch by batch, in any order."""
    parts = [(raw_url, batch, folder, number) for number, batch in enumerate(batches(objects, BATCH_BYTES))]
    if sum(one.size for one in objects) <= ALONE_BYTES:
        yield from (_spill_batch(*part) for part in parts)
        return
    # Polars has threads, which a fork would wait for in vain.
    with ProcessPoolExecutor(PROCESSES, get_context("spawn"), _end_with_parent) as processes:
        for done in as_completed([processes.submit(_spill_batch, *part) for part in parts]):
            yield done.result()


def spilled(folder: Path) -> Iterator[tuple[str, str, Callable[[], pl.DataFrame]]]:
    """Table, month (YYYY-MM) and how to read the rows, of all that was decoded."""
    for table in CLEAN_TABLES:
        for month in sorted((folder / table).glob("*")):
            yield table, month.name, _reader(month)


def _reader(month: Path) -> Callable[[], pl.DataFrame]:
    return lambda: pl.concat([pl.read_ipc(part) for part in sorted(month.iterdir())])


def _spill_batch(raw_url: str, objects: list[RawObject], folder: Path, number: int) -> BatchCount:
    found = decode_objects(objects, Store(raw_url).read)
    counts = {}
    for table, rows in found.tables().items():
        _write(table, rows, folder, number)
        counts[table] = len(rows)
    if found.seen:
        _write("raw_range", raw_ranges(pl.concat(found.seen)), folder, number)
    return BatchCount(objects, found.lines, found.undecodable, counts, found.unreadable)


def _write(table: str, rows: pl.DataFrame, folder: Path, number: int) -> None:
    for month, part in by_month(CLEAN_TABLES[table], rows).items():
        path = folder / table / month / f"{number:06}.arrow"
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_ipc(path, compression="lz4")


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
