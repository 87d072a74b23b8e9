"""The shortest way on the globe."""

from itertools import pairwise
from math import cos, radians, sqrt

import pytest

from streamlit_app.great_circle import great_circle


def test_it_runs_from_start_to_end() -> None:
    points = great_circle((-73.78, 40.64), (-118.41, 33.94), steps=10)
    assert len(points) == 11
    assert points[0] == pytest.approx((-73.78, 40.64))
    assert points[-1] == pytest.approx((-118.41, 33.94))


def test_along_the_equator_it_is_the_equator() -> None:
    assert great_circle((0, 0), (90, 0), steps=3) == [
        pytest.approx(p, abs=1e-9) for p in [(0, 0), (30, 0), (60, 0), (90, 0)]
    ]


def test_half_way_along_a_parallel_it_is_nearer_to_the_pole() -> None:
    """Two places on 45° north, 90° apart: the middle's latitude has tan = sqrt(2)."""
    _, middle, _ = great_circle((0, 45), (90, 45), steps=2)
    assert middle[0] == pytest.approx(45)
    # the sum of both unit vectors: z = 2 sin 45°, in the plane 2 cos 45° cos 45°
    assert cos(radians(middle[1])) == pytest.approx(1 / sqrt(3))


def test_over_the_pacific_the_line_does_not_jump() -> None:
    longitudes = [lon for lon, _ in great_circle((139.8, 35.6), (-122.4, 37.6))]
    assert all(0 < after - before < 20 for before, after in pairwise(longitudes))
    assert longitudes[-1] == pytest.approx(360 - 122.4)


@pytest.mark.parametrize(("start", "end"), [((10, 20), (10, 20)), ((0, 0), (180, 0))])
def test_where_there_is_no_one_way_it_is_a_line(start: tuple[float, float], end: tuple[float, float]) -> None:
    assert great_circle(start, end) == [start, end]
