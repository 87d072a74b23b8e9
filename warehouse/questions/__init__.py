"""Named questions to the star, one SQL file each, in words that DuckDB and Redshift both understand.

A file opens with a comment: the question, its parameters, what one row is. Parameters are written `:name`, as
Redshift's Data API reads them. Ratios stand beside their numerators and denominators; where traffic or money is
modelled, a column says behind how many flights.
"""

import re
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

_HEADER: Final = re.compile(
    r"-- (?P<question>.+?\?)\n(?:-- )?Parameters: (?P<parameters>.+?)\n(?:-- )?(?P<one_row>One row per .+?)\n(?!--)",
    re.DOTALL,
)
_PARAMETER: Final = re.compile(r"(?<!:):([a-z]+)\b")


class Question(msgspec.Struct, frozen=True):
    """`sql` has its parameters as `:name`; the other texts are those of its opening comment, on one line each."""

    name: str
    text: str
    parameters: str
    one_row_per: str
    sql: str

    @property
    def parameter_names(self) -> frozenset[str]:
        """What has to be given."""
        return frozenset(_PARAMETER.findall(without_comments(self.sql)))

    @property
    def duckdb_sql(self) -> str:
        """With parameters as DuckDB reads them, `$name`."""
        return _PARAMETER.sub(r"$\1", without_comments(self.sql))


class UnknownQuestion(LookupError):  # noqa: N818 - says what happened
    """There is no question of that name; `close` are those that resemble it."""

    def __init__(self, name: str) -> None:
        self.close: list[str] = get_close_matches(name.replace("-", "_").lower(), questions(), n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(self.close)}? " if self.close else ""
        super().__init__(f"no question is called {name!r}: {hint}`python -m warehouse ask --list` has them all")


@cache
def questions() -> dict[str, Question]:
    """All of them, by name in order."""
    found = (entry for entry in files(__name__).iterdir() if entry.name.endswith(".sql"))
    named = [read(entry.name.removesuffix(".sql"), entry.read_text(encoding="utf-8")) for entry in found]
    return {one.name: one for one in sorted(named, key=lambda one: one.name)}


def question(name: str) -> Question:
    """Raises UnknownQuestion."""
    try:
        return questions()[name.replace("-", "_")]
    except KeyError:
        raise UnknownQuestion(name) from None


def read(name: str, sql: str) -> Question:
    """A question from its file. Raises ValueError if the file does not open as it must."""
    opening = _HEADER.match(sql)
    if not opening:
        raise ValueError(f"{name}.sql must open with its question, its parameters and what one row is")
    words = {part: re.sub(r"\n-- ", " ", text) for part, text in opening.groupdict().items()}
    return Question(name, words["question"], words["parameters"], words["one_row"], sql)


def without_comments(sql: str) -> str:
    """Nothing of what people read is a parameter."""
    return re.sub(r"--[^\n]*", "", sql)
