"""Slopes, ratios and bars, by hand."""

import math

import pytest

from bench.kpi_job.compare import Finding
from bench.kpi_job.contestant import Cost
from bench.kpi_job.engines import Run
from bench.kpi_job.report import Measured, as_json, by_engine, deviation, flatness, missed_bars, table, us_per_event
from bench.kpi_job.shape import dense

WARM_UP, EVENTS = 1_000_000, 6_000_000


def runs(engine: str, warm_cpu_seconds: float, cpu_seconds: float, routes: int = 1_000) -> list[Measured]:
    cost = Cost(cpu_seconds, 60, warm_cpu_seconds, WARM_UP)
    return [Measured(engine, dense(EVENTS, routes), Run(cost, Finding(compared=EVENTS // 10)))]


READ_ONLY = runs("read-only", 13, 18)  # 1 us
GOOD = [*READ_ONLY, *runs("job-without-dedup", 23, 40), *runs("job", 26, 55)]  # 3.4 and 5.8 us
DOES = dict.fromkeys(("read-only", "job-without-dedup", "job", "polars"), "something")


def test_start_up_drops_out() -> None:
    found = by_engine([*READ_ONLY, *runs("polars", 2, 8.5)], 1_000)
    assert found["read-only"].us_per_event == pytest.approx(1)
    assert found["polars"].us_per_event == pytest.approx(1.3)


def test_only_what_came_after_the_reading_is_counted() -> None:
    """It was read with 2 million taken in, not with the 1 million of the warm-up."""
    one = Measured("polars", dense(EVENTS, 10), Run(Cost(14, 60, 4, 2_000_000), Finding()))
    assert us_per_event(one) == pytest.approx(10 / 4)


def test_medians_of_rounds_count() -> None:
    """5, 17 and 7 us: the machine was slow in the second round."""
    rounds = [*runs("job", 30, 55), *runs("job", 29, 114), *runs("job", 20, 55)]
    found = by_engine(rounds, 1_000)["job"]
    assert found.us_per_event == pytest.approx(7)
    assert found.us_of_rounds == pytest.approx([5, 17, 7])
    assert "(5.00 to 17.00, 3)" in table(rounds, 1_000, DOES)


def test_an_engine_on_other_routes_is_not_compared() -> None:
    assert by_engine(runs("job", 26, 55, routes=10), 1_000) == {}


def test_within_the_bars() -> None:
    assert missed_bars(GOOD, 1_000) == []


def test_a_missed_bar_is_named() -> None:
    slow = [*READ_ONLY, *runs("job-without-dedup", 23, 41), *runs("job", 26, 60)]
    assert missed_bars(slow, 1_000) == [
        "job-without-dedup costs 3.60 x read-only, the bar is 3.5 x",
        "job costs 6.80 x read-only, the bar is 6 x",
    ]


def test_a_negative_figure_is_no_pass() -> None:
    (missed,) = missed_bars([*READ_ONLY, *runs("job", 60, 26)], 1_000)
    assert missed.startswith("job costs -6.80 x")


def test_bars_need_a_floor() -> None:
    assert missed_bars(runs("job", 26, 600), 1_000) == []


@pytest.mark.parametrize(("figures", "share"), [([4.0], 0), ([4, 5], 1 / 9), ([5.6, 4.4, 4.0], 1 / 6)])
def test_deviation_is_from_the_middle(figures: list[float], share: float) -> None:
    assert deviation(figures) == pytest.approx(share)


def test_a_figure_below_nothing_is_not_flat() -> None:
    assert deviation([-50.0, -50.5]) == math.inf
    (missed,) = missed_bars([*runs("job", 60, 50, routes=10), *runs("job", 60, 50)], 1_000)
    assert missed.startswith("job is not flat: -2.00 us on 10, -2.00 us on 1,000")


def test_flat_from_few_routes_to_many() -> None:
    few = [*runs("job", 26, 48, routes=10), *runs("job", 26, 52, routes=100)]  # 4.4, 5.2 and 5.8 us: +-13.7 %
    assert missed_bars([*GOOD, *few], 1_000) == []
    assert list(flatness([*GOOD, *few])) == [10, 100, 1_000]
    (missed,) = missed_bars([*GOOD, *few, *runs("job", 26, 46, routes=20)], 1_000)  # 4.0 us: +-18.4 %
    assert "job is not flat: 4.40 us on 10, 4.00 us on 20" in missed
    assert "±18%" in missed


def test_people_and_programs_are_told_the_same() -> None:
    measured = [*GOOD, *runs("job", 26, 48, routes=10)]
    said = table(measured, 1_000, DOES)
    assert "job-without-dedup    3.40 us  3.40 x" in said
    assert "bar 3.5 x" in said
    assert "10 routes   4.40 us (4.40 to 4.40, 1), 0.100 rows an event, 20,000 panes" in said
    told = as_json(measured, 1_000, DOES, ["a problem"])
    assert told["engines"]["job"]["us_per_event"] == 5.8
    assert told["engines"]["job"]["times_read_only"] == 5.8
    assert told["flatness"]["us_per_event"] == {"10": 4.4, "1000": 5.8}
    assert len(told["runs"]) == 4
    assert told["problems"] == ["a problem"]


def test_nothing_measured_is_nothing_said() -> None:
    assert table([], 1_000, DOES) == ""
