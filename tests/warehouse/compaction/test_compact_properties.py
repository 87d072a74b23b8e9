"""The clean tables follow from the set of lines: not from order, repetition, objects, runs, or where one stopped."""

import tempfile
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warehouse.compaction.raw_folder import Line, some_lines, tables, write
from warehouse.compaction.compact import compact
from warehouse.storage import Store

LINES = some_lines()


class StoppedError(Exception):
    """As if the process ended here."""


class StoppingStore(Store):
    """Writes so many files, then stops."""

    def __init__(self, url: str, writes: int) -> None:
        super().__init__(url)
        self._left = writes

    def write(self, name: str, data: bytes) -> None:
        if not self._left:
            raise StoppedError
        self._left -= 1
        super().write(name, data)


def clean_of(lines: list[Line]) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder) / "raw", lines, "one.jsonl")
        compact(Store(f"{folder}/raw"), Store(f"{folder}/clean"))
        return tables(Path(folder) / "clean", "raw_range")


REFERENCE = clean_of(LINES)


@settings(max_examples=12, deadline=None)
@given(
    order=st.permutations(LINES),
    repeated=st.lists(st.sampled_from(LINES), max_size=8),
    cuts=st.lists(st.integers(0, len(LINES)), max_size=4),
    runs=st.lists(st.booleans(), min_size=6, max_size=6),
    stops=st.lists(st.integers(0, 12), max_size=3),
)
def test_any_order_repetition_split_and_interruption(
    order: list[Line], repeated: list[Line], cuts: list[int], runs: list[bool], stops: list[int]
) -> None:
    lines = [*order, *repeated]
    bounds = [0, *sorted(cuts), len(lines)]
    with tempfile.TemporaryDirectory() as folder:
        raw, clean = Store(f"{folder}/raw"), f"{folder}/clean"
        for number, (start, end) in enumerate(pairwise(bounds)):
            write(Path(raw.url), lines[start:end], f"{number}.jsonl")
            if not runs[number]:
                continue
            for writes in stops:
                with suppress(StoppedError):
                    compact(raw, StoppingStore(clean, writes))
            compact(raw, Store(clean))
        compact(raw, Store(clean))
        assert tables(Path(clean), "raw_range") == REFERENCE


def test_what_a_run_missed_would_show() -> None:
    assert clean_of(LINES[:-3]) != REFERENCE
