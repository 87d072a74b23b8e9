"""Which rows an override is for: conditions on the entity, its stage length and the season.

What a row cannot tell matches nothing: a carrier's row has no airport, and a window without a seat flown no length.
"""

from typing import Final

import msgspec

from rules.season import Season, season_at
from schemas.measures import POSITION
from schemas.rows import KpiRow, ends_of

_SEATS: Final = POSITION["seats"]
_SEAT_KM: Final = POSITION["seat_km"]
_NAMED: Final = 3
"""Names of a long list that are said."""


class Selector(msgspec.Struct, frozen=True, kw_only=True):
    """All of the conditions that are given must hold; the names within one are alternatives.

    `routes` are directed ("JFK-LAX"). `airports` are either end of a route, or the airport itself. `carriers` are those
    of rows of scope carrier. `stage_km` is [from, below): great-circle km, a route's own. `seasons`: see `season.py`.
    """

    routes: tuple[str, ...] = ()
    airports: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    stage_km: tuple[float, float] | None = None
    seasons: tuple[Season, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The places or carriers it is for; none of them means any."""
        return self.routes or self.airports or self.carriers

    @property
    def weight(self) -> int:
        """How specific it is. The strongest kind of condition decides, then the next: route, airport, carrier, stage
        length, season. So whatever has all conditions of another and one more weighs more."""
        given = (self.routes, self.airports, self.carriers, self.stage_km, self.seasons)
        return sum(2**power for power, kind in enumerate(reversed(given)) if kind)

    @property
    def words(self) -> str:
        """For example "airport MEX, below 1500 km, summer"."""
        parts = [
            f"{noun}{'s' if len(names) > 1 else ''} {_listed(names)}"
            for noun, names in (("route", self.routes), ("airport", self.airports), ("carrier", self.carriers))
            if names
        ]
        if self.stage_km is not None:
            parts.append(f"{self.stage_km[0]:g} to {self.stage_km[1]:g} km")
        return ", ".join([*parts, *([" or ".join(self.seasons)] if self.seasons else [])])

    def matches(self, row: KpiRow) -> bool:
        """Whether a row meets every condition."""
        if self.names and not self._is_at(row):
            return False
        return self.suits(row)

    def suits(self, row: KpiRow) -> bool:
        """Whether a row meets the conditions other than those on its entity."""
        if self.seasons and season_at(row.at) not in self.seasons:
            return False
        if self.stage_km is None:
            return True
        length_km = stage_km(row)
        return length_km is not None and self.stage_km[0] <= length_km < self.stage_km[1]

    def _is_at(self, row: KpiRow) -> bool:
        if self.routes:
            return row.scope == "route" and row.entity in self.routes
        if self.airports:
            return any(name in self.airports for name in airports_of(row))
        return row.scope == "carrier" and row.entity in self.carriers


def airports_of(row: KpiRow) -> tuple[str, ...]:
    """Both ends of a route, the airport itself, none of a carrier."""
    if row.scope == "carrier":
        return ()
    return tuple(ends_of(row.entity))


def stage_km(row: KpiRow) -> float | None:
    """Seat-km per seat of the operated flights: on a route its great circle, as the events gave it. None without one.

    From the row's own measures, so that rules need no table of airports and know every route there is.
    """
    seats, seat_km = row.measures[_SEATS], row.measures[_SEAT_KM]
    return seat_km / seats if seats > 0 and seat_km > 0 else None


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
