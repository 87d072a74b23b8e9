"""Floors and what a million events more costs, for a load; and how both are shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.cost.load import Load
from deploy.cost.parts import monthly

PRICES: Final = Path(__file__).with_name("prices.json")
LARGEST: Final = 3
STEP_EVENTS_PER_DAY: Final = 1_000


@dataclass(frozen=True)
class Part:
    """US$ of one part: in a month, in one without events and routes, and by a million events more."""

    name: str
    month: float
    floor: float
    per_million: float


@dataclass(frozen=True)
class Bill:
    """A month of a stage."""

    load: Load
    as_of: str
    region: str
    parts: tuple[Part, ...]

    @property
    def month(self) -> float:
        """All parts."""
        return sum(part.month for part in self.parts)

    @property
    def floor(self) -> float:
        """What it costs though nothing flies."""
        return sum(part.floor for part in self.parts)

    @property
    def per_million(self) -> float:
        """A million events more."""
        return sum(part.per_million for part in self.parts)

    @property
    def largest(self) -> tuple[str, ...]:
        """The three dearest parts, the dearest first."""
        return tuple(part.name for part in sorted(self.parts, key=lambda part: -part.month)[:LARGEST])

    def as_json(self) -> dict[str, Any]:
        """For programs; US$ to the cent, per million to a hundredth of one."""
        return {
            "events_per_day": self.load.events_per_day,
            "routes": self.load.routes,
            "production": self.load.production,
            "prices_as_of": self.as_of,
            "region": self.region,
            "month_usd": round(self.month, 2),
            "floor_usd": round(self.floor, 2),
            "per_million_events_usd": round(self.per_million, 4),
            "largest": list(self.largest),
            "parts": {
                part.name: {
                    "month_usd": round(part.month, 2),
                    "floor_usd": round(part.floor, 2),
                    "per_million_events_usd": round(part.per_million, 4),
                }
                for part in self.parts
            },
        }


def read_prices(path: Path = PRICES) -> Mapping[str, Any]:
    """`as_of`, `region`, `source`, `prices`, and `seen_elsewhere`: which of them others named alike, and when."""
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def bill(load: Load, given: Mapping[str, Any]) -> Bill:
    """By these prices; what a million more costs is the slope at this load."""
    prices = given["prices"]
    more = Load(load.events_per_day + STEP_EVENTS_PER_DAY, load.routes, load.production)
    now, then = monthly(load, prices), monthly(more, prices)
    empty = monthly(Load(0, 0, load.production), prices)
    millions = (more.events - load.events) / 1e6
    parts = tuple(Part(name, now[name], empty[name], (then[name] - now[name]) / millions) for name in now)
    return Bill(load, given["as_of"], given["region"], parts)


def table(found: Bill) -> str:
    """As the README has it."""
    lines = ["| part | US$ a month | of that without a flight | a million events more |", "|---|---|---|---|"]
    lines += [f"| {p.name} | {p.month:,.0f} | {p.floor:,.0f} | {p.per_million:.2f} |" for p in found.parts]
    lines.append(f"| **all** | **{found.month:,.0f}** | **{found.floor:,.0f}** | **{found.per_million:.2f}** |")
    return "\n".join(lines)
