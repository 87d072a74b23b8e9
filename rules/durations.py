"""Durations as rule files write them: "90s", "45m", "6h", "7d", "1h30m"."""

import re
from datetime import timedelta
from typing import Final

_UNITS: Final = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_FORM: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def parse_duration(text: str) -> timedelta:
    """The length of "1h30m" (largest unit first). Raises ValueError for anything else, signs and spaces included."""
    found = _FORM.fullmatch(text)
    if not text or found is None:
        raise ValueError(f'{text!r} is not a duration like "90s", "45m", "6h", "7d" or "1h30m"')
    try:
        return sum(
            (int(count or 0) * unit for count, unit in zip(found.groups(), _UNITS.values(), strict=True)), timedelta()
        )
    except OverflowError as error:
        raise ValueError(f"{text!r} is too long") from error


def format_duration(length: timedelta) -> str:
    """The shortest text that `parse_duration` reads as this length, in whole seconds."""
    text, rest = "", length
    for letter, unit in _UNITS.items():
        count, rest = divmod(rest, unit)
        if count:
            text += f"{count}{letter}"
    return text or "0s"
