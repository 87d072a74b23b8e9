"""History: the star's named questions and the board of any past moment. Everything is asked for by an `Actor`.

The questions are SQL of the warehouse, and so is what "as then known" means: the one place where the app imports
another runtime rather than its tables, as a second copy of them would answer otherwise one day. The star is a DuckDB
file; it is opened for one question at a time, so that the daily run can write it in between.
"""

import io
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypeVar

import duckdb
import polars as pl

from schemas.errors import SemaforoError
from streamlit_app.access import Actor, Permission, require
from warehouse.answer import NoStar, Span, ask, open_star, whole_span
from warehouse.answer_formats import Format, written
from warehouse.board_as_of import BoardAsOf, board_as_of, lights_span
from warehouse.export.marts import marts
from warehouse.questions import Question, question, questions

KEPT: Final = 32
"""Answers in memory: a question of a year has 50 KB and takes 20-200 ms, and a page that is looked at asks again."""

T = TypeVar("T")
Dates = Span
"""Dates of flights, `until` not included."""


class NoHistoryError(SemaforoError):
    """There is no star to ask, or it lacks what was asked for; the text says which."""


class Past:
    """The star. All of it raises NoHistoryError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: OrderedDict[tuple[Any, ...], Any] = OrderedDict()
        self._lock = Lock()

    def questions(self, actor: Actor) -> dict[str, Question]:
        """All there are, by name."""
        require(actor, Permission.READ)
        return questions()

    def span(self, actor: Actor) -> Span:
        """The dates of its flights."""
        require(actor, Permission.READ)
        return self._asked(("span",), whole_span)

    def answer(self, actor: Actor, name: str, span: Span) -> pl.DataFrame:
        """What a question says of a span of dates."""
        require(actor, Permission.READ)
        return self._asked(("answer", name, span), lambda star: ask(star, question(name), span))

    def parquet(self, actor: Actor, name: str, span: Span) -> bytes:
        """The same as a Parquet file."""
        return written(self.answer(actor, name, span), Format.PARQUET)

    def extract(self, actor: Actor) -> bytes:
        """The marts, as `python -m warehouse export` writes them, as Parquet files in one ZIP."""
        require(actor, Permission.READ)
        return self._asked(("extract",), _packed)

    def lights_span(self, actor: Actor) -> tuple[datetime, datetime] | None:
        """From the first to the last instant that a board is known of; None where no light was kept."""
        require(actor, Permission.READ)
        return self._asked(("lights",), lights_span)

    def board(self, actor: Actor, at: datetime) -> BoardAsOf:
        """Every light as it stood then."""
        require(actor, Permission.READ)
        return self._asked(("board", at), lambda star: board_as_of(star, at))

    def _asked(self, key: tuple[Any, ...], put: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Kept for as long as the file is the same one."""
        try:
            written_at = self._path.stat().st_mtime_ns if self._path.exists() else 0
            with self._lock:
                if (written_at, *key) in self._kept:
                    self._kept.move_to_end((written_at, *key))
                    found: T = self._kept[written_at, *key]
                    return found
            with open_star(self._path) as star:
                found = put(star)
        except NoStar as error:
            raise NoHistoryError(str(error)) from error
        except (duckdb.Error, OSError) as error:
            raise NoHistoryError(f"the star cannot answer this: {str(error).splitlines()[0]}") from error
        with self._lock:
            self._kept[written_at, *key] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found


def _packed(star: duckdb.DuckDBPyConnection) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as files:  # Parquet is compressed by itself
        for name, mart in marts(star):
            if mart is not None:
                files.writestr(f"{name}.parquet", written(mart, Format.PARQUET))
    return packed.getvalue()
