"""Rows of the stream as a line: thinned, in order, never a step back."""

from datetime import timedelta

from streamlit_app.readers.trends import EVERY, POINTS, Trends
from tests.alerts.samples import minutes, row


def test_of_each_half_hour_the_newest_row_stays() -> None:
    trends = Trends()
    trends.add([row(0, 1), row(10, 2), row(29, 3), row(30, 4), row(61, 5)])
    kept = trends.rows("route#JFK-LAX", "24h")
    assert [(one.at, one["arrivals_on_time"]) for one in kept] == [(minutes(29), 3), (minutes(30), 4), (minutes(61), 5)]


def test_what_comes_again_or_late_changes_nothing_and_a_correction_does() -> None:
    trends = Trends()
    trends.add([row(30, 4), row(0, 1), row(30, 4), row(30, 7, revision=1)])
    assert [one["arrivals_on_time"] for one in trends.rows("route#JFK-LAX", "24h")] == [7]


def test_windows_and_entities_are_apart() -> None:
    trends = Trends()
    trends.add([row(0, 1), row(0, 2, window="7d"), row(0, 3, entity="LGA-ORD")])
    assert [one["arrivals_on_time"] for one in trends.rows("route#JFK-LAX", "7d")] == [2]
    assert trends.rows("route#XXX-YYY", "24h") == ()


def test_two_days_are_kept() -> None:
    trends = Trends()
    trends.add(row(at * (EVERY / timedelta(minutes=1)), 1) for at in range(200))
    assert len(trends.rows("route#JFK-LAX", "24h")) == POINTS
