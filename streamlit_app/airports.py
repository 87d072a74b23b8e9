"""Where an airport lies, what it is called, and its clock."""

from datetime import datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import airportsdata
import msgspec

from streamlit_app.great_circle import Place

NOWHERE: Final = ZoneInfo("UTC")


class Airport(msgspec.Struct, frozen=True):
    """One airport by its IATA code; `place` is longitude and latitude."""

    code: str
    city: str
    place: Place
    zone: str


@cache
def _known() -> dict[str, Airport]:
    return {
        code: Airport(code, found["city"], (found["lon"], found["lat"]), found["tz"])
        for code, found in airportsdata.load("IATA").items()
    }


def airport(code: str) -> Airport | None:
    """None for a code nobody knows."""
    return _known().get(code)


def local_time(instant: datetime, code: str) -> str:
    """ "2013-02-08 20:30 EST (America/New_York)" at an airport; "" where its zone is not known."""
    found = airport(code)
    if found is None:
        return ""
    local = instant.astimezone(ZoneInfo(found.zone))
    return f"{local:%Y-%m-%d %H:%M} {local:%Z} ({found.zone})"


def instant_text(instant: datetime, code: str = "") -> str:
    """UTC, with the local time of an airport beside it."""
    local = local_time(instant, code) if code else ""
    return f"{instant:%Y-%m-%d %H:%M} UTC" + (f" · {local}" if local else "")
