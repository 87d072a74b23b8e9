"""Which raw objects there are, and which of them are done."""

import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from schemas.raw import KPI_STREAM, LIGHT_LOG
from schemas.topics import TOPICS
from warehouse.storage import Store, Stored

DONE: Final = "_compacted/objects.tsv"
_NAME: Final = re.compile(r"topic=([^/]+)/date=(\d{4}-\d{2}-\d{2})/[^/]+")
_TOPICS: Final = {*TOPICS, KPI_STREAM, LIGHT_LOG}


class RawObject(NamedTuple):
    """One object: its name, its size in bytes, and of which topic and day (YYYY-MM-DD) it is."""

    name: str
    size: int
    topic: str
    day: str


def raw_objects(raw: Store) -> list[RawObject]:
    """All of them, by name. What is named otherwise (a delivery stream's errors) is none."""
    found = []
    for stored in raw.list():
        match = _NAME.fullmatch(stored.name)
        if match and match[1] in _TOPICS:
            found.append(RawObject(*stored, match[1], match[2]))
    return found


def done(clean: Store) -> set[Stored]:
    """Those whose lines are in the clean tables. One that was replaced by another of its name counts as new."""
    try:
        lines = clean.read(DONE).decode().splitlines()
    except FileNotFoundError:
        return set()
    return {Stored(name, int(size)) for name, size in (line.split("\t") for line in lines)}


def note_done(clean: Store, before: Iterable[Stored], objects: Iterable[RawObject]) -> None:
    """Only spares the next run work: an object that is taken again changes nothing."""
    sizes = dict(before) | {one.name: one.size for one in objects}
    clean.write(DONE, "".join(f"{name}\t{size}\n" for name, size in sorted(sizes.items())).encode())


def batches(objects: Sequence[RawObject], largest: int) -> list[list[RawObject]]:
    """Neighbours together, at most `largest` bytes each; a larger object is a batch of its own."""
    found: list[list[RawObject]] = []
    size = 0
    for one in objects:
        if not found or size + one.size > largest:
            found.append([])
            size = 0
        found[-1].append(one)
        size += one.size
    return found
