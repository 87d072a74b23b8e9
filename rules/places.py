"""Where in a rule file a key or a test row stands: tomllib tells lines for broken syntax only."""

import re
from collections.abc import Iterator
from typing import Final

# "min_n" and "title.en"; "tests[1]", "tests[1].rows" and "tests[1].rows[3]"; all counted from 0.
Places = dict[str, int]

_HEADER: Final = re.compile(r"^\s*(\[\[?)\s*([\w.-]+)\s*\]\]?\s*(?:#.*)?$")
_KEY: Final = re.compile(r"^\s*([\w.-]+)\s*=")
_PIECE: Final = re.compile(r'"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}\n]')


def key_places(text: str) -> Places:
    """The line (from 1) of each table, key, test row and inline table of a rule file that tomllib could read.

    Knows what rule files use: tables, arrays of tables, keys at the start of a line, arrays over several lines (of
    arrays or of inline tables).
    """
    places: Places = {}
    table = ""
    seen: dict[str, int] = {}
    skip_to = 0
    for number, line in enumerate(text.splitlines(), start=1):
        if number < skip_to:
            continue
        if header := _HEADER.match(line):
            table = header[2]
            if header[1] == "[[":
                seen[table] = seen.get(table, -1) + 1
                table = f"{table}[{seen[table]}]"
            places[table] = number
        elif key := _KEY.match(line):
            path = f"{table}.{key[1]}" if table else key[1]
            places[path] = number
            places.setdefault(path.partition(".")[0], number)
            rows, skip_to = _rows(text, number)
            places.update({f"{path}[{index}]": row for index, row in enumerate(rows)})
    return places


def line_of(places: Places, path: str) -> int:
    """The line of a path, or of the nearest thing around it; 1 if there is none."""
    while path and path not in places:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return places.get(path, 1)


def _rows(text: str, start: int) -> tuple[list[int], int]:
    """The lines of the arrays and tables inside the array that begins on line `start`, and the line after the value."""
    rows: list[int] = []
    depth, line = 0, start
    for piece in _pieces(text, start):
        if piece == "\n":
            line += 1
            if depth == 0:
                break
        elif piece in "[{":
            depth += 1
            if depth == 2:
                rows.append(line)
        elif piece in "]}":
            depth -= 1
    return rows, line


def _pieces(text: str, start: int) -> Iterator[str]:
    rest = "\n".join(text.splitlines()[start - 1 :]) + "\n"
    return (found[0] for found in _PIECE.finditer(rest))
