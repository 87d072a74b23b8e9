from fractions import Fraction
from math import comb, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.wilson import wilson_bounds

Z = st.floats(0.1, 4)


@st.composite
def shares(draw: st.DrawFn) -> tuple[int, int]:
    n = draw(st.integers(1, 3000))
    return draw(st.integers(0, n)), n


def test_four_of_ten_by_hand() -> None:
    # z = 2, so z² = 4. Centre (4 + 2) / (10 + 4) = 3/7. Reach 2 / 14 · sqrt(4·6/10 + 1) = sqrt(3.4) / 7.
    lower, upper = wilson_bounds(4, 10, 2.0)
    assert lower == pytest.approx(3 / 7 - sqrt(3.4) / 7)
    assert upper == pytest.approx(3 / 7 + sqrt(3.4) / 7)


def test_none_and_all_by_hand() -> None:
    # At 0 of n the upper bound is z² / (n + z²): 4 / 12; at n of n the lower one is n / (n + z²): 8 / 12.
    assert wilson_bounds(0, 8, 2.0)[0] == 0
    assert wilson_bounds(0, 8, 2.0)[1] == pytest.approx(1 / 3)
    assert wilson_bounds(8, 8, 2.0)[0] == pytest.approx(2 / 3)
    assert wilson_bounds(8, 8, 2.0)[1] == 1


def test_the_published_example() -> None:
    # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I: 81 of 263 at 95 % two-sided is 0.2553 to 0.3662.
    lower, upper = wilson_bounds(81, 263, 1.959964)
    assert round(lower, 4) == 0.2553
    assert round(upper, 4) == 0.3662


@given(shares(), Z)
def test_the_bounds_invert_the_score_test(share: tuple[int, int], z: float) -> None:
    successes, n = share
    for bound in wilson_bounds(successes, n, z):
        assert (successes / n - bound) ** 2 == pytest.approx(z * z * bound * (1 - bound) / n, abs=1e-9)


@given(shares(), Z)
def test_the_bounds_enclose_the_share_and_stay_a_share(share: tuple[int, int], z: float) -> None:
    successes, n = share
    lower, upper = wilson_bounds(successes, n, z)
    assert 0 <= lower <= successes / n <= upper <= 1


@given(shares(), Z)
def test_one_success_more_raises_both_bounds(share: tuple[int, int], z: float) -> None:
    successes, n = share
    if successes < n:
        lower, upper = wilson_bounds(successes, n, z)
        lower_of_more, upper_of_more = wilson_bounds(successes + 1, n, z)
        assert lower < lower_of_more
        assert upper < upper_of_more


@given(shares(), Z, st.integers(2, 10))
def test_more_flights_of_the_same_share_narrow_the_bounds(share: tuple[int, int], z: float, times: int) -> None:
    successes, n = share
    lower, upper = wilson_bounds(successes, n, z)
    lower_of_more, upper_of_more = wilson_bounds(times * successes, times * n, z)
    assert upper_of_more - lower_of_more < upper - lower


@pytest.mark.parametrize(("n", "limit"), [(8, 0.8), (12, 0.7), (20, 0.8), (40, 0.7)])
def test_a_route_at_the_threshold_is_called_worse_about_as_often_as_promised(n: int, limit: float) -> None:
    # Exact: the chance, on a route whose true share is the threshold, of a count whose 90 % upper bound is below it.
    # Brown, Cai and DasGupta: the actual level swings around the nominal 10 %, for counts are whole numbers.
    p = Fraction(limit).limit_denominator(10)
    chance = sum(
        comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1) if wilson_bounds(k, n, 1.281552)[1] < limit
    )
    assert 0.03 < chance < 0.17
