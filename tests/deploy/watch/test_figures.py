"""Figures of periods: which measurements count, and how."""

from __future__ import annotations

import pytest

from deploy.watch.alarm import Increase, Metric, Ratio, Statistic
from deploy.watch.figures import Figures, statistic_of

NOW = 1_200.0


def of(name: str, statistic: Statistic = "Sum", *, across: bool = False, **dimensions: str) -> Metric:
    return Metric("N", name, statistic, dimensions, across)


def test_a_period_begins_at_full_ones_and_counts_once_it_is_over() -> None:
    figures = Figures()
    for at, value in ((1_079.9, 1), (1_080.0, 2), (1_139.9, 4), (1_140.0, 8), (1_199.9, 16), (1_200.0, 32)):
        figures.put("N", "m", {}, at, value)
    assert figures.points(of("m"), 60, NOW, 3) == [1, 6, 24]
    assert figures.points(of("m"), 60, NOW + 59, 1) == [24], "the minute that runs says nothing yet"
    assert figures.points(of("m"), 60, NOW + 60, 1) == [32]
    assert figures.points(of("m"), 60, NOW + 200, 1) == [None]


def test_dimensions_are_matched_exactly() -> None:
    figures = Figures()
    figures.put("N", "m", {"Broker": "1"}, 1_150, 1)
    figures.put("N", "m", {"Broker": "1", "Topic": "a"}, 1_150, 2)
    figures.put("Other", "m", {"Broker": "1"}, 1_150, 4)
    assert figures.points(of("m", Broker="1"), 60, NOW, 1) == [1]
    assert figures.points(of("m"), 60, NOW, 1) == [None], "one dimension fewer is another metric"
    assert figures.points(of("m", Broker="2"), 60, NOW, 1) == [None]


def test_across_they_are_a_choice() -> None:
    figures = Figures()
    for broker, value in (("1", 3), ("2", 5)):
        figures.put("N", "m", {"Cluster": "c", "Broker": broker}, 1_150, value)
    figures.put("N", "m", {"Cluster": "d", "Broker": "1"}, 1_150, 100)
    assert figures.points(of("m", "Maximum", across=True, Cluster="c"), 60, NOW, 1) == [5]
    assert figures.points(of("m", "Average", across=True, Cluster="c"), 60, NOW, 1) == [4]


def test_a_ratio_of_nothing_is_nothing() -> None:
    figures = Figures()
    ratio = Ratio(of("slow"), of("sent"), 100)
    assert figures.points(ratio, 60, NOW, 1) == [None]
    figures.put("N", "slow", {}, 1_150, 0)
    figures.put("N", "sent", {}, 1_150, 0)
    assert figures.points(ratio, 60, NOW, 1) == [None]
    figures.put("N", "sent", {}, 1_160, 8)
    figures.put("N", "slow", {}, 1_160, 2)
    assert figures.points(ratio, 60, NOW, 1) == [25]


def test_a_counters_growth_is_from_period_to_period() -> None:
    figures = Figures()
    for at, value in ((1_030, 3), (1_090, 3), (1_150, 5)):
        figures.put("N", "c", {}, at, value)
    assert figures.points(Increase(of("c", "Maximum")), 60, NOW, 3) == [None, 0, 2]


@pytest.mark.parametrize(
    ("statistic", "figure"), [("Sum", 9), ("Average", 3), ("Maximum", 6), ("Minimum", 1), ("SampleCount", 3)]
)
def test_statistics(statistic: Statistic, figure: float) -> None:
    assert statistic_of(statistic, [1, 2, 6]) == figure
    assert statistic_of(statistic, []) is None


def test_what_is_old_is_forgotten() -> None:
    figures = Figures(keep_seconds=100)
    figures.put("N", "m", {}, 1_000, 1)
    figures.put("N", "m", {}, 1_150, 2)
    assert figures.points(of("m"), 60, NOW, 4) == [None, None, None, 2]
