"""The map, drawn from what ships with the app."""

import re

from streamlit_app.route_map import OUTLINES, map_of


def points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path)]


def test_routes_run_between_their_airports_within_the_box() -> None:
    drawn = map_of(
        (
            "JFK-LAX",
            "LGA-ORD",
        )
    )
    assert drawn is not None
    arc = points(drawn.arcs["route#JFK-LAX"])
    assert (arc[0], arc[-1]) == (drawn.airports["JFK"], drawn.airports["LAX"])
    assert drawn.airports["LAX"][0] < drawn.airports["ORD"][0] < drawn.airports["JFK"][0], "west is left"
    assert drawn.airports["ORD"][1] < drawn.airports["LAX"][1], "north is up"
    assert all(0 <= x <= drawn.width and 0 <= y <= drawn.height for x, y in arc)
    assert drawn.land.startswith("M")


def test_what_nobody_knows_is_left_out() -> None:
    drawn = map_of(
        (
            "JFK-LAX",
            "QQQ-QQX",
            "JFK",
        )
    )
    assert drawn is not None
    assert list(drawn.arcs) == ["route#JFK-LAX"]
    assert map_of(("QQQ-QQX",)) is None
    assert map_of(()) is None


def test_the_outlines_are_small() -> None:
    assert OUTLINES.stat().st_size < 50_000
