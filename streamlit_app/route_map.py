"""The map of the board: great circles between airports over outlines that ship with the app. Nobody is asked for tiles.

Places are laid flat with longitudes shortened by the cosine of the middle latitude, so that the country in view keeps
its shape; what is far away from it is left out.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from math import cos, radians
from pathlib import Path
from typing import Final

import msgspec

from schemas.rows import ends_of
from streamlit_app.airports import airport
from streamlit_app.great_circle import Place, great_circle

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
    points = [point for arc in arcs.values() for point in arc]
    west, east = min(lon for lon, _ in points) - MARGIN_DEGREES, max(lon for lon, _ in points) + MARGIN_DEGREES
    south, north = min(lat for _, lat in points) - MARGIN_DEGREES, max(lat for _, lat in points) + MARGIN_DEGREES
    narrower = cos(radians((south + north) / 2))
    scale = WIDTH / ((east - west) * narrower)

    def flat(place: Place) -> tuple[float, float]:
        return round((place[0] - west) * narrower * scale, 1), round((north - place[1]) * scale, 1)

    rings = [ring for ring in _rings() if _touches(ring, west, east, south, north)]
    return MapOf(
        width=WIDTH,
        height=round((north - south) * scale, 1),
        land="".join(f"{_path(map(flat, ring))}Z" for ring in rings),
        arcs={f"route#{route}": _path(map(flat, arc)) for route, arc in arcs.items()},
        airports={code: flat(place) for code, place in places.items()},
    )


@cache
def _rings() -> list[list[Place]]:
    outlines = msgspec.json.decode(OUTLINES.read_bytes(), type=_Outlines)
    return [[(lon / 10, lat / 10) for lon, lat in zip(ring[::2], ring[1::2], strict=True)] for ring in outlines.rings]


def _touches(ring: list[Place], west: float, east: float, south: float, north: float) -> bool:
    lons, lats = [lon for lon, _ in ring], [lat for _, lat in ring]
    return max(lons) >= west and min(lons) <= east and max(lats) >= south and min(lats) <= north


def _path(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in points)
