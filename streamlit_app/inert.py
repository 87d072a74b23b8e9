"""Text from outside as text and nothing else: not a direction, not a tag, not a formula.

Names, comments and reasons come from events, rule files and people. HTML is only ever made by `element`, which escapes
all it is given; right-to-left marks cannot leave the field they stand in; a spreadsheet finds no formula.
"""

import csv
import html
import io
import re
from collections.abc import Iterable, Sequence
from typing import Final

_DIRECTION: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class Markup(str):
    """HTML that was made here."""

    __slots__ = ()


def bare(text: str) -> str:
    """Without characters that turn the direction of what stands around them, or that no screen shows."""
    return _CONTROL.sub(" ", _DIRECTION.sub("", text))


def element(tag: str, *children: str | None, **attributes: str | int | None) -> Markup:
    """An element; children that are not Markup are escaped and kept in their own direction. `class_` for `class`."""
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(bare(str(value)))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{tag}{given}>{''.join(_inner(child) for child in children if child)}</{tag}>")


def together(parts: Iterable[Markup]) -> Markup:
    """One after the other."""
    return Markup("".join(parts))


def _inner(child: str) -> str:
    return str(child) if isinstance(child, Markup) else html.escape(bare(child))


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A file for a spreadsheet in which no cell is a formula. Numbers stay numbers; of text, "'" keeps it text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_cell(name) for name in header])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    text = bare(str(value)).replace("\r", " ").replace("\n", " ")
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or str(value).startswith(_FORMULA) else text


def markdown_text(text: str) -> str:
    """For the few places of Streamlit that read Markdown (labels, messages): every character that means something there
    is written as itself."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:@/&])", r"\\\1", bare(text).replace("\n", " "))
