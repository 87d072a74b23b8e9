"""Incidents that can be injected, as text and as values.

    storm:MEX:2026-03-02T14:00:4h[:0.5]      closed for that share of the time, half its rate for the rest
    fuel:*:2026-03-02T00:00:2d[:1.4]         fuel price times that factor, network-wide
    aircraft:XA-SAB:2026-03-02T09:00:6h      that tail cannot fly; a spare takes over if one stands at the base
    demand:MEX-CUN:2026-03-02T00:00:7d[:0.6] demand on that route (one direction) times that factor

The start is local time at the airport (storm), at the route's origin (demand) or in Mexico City, unless it carries an
offset or Z: `2026-03-02T14:00-06:00` and `2026-03-02T20:00Z` are the same. `+2h` counts from the start of the stream.
Lengths are minutes, hours or days: 90m, 4h, 2d.
"""

import re
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import msgspec

from producers.airports import airport
from producers.sources.simulator.network import FLEETS, HUB
from producers.sources.simulator.timetable import lines, tails

Kind = Literal["storm", "fuel", "aircraft", "demand"]
Direction = Literal["up", "down"]

DEFAULT_MAGNITUDE: Final[dict[str, float]] = {"storm": 0.5, "fuel": 1.4, "aircraft": 1.0, "demand": 0.6}
# What each kind should do to the KPIs of the routes it reaches.
EXPECTED: Final[dict[str, dict[str, Direction]]] = {
    "storm": {"on_time_arrival": "down", "on_time_departure": "down", "completion": "down", "mean_arrival_delay": "up"},
    "fuel": {"margin": "down", "unit_spread": "down", "cask": "up"},
    "aircraft": {"on_time_arrival": "down", "completion": "down", "mean_arrival_delay": "up"},
    "demand": {"load_factor": "down", "margin": "down", "rask": "down"},
}
_TEXT: Final = re.compile(
    r"(?P<kind>[a-z]+):(?P<target>[^:]*):"
    r"(?P<start>\+\d+[mhd]|\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?):"
    r"(?P<length>\d+[mhd])(?::(?P<magnitude>\d+(?:\.\d+)?))?"
)
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


class BadIncidentError(ValueError):
    """An incident that cannot be injected; the message says what is wrong and what would be right."""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """Something that goes wrong in [start_at, end_at). `magnitude` as in the module's text."""

    kind: Kind
    target: str
    start_at: datetime
    end_at: datetime
    magnitude: float

    def holds_at(self, instant: datetime) -> bool:
        """Whether it is going on."""
        return self.start_at <= instant < self.end_at

    def described(self) -> str:
        """ "storm MEX, 2026-03-02 14:00 to 18:00 America/Mexico_City (20:00Z to 00:00Z), magnitude 0.5"."""
        zone = airport(clock_of(self.kind, self.target)).zone
        local = _span(self.start_at.astimezone(zone), self.end_at.astimezone(zone), "")
        utc = _span(self.start_at, self.end_at, "Z")
        return f"{self.kind} {self.target}, {local} {zone} ({utc}), magnitude {self.magnitude:g}"


def parse_incident(text: str, stream_start_at: datetime) -> Incident:
    """An incident from its text. Raises BadIncidentError."""
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        raise BadIncidentError(
            f"{text!r} is not kind:target:start:length[:magnitude], as in storm:MEX:2026-03-02T14:00:4h"
        )
    kind, target, start, length, magnitude = match.group("kind", "target", "start", "length", "magnitude")
    return make_incident(kind, target, start, length, float(magnitude) if magnitude else None, stream_start_at)


def read_incidents(path: Path, stream_start_at: datetime) -> list[Incident]:
    """Incidents from a TOML file of [[incident]] tables with kind, target, start, length and magnitude."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))["incident"]
        return [
            make_incident(
                str(table["kind"]),
                str(table["target"]),
                str(table["start"]),
                str(table["length"]),
                table.get("magnitude"),
                stream_start_at,
            )
            for table in tables
        ]
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadIncidentError(f"{path}: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise BadIncidentError(
            f"{path}: every [[incident]] needs kind, target, start and length ({error!r})"
        ) from error


def make_incident(
    kind: str, target: str, start: str, length: str, magnitude: float | None, stream_start_at: datetime
) -> Incident:
    """An incident from its parts, checked. Raises BadIncidentError."""
    if kind not in EXPECTED:
        raise BadIncidentError(f"{kind!r} is not a kind of incident; known: {', '.join(EXPECTED)}")
    _check_target(kind, target)
    magnitude = DEFAULT_MAGNITUDE[kind] if magnitude is None else magnitude
    if kind == "storm" and not 0 < magnitude <= 1:
        raise BadIncidentError(f"a storm's magnitude is the share of the time closed, above 0 up to 1, not {magnitude}")
    if kind in ("fuel", "demand") and not 0 <= magnitude <= 10:
        raise BadIncidentError(f"a {kind} factor lies between 0 and 10, not {magnitude}")
    span = _length(length)
    if span <= timedelta(0):
        raise BadIncidentError(f"the length must be longer than nothing, got {length!r}")
    start_at = _start(start, clock_of(kind, target), stream_start_at)
    return Incident(kind=kind, target=target, start_at=start_at, end_at=start_at + span, magnitude=magnitude)  # type: ignore[arg-type]


def clock_of(kind: str, target: str) -> str:
    """The airport whose local time the start is in: the storm's, the route's origin, or the hub."""
    return target[:3] if kind in ("storm", "demand") else HUB


def _check_target(kind: str, target: str) -> None:
    if kind == "storm" and target not in network_airports():
        raise BadIncidentError(f"{target!r} is not in the network; airports: {', '.join(sorted(network_airports()))}")
    if kind == "aircraft":
        known = [tail for fleet in FLEETS for tail in tails(fleet)]
        if target not in known:
            raise BadIncidentError(f"no aircraft {target!r}; tails are {known[0]} to {known[-1]}")
    if kind == "demand" and target not in network_routes():
        raise BadIncidentError(f"{target!r} is not a route of the network, such as MEX-CUN")
    if kind == "fuel" and target not in ("*", ""):
        raise BadIncidentError(f"fuel is network-wide: write fuel:*:..., not {target!r}")


def _length(text: str) -> timedelta:
    if not re.fullmatch(r"\d{1,5}[mhd]", text):
        raise BadIncidentError(f"a length is like 90m, 4h or 2d, not {text!r}")
    return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})


def _start(text: str, home: str, stream_start_at: datetime) -> datetime:
    if text.startswith("+"):
        return stream_start_at + _length(text[1:])
    try:
        start = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadIncidentError(f"{text!r} is not an instant: {error}") from error
    if start.tzinfo is None:
        start = start.replace(tzinfo=airport(home).zone)
    return start.astimezone(UTC)


def _span(start: datetime, end: datetime, mark: str) -> str:
    return f"{start:%Y-%m-%d %H:%M}{mark} to {end:{'%H:%M' if start.date() == end.date() else '%Y-%m-%d %H:%M'}}{mark}"


def network_routes() -> Sequence[str]:
    """Every route flown, "ORG-DST", sorted."""
    pairs = {(fleet.base, trip.destination) for fleet in FLEETS for line in lines(fleet) for trip in line.trips}
    return sorted({f"{a}-{b}" for a, b in pairs} | {f"{b}-{a}" for a, b in pairs})


def network_airports() -> frozenset[str]:
    """Every airport flown to."""
    return frozenset(code for route in network_routes() for code in route.split("-"))
