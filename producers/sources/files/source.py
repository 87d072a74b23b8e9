"""Files as a source: every line of every file becomes events, or is refused with its number and reason.

All events are held in memory and sorted by `event_at`, since a file may be in any order; `max_lines` bounds that
(3.4 kB a line of four events, measured). Split a longer file by date.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from producers.sources import ScheduledRoute
from producers.sources.files.facts import Made, events_of
from producers.sources.files.fields import BY_NAME
from producers.sources.files.line import Defaults, LineError
from producers.sources.files.reading import Row, UnreadableFileError, open_file
from schemas.events import Event, FlightEvent

MAX_LINES: Final = 200_000  # 0.7 GB
MOST_ROW_CHARACTERS: Final = 2_000  # of a line that was left out; a flight's has some 500


def encodable(text: str) -> str:
    """The text with what UTF-8 cannot carry (half a character, out of a JSON escape) written out."""
    return text.encode("utf-8", "backslashreplace").decode()


class Reject(msgspec.Struct, frozen=True):
    """A line that was left out: where it is, what is wrong with which value, and the line itself (its beginning)."""

    file: str
    line: int
    field: str
    value: str
    reason: str
    row: str = ""

    def __str__(self) -> str:
        what = f"{self.field} {self.value!r} " if self.field and self.value else f"{self.field} " if self.field else ""
        return f"{self.file}:{self.line}: {what}{self.reason}"


class _Kept(msgspec.Struct):
    made: Made
    file: str
    line: int


class FilesSource:
    """Files of flights, read when made. Satisfies `producers.sources.Source`.

    `rejects` are the lines left out, `notes` what a person should know. Events later than `not_after` are refused.
    Raises UnreadableFileError.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        defaults: Defaults | None = None,
        *,
        max_lines: int = MAX_LINES,
        not_after: datetime | None = None,
    ) -> None:
        self.rejects: list[Reject] = []
        self.notes: list[str] = []
        self.lines = 0
        self._defaults = defaults or Defaults()
        self._max_lines = max_lines
        self._not_after = not_after
        self._answers: Counter[str] = Counter()
        self._kept: dict[str, _Kept] = {}
        for path in paths:
            self._read(path)
        self._events = sorted(
            (kept.made.event for kept in self._kept.values()), key=lambda event: (event.event_at, event.event_id)
        )

    def events(self) -> Iterator[Event]:
        """Every event in order of event_at, then id."""
        return iter(self._events)

    def routes(self) -> Sequence[ScheduledRoute]:
        """Every route in the files."""
        carriers: dict[tuple[str, str], set[str]] = {}
        for event in self._events:
            if isinstance(event, FlightEvent):
                carriers.setdefault((event.origin, event.destination), set()).add(event.carrier)
        return [ScheduledRoute(*pair, tuple(sorted(names))) for pair, names in sorted(carriers.items())]

    def total(self) -> int | None:
        """How many events there are."""
        return len(self._events)

    def wire_version(self, event: Event) -> int | None:
        """Always the newest."""
        return None

    def _read(self, path: Path) -> None:
        opened = open_file(path)
        self._answers.clear()  # an equal line is another answer in the same file, the same answer in another file
        for row in opened.rows:
            self.lines += 1
            if self.lines > self._max_lines:
                raise UnreadableFileError(
                    f"{path}: more than {self._max_lines} lines in all; split by date or raise it"
                )
            self._take(path, row)
        if opened.ignored:
            self.notes.append(f"{path}: columns not read: {', '.join(opened.ignored)}")
        if opened.latin1_lines:
            self.notes.append(
                f"{path}: {len(opened.latin1_lines)} lines, the first {opened.latin1_lines[0]}, are not UTF-8; "
                "read as Latin-1 (save the file as UTF-8 to be sure)"
            )

    def _take(self, path: Path, row: Row) -> None:
        if row.reason:
            self._refuse(path, row, row.field, row.value, row.reason)
            return
        try:
            converted = convert(row)
            digest = digest_of(row)
            self._answers[digest] += 1
            made = events_of(converted, self._answers[digest], digest, self._defaults)
            self._check(path, row, made)
        except LineError as error:
            self._refuse(path, row, error.field, row.values.get(error.field, ""), error.reason)
            return
        for each in made:
            kept = self._kept.get(each.event.event_id)
            if kept is None or each.rank < kept.made.rank:
                self._kept[each.event.event_id] = _Kept(each, str(path), row.number)

    def _refuse(self, path: Path, row: Row, field: str, value: str, reason: str) -> None:
        texts = (encodable(text) for text in (field, value, reason, row.text[:MOST_ROW_CHARACTERS]))
        self.rejects.append(Reject(encodable(str(path)), row.number, *texts))

    def _check(self, path: Path, row: Row, made: list[Made]) -> None:
        """LineError if an event contradicts one of another line, or lies in the future."""
        for each in made:
            kept = self._kept.get(each.event.event_id)
            if kept is not None and kept.made.rank == each.rank and kept.made.event != each.event:
                name = type(each.event).__name__
                raise LineError("", f"contradicts {kept.file}:{kept.line} on the same {name} of the flight")
            if self._not_after is not None and each.event.event_at > self._not_after:
                at = each.event.event_at.isoformat()
                raise LineError("", f"would be known in the future, {at}; conocido_en may say when it was known")


def convert(row: Row) -> dict[str, Any]:
    """The row's values by column name, converted. Raises LineError."""
    if not row.values:
        raise LineError("", "no value in a known column")
    converted = {}
    for name, text in row.values.items():
        try:
            converted[name] = BY_NAME[name].convert(text)
        except ValueError as error:
            raise LineError(name, str(error)) from error
    return converted


def digest_of(row: Row) -> str:
    """The same for equal rows, whatever their order in the file."""
    text = "\x1f".join(f"{name}={value}" for name, value in sorted(row.values.items()))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
