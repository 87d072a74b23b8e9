"""Calls beside each other, and things in groups as large as a call takes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

WORKERS: Final = 8
"""Reads, writes and transactions at once: on a crowded machine each waits longer for its answer than it takes."""

_T = TypeVar("_T")


class AtOnce:
    """Threads that stay from one batch to the next."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(WORKERS)

    def __call__(self, tasks: Sequence[Callable[[], _T]]) -> Iterable[_T]:
        """Their answers in order; an error when its turn comes. One alone does not wait for a thread to wake."""
        return [task() for task in tasks] if len(tasks) < 2 else self._pool.map(lambda task: task(), tasks)


def groups_of(size: int, things: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Groups of `size`, the last as it comes, in order."""
    return (things[start : start + size] for start in range(0, len(things), size))
