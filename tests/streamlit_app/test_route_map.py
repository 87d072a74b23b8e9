"""The map, drawn from what ships with the app."""

import re
from itertools import pairwise

import pytest

from streamlit_app.route_map import OUTLINES, map_of

AROUND = ("JFK-LHR", "LHR-DXB", "DXB-SIN", "SIN-SYD", "SYD-LAX", "LAX-JFK")


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


def subpaths(path: str) -> list[list[tuple[float, float]]]:
    return [points(one) for one in path.split("M")[1:]]


def test_over_the_pacific_the_map_is_of_the_pacific() -> None:
    """Tokyo left of Anchorage left of Los Angeles: 140 E to 118 W are 102 degrees, and 4 on either side."""
    drawn = map_of(("NRT-LAX", "LAX-NRT", "ANC-SEA"))
    assert drawn is not None
    assert drawn.airports["NRT"][0] < drawn.airports["ANC"][0] < drawn.airports["SEA"][0] < drawn.airports["LAX"][0]
    degree = (drawn.airports["LAX"][0] - drawn.airports["NRT"][0]) / (360 - 118.41 - 140.39)
    assert drawn.width / degree == pytest.approx(360 - 118.41 - 140.39 + 8, abs=0.1)
    for name, (start, end) in {"NRT-LAX": ("NRT", "LAX"), "LAX-NRT": ("LAX", "NRT")}.items():
        (arc,) = subpaths(drawn.arcs[f"route#{name}"])
        assert (arc[0], arc[-1]) == (drawn.airports[start], drawn.airports[end])


@pytest.mark.parametrize("routes", [("JFK-LAX",), ("NRT-LAX",), ("SEA-ANC",), ("LHR-SVO", "AKL-NAN"), AROUND])
def test_no_coast_and_no_arc_jumps_across_the_map(routes: tuple[str, ...]) -> None:
    """Neighbouring points of the outlines are 9 degrees apart at most, and the narrowest of these maps has 36."""
    drawn = map_of(routes)
    assert drawn is not None
    for line in subpaths("".join([drawn.land, *drawn.arcs.values()])):
        assert all(abs(x - before) < drawn.width / 3 for (before, _), (x, _) in pairwise(line))


def test_what_the_edge_cuts_goes_on_at_the_other_edge() -> None:
    """Around the world every meridian is crossed, so one arc is cut: both its halves are there, each to its airport."""
    drawn = map_of(AROUND)
    assert drawn is not None
    ((name, halves),) = ((name, subpaths(arc)) for name, arc in drawn.arcs.items() if len(subpaths(arc)) > 1)
    start, _, end = name.removeprefix("route#").partition("-")
    assert {drawn.airports[start], drawn.airports[end]} <= {point for half in halves for point in (half[0], half[-1])}
    assert min(x for half in halves for x, _ in half) < 0
    assert max(x for half in halves for x, _ in half) > drawn.width
