"""Files to rows of text, whatever bytes they hold: format, encoding, delimiter, quotes, broken records.

A record is handed on with the number of its first line; one that cannot be read is handed on as its reason. Bytes that
are not UTF-8 are read as Latin-1 where every such byte is a letter of Spanish, else the line is refused.
"""

import csv
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NoReturn

import msgspec

from producers.sources.files.fields import BY_NAME, known_names, plain_name
from producers.sources.files.parquet import MARK, UnreadableParquetError, json_lines

UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
LATIN1_LETTERS: Final = frozenset("áéíóúñüÁÉÍÓÚÑÜ¿¡ºª°´".encode("latin-1") + b"\xa0")
DELIMITERS: Final = (",", ";", "\t", "|")
LONGEST_LINE_BYTES: Final = 64 * 1024  # a flight's line has some 500; beyond is a file of another kind
# A quoted field may go on over lines; a quote that never closes must not swallow the rest of the file.
MOST_LINES_A_RECORD: Final = 20
ABSENT: Final = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "--", "s/d", "nd"})


class UnreadableFileError(ValueError):
    """A file of which nothing can be read; the message says why and what would be right."""


class Row(msgspec.Struct, frozen=True):
    """A record by column name (`fields.py`), or why there is none. `number` is its first line, from 1; `text` is the
    record as it stands, "" if it is no text."""

    number: int
    values: dict[str, str]
    field: str = ""
    value: str = ""
    reason: str = ""
    text: str = ""


class Opened(msgspec.Struct):
    """A file's rows, and what a person should be told about it when they have been read."""

    rows: Iterator[Row]
    ignored: list[str]
    latin1_lines: list[int]


def open_file(path: Path) -> Opened:
    """The rows of a file. Raises UnreadableFileError when made, or from `rows` when no column is known at all."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{path}: {error.strerror or error}") from error
    if content.startswith(MARK):
        opened = Opened(iter(()), [], [])
        opened.rows = _json_rows(path, _parquet_lines(path), opened)
        return opened
    if content.startswith(UTF16_MARKS):
        try:
            content = content.decode("utf-16").encode()
        except UnicodeError as error:
            raise UnreadableFileError(f"{path}: starts like UTF-16 and is not: {error}") from error
    content = content.removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        raise UnreadableFileError(f"{path}: is empty")
    opened = Opened(iter(()), [], [])
    lines = _lines(content, opened.latin1_lines)
    opened.rows = _json_rows(path, lines, opened) if _is_json(path, content) else _csv_rows(path, lines, opened)
    return opened


def _parquet_lines(path: Path) -> Iterator[tuple[int, str | None]]:
    try:
        yield from json_lines(path)
    except UnreadableParquetError as error:
        raise UnreadableFileError(f"{path}: {error}") from error


def _is_json(path: Path, content: bytes) -> bool:
    kind = path.suffix.lower()
    if kind in (".jsonl", ".ndjson", ".json"):
        return True
    return kind not in (".csv", ".tsv", ".txt") and content.lstrip()[:1] == b"{"


def _lines(content: bytes, latin1_lines: list[int]) -> Iterator[tuple[int, str | None]]:
    """Numbered lines; None for one that is not text."""
    for number, line in enumerate(content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"), start=1):
        if len(line) > LONGEST_LINE_BYTES or b"\x00" in line:
            yield number, None
            continue
        try:
            yield number, line.decode()
        except UnicodeDecodeError:
            if all(byte < 0x80 or byte in LATIN1_LETTERS for byte in line):
                latin1_lines.append(number)
                yield number, line.decode("latin-1")
            else:
                yield number, None


_NOT_TEXT: Final = f"is neither UTF-8 nor Latin-1 text, or is longer than {LONGEST_LINE_BYTES} bytes"


def _csv_rows(path: Path, lines: Iterator[tuple[int, str | None]], opened: Opened) -> Iterator[Row]:
    header_number, header = next(((number, line) for number, line in lines if line is None or line.strip()), (1, None))
    if header is None:
        raise UnreadableFileError(f"{path}: line {header_number}, which should name the columns, is not text")
    delimiter = max(DELIMITERS, key=lambda each: len(_known(_split(header, each) or [])))
    columns = [plain_name(name) for name in _split(header, delimiter) or []]
    if not _known(columns):
        _no_known_column(path, columns)
    names = [BY_NAME[column].name if column in BY_NAME else None for column in columns]
    opened.ignored += [column for column in columns if column and column not in BY_NAME]
    if twice := {name for name in names if name is not None and names.count(name) > 1}:
        raise UnreadableFileError(f"{path}: more than one column is {', '.join(sorted(twice))}")
    for number, text in _records(lines, delimiter):
        if text is None:
            yield Row(number, {}, reason=_NOT_TEXT)
            continue
        cells = _split(text, delimiter)
        if cells is None:
            yield Row(number, {}, value=text[:80], reason="a quote is not closed", text=text)
        elif len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            reason = f"has {len(cells)} values for {len(columns)} columns"
            yield Row(number, {}, reason=reason, text=text)
        elif any(cell.strip() for cell in cells):
            values = {name: cell for name, cell in zip(names, cells, strict=False) if name}
            yield Row(number, _present(values), text=text)


def _records(lines: Iterator[tuple[int, str | None]], delimiter: str) -> Iterator[tuple[int, str | None]]:
    """Lines, joined where a quoted value goes on; a quote that does not close within reach is one bad record."""
    waiting: list[tuple[int, str | None]] = []
    while True:
        number, text = waiting.pop(0) if waiting else next(lines, (0, ""))
        if number == 0:
            return
        if text is None or _split(text, delimiter) is not None:
            yield number, text
            continue
        joined, used = text, 0
        while _split(joined, delimiter) is None and used < MOST_LINES_A_RECORD:
            if used == len(waiting):
                following = next(lines, (0, ""))
                if following[0] == 0:
                    break
                waiting.append(following)
            if waiting[used][1] is None:
                break
            joined += "\n" + (waiting[used][1] or "")
            used += 1
        if _split(joined, delimiter) is None:
            yield number, text
        else:
            del waiting[:used]
            yield number, joined


def _split(text: str, delimiter: str) -> list[str] | None:
    """The values of one record; None if a quote is left open."""
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else [] if not rows else None


def _json_rows(path: Path, lines: Iterator[tuple[int, str | None]], opened: Opened) -> Iterator[Row]:
    ignored: dict[str, None] = {}
    known = False
    for number, text in lines:
        if text is None:
            yield Row(number, {}, reason=_NOT_TEXT)
        elif text.strip():
            row = json_row(number, text, ignored)
            known = known or bool(row.values) or bool(row.field)
            yield row
    opened.ignored += ignored
    if not known:
        _no_known_column(path, list(ignored))


def json_row(number: int, text: str, ignored: dict[str, None]) -> Row:
    """The record of one JSON object; columns that are not known are added to `ignored`."""
    try:
        record = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, ArithmeticError, RecursionError) as error:
        return Row(number, {}, value=text[:80], reason=f"is not JSON: {error}", text=text)
    if not isinstance(record, dict):
        return Row(number, {}, value=text[:80], reason="is not a JSON object; one object a line is wanted", text=text)
    values: dict[str, str] = {}
    for key, value in record.items():
        field = BY_NAME.get(plain_name(key))
        if field is None:
            ignored[plain_name(key)] = None
            continue
        if isinstance(value, dict | list):
            return Row(number, {}, field.name, "", "must be a single value", text)
        written = _written(value)
        if field.name in values and written != values[field.name]:
            reason = f"is given twice, also as {values[field.name]!r}"
            return Row(number, {}, field.name, written, reason, text)
        values[field.name] = written
    return Row(number, _present(values), text=text)


def _written(value: Any) -> str:
    """A JSON value as text. A fraction gets a further 0, so that 1.234 cannot be read as thousands."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        if abs(value.adjusted()) > 30 or len(value.as_tuple().digits) > 30:
            return str(value)
        plain = format(value, "f")
        return f"{plain}0" if "." in plain else plain
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _present(values: dict[str, str]) -> dict[str, str]:
    return {name: text.strip() for name, text in values.items() if text.strip().lower() not in ABSENT}


def _known(columns: list[str]) -> list[str]:
    return [column for column in columns if plain_name(column) in BY_NAME]


def _no_known_column(path: Path, columns: list[str]) -> NoReturn:
    found = ", ".join(column for column in columns[:10] if column) or "none"
    raise UnreadableFileError(f"{path}: no known column. Found: {found}. Known: {known_names()}")
