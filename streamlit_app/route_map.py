"""The map of the board: great circles between airports over outlines that ship with the app. Nobody is asked for tiles.

Places are laid flat with longitudes shortened by the cosine of the middle latitude, so that the country in view keeps
its shape; what is far away from it is left out.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import pairwise
from math import ceil, cos, radians
from pathlib import Path
from typing import Final

import msgspec

from schemas.rows import ends_of
from streamlit_app.airports import airport
from streamlit_app.great_circle import Place, great_circle, unrolled

OUTLINES: Final = Path(__file__).parent / "assets" / "outlines.json"
"""Natural Earth's land at 1:110m, which is in the public domain."""
MARGIN_DEGREES: Final = 4.0
WIDTH: Final = 1000.0


class MapOf(msgspec.Struct, frozen=True, rename="camel"):
    """Paths as SVG reads them, in a box of `width` by `height`."""

    width: float
    height: float
    land: str
    arcs: dict[str, str]
    airports: dict[str, tuple[float, float]]


class _Outlines(msgspec.Struct):
    rings: list[list[int]]


@lru_cache(maxsize=32)
def map_of(routes: tuple[str, ...]) -> MapOf | None:
    """The map of routes ("JFK-LAX"); None if nobody knows where any of them lies.

    Worked out once for the same routes: of 225 it takes half the CPU of a run of the page, and whoever looks at all of
    them sees the same.
    """
    ends = {route: [airport(code) for code in ends_of(route)] for route in routes}
    arcs: dict[str, list[Place]] = {}
    places: dict[str, Place] = {}
    for route, (start, *rest) in ends.items():
        if start is None or len(rest) != 1 or (end := rest[0]) is None:
            continue
        arcs[route] = great_circle(start.place, end.place)
        places |= {start.code: start.place, end.code: end.place}
    if not arcs:
        return None
    west, east = _span([lon for arc in arcs.values() for lon, _ in arc])
    lats = [lat for arc in arcs.values() for _, lat in arc]
    south, north = min(lats) - MARGIN_DEGREES, max(lats) + MARGIN_DEGREES
    narrower = cos(radians((south + north) / 2))
    scale = WIDTH / ((east - west) * narrower)

    def flat(place: Place) -> Place:
        return round((place[0] - west) * narrower * scale, 1), round((north - place[1]) * scale, 1)

    def drawn(line: list[Place], end: str = "") -> str:
        return "".join(f"{_path(map(flat, one))}{end}" for one in _in_sight(line, west, east))

    rings = [ring for ring in _rings() if _touches([lat for _, lat in ring], south, north)]
    return MapOf(
        width=WIDTH,
        height=round((north - south) * scale, 1),
        land="".join(drawn(ring, "Z") for ring in rings),
        arcs={f"route#{route}": drawn(arc) for route, arc in arcs.items()},
        airports={code: flat((west + (lon - west) % 360, lat)) for code, (lon, lat) in places.items()},
    )


def _span(longitudes: Iterable[float]) -> tuple[float, float]:
    """From where to where the map goes: all around but for the widest stretch in which nothing flies, so that over the
    Pacific it is the Pacific that lies in the middle."""
    turned = sorted({lon % 360 for lon in longitudes})
    before, after = max(pairwise([*turned, turned[0] + 360]), key=lambda gap: gap[1] - gap[0])
    margin = min(MARGIN_DEGREES, (after - before) / 2)
    west = (after - margin + 180) % 360 - 180
    return west, west + 360 - (after - before) + 2 * margin


def _in_sight(line: list[Place], west: float, east: float) -> list[list[Place]]:
    """A line as often as it is to be seen: once, or in two worlds where the edge of the map cuts it."""
    lons = [lon for lon, _ in line]
    first = ceil((west - max(lons)) / 360)
    return [
        [(lon + 360 * turns, lat) for lon, lat in line]
        for turns in range(first, first + 2)
        if _touches([lon + 360 * turns for lon in lons], west, east)
    ]


@cache
def _rings() -> list[list[Place]]:
    """Each closed: one that crosses 180° goes on beyond it, as its own data jump back to -180°."""
    outlines = msgspec.json.decode(OUTLINES.read_bytes(), type=_Outlines)
    return [
        unrolled([(lon / 10, lat / 10) for lon, lat in zip(ring[::2], ring[1::2], strict=True)])
        for ring in outlines.rings
    ]


def _touches(along: list[float], low: float, high: float) -> bool:
    return max(along) >= low and min(along) <= high


def _path(points: Iterable[Place]) -> str:
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in points)
