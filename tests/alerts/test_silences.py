"""Silences: windows in local time that a change of the clocks does not cut short, and whom they silence."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.selectors import Selector, Subject
from alerts.silences import WEEKDAYS, Silence, Weekly, silencing
from schemas.lights import Light

ZONES = ("America/New_York", "Europe/Madrid", "America/Mexico_City", "Australia/Lord_Howe", "Asia/Kathmandu")
CHANGES = {
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Europe/Madrid": (date(2026, 3, 29), date(2026, 10, 25)),
}


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def weekly(zone: str, begin: str, end: str, *days: str) -> Weekly:
    weekdays = tuple(day for day in WEEKDAYS if not days or day in days)
    return Weekly(zone=zone, weekdays=weekdays, begin=time.fromisoformat(begin), end=time.fromisoformat(end))


@pytest.mark.parametrize(
    ("zone", "day", "begin", "end", "expected"),
    [
        # The night without 02:00-03:00 is an hour shorter, the one with it twice an hour longer.
        ("America/New_York", date(2026, 3, 7), "22:00", "06:00", (utc(2026, 3, 8, 3), utc(2026, 3, 8, 10))),
        ("America/New_York", date(2026, 10, 31), "22:00", "06:00", (utc(2026, 11, 1, 2), utc(2026, 11, 1, 11))),
        ("Europe/Madrid", date(2026, 3, 28), "22:00", "06:00", (utc(2026, 3, 28, 21), utc(2026, 3, 29, 4))),
        ("Europe/Madrid", date(2026, 10, 24), "22:00", "06:00", (utc(2026, 10, 24, 20), utc(2026, 10, 25, 5))),
        # Mexico City has kept one time since October 2022: the same nights have 8 hours.
        ("America/Mexico_City", date(2026, 3, 7), "22:00", "06:00", (utc(2026, 3, 8, 4), utc(2026, 3, 8, 12))),
        ("America/Mexico_City", date(2026, 10, 31), "22:00", "06:00", (utc(2026, 11, 1, 4), utc(2026, 11, 1, 12))),
        # Times that do not exist are the instant of the change, on either side of a window.
        ("America/New_York", date(2026, 3, 8), "02:30", "04:00", (utc(2026, 3, 8, 7), utc(2026, 3, 8, 8))),
        ("America/New_York", date(2026, 3, 8), "01:00", "02:30", (utc(2026, 3, 8, 6), utc(2026, 3, 8, 7))),
        ("Europe/Madrid", date(2026, 3, 29), "02:15", "02:45", (utc(2026, 3, 29, 1), utc(2026, 3, 29, 1))),
        # Of times that come twice the first one begins and the second one ends.
        ("America/New_York", date(2026, 11, 1), "01:30", "03:00", (utc(2026, 11, 1, 5, 30), utc(2026, 11, 1, 8))),
        ("America/New_York", date(2026, 11, 1), "00:00", "01:30", (utc(2026, 11, 1, 4), utc(2026, 11, 1, 6, 30))),
        ("Europe/Madrid", date(2026, 10, 25), "02:10", "02:20", (utc(2026, 10, 25, 0, 10), utc(2026, 10, 25, 1, 20))),
        # The same time twice is a whole day.
        ("America/Mexico_City", date(2026, 6, 1), "08:00", "08:00", (utc(2026, 6, 1, 14), utc(2026, 6, 2, 14))),
    ],
)
def test_windows_around_changes_of_the_clocks(
    zone: str, day: date, begin: str, end: str, expected: tuple[datetime, datetime]
) -> None:
    assert weekly(zone, begin, end).span(day) == expected


minutes_of_day = st.integers(0, 24 * 60 - 1).map(lambda m: time(m // 60, m % 60))
days = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@given(
    zone=st.sampled_from(ZONES),
    begin=minutes_of_day,
    end=minutes_of_day,
    minute=st.integers(0, 5 * 366 * 24 * 60),
    weekdays=st.sets(st.sampled_from(WEEKDAYS)),
)
def test_whatever_the_local_clock_shows_inside_a_window_is_silent(
    zone: str, begin: time, end: time, minute: int, weekdays: set[str]
) -> None:
    """Against the reading of the clock itself: nothing inside is missed; on days without a change nothing is added."""
    window = Weekly(zone=zone, weekdays=tuple(d for d in WEEKDAYS if d in weekdays), begin=begin, end=end)
    instant = utc(2024, 1, 1) + timedelta(minutes=minute)
    local = instant.astimezone(ZoneInfo(zone))
    reading, today = local.time(), WEEKDAYS[local.weekday()]
    yesterday = WEEKDAYS[(local.weekday() - 1) % 7]
    if end > begin:
        shown = begin <= reading < end and today in weekdays
    else:
        shown = (reading >= begin and today in weekdays) or (reading < end and yesterday in weekdays)
    silent = window.end_of_window_at(instant) is not None
    assert silent or not shown
    around = (instant + timedelta(days=days) for days in (-2, -1, 0, 1, 2))
    offsets = {one.astimezone(ZoneInfo(zone)).utcoffset() for one in around}
    if len(offsets) == 1:
        assert silent == shown


@given(zone=st.sampled_from(ZONES), begin=minutes_of_day, end=minutes_of_day, day=days)
def test_a_window_is_never_shorter_than_it_reads_but_for_the_hour_that_is_skipped(
    zone: str, begin: time, end: time, day: date
) -> None:
    start_at, end_at = weekly(zone, begin.isoformat(), end.isoformat()).span(day)
    reads = timedelta(hours=end.hour - begin.hour, minutes=end.minute - begin.minute)
    reads += timedelta(days=1) if reads <= timedelta() else timedelta()
    assert timedelta() <= end_at - start_at
    assert reads - timedelta(hours=1) <= end_at - start_at <= reads + timedelta(hours=1)


@pytest.mark.parametrize(("zone", "day"), [(zone, day) for zone, both in CHANGES.items() for day in both])
@settings(max_examples=25)  # each looks at up to 200 instants
@given(begin=minutes_of_day, end=minutes_of_day)
def test_in_a_night_of_change_a_window_has_no_gap(zone: str, day: date, begin: time, end: time) -> None:
    window = weekly(zone, begin.isoformat(), end.isoformat())
    start_at, end_at = window.span(day)
    inside = [start_at + timedelta(minutes=m) for m in range(0, (end_at - start_at) // timedelta(minutes=1), 7)]
    assert all(window.end_of_window_at(instant) is not None for instant in inside)


ROUTE = Subject(
    scope="route", entity="JFK-LAX", rule="late", light=Light.RED, severity="high", audience=("operations",)
)


def silence(name: str = "s", **given: object) -> Silence:
    begin = utc(2026, 6, 1)
    known = {"match": Selector(), "author": "ana", "comment": "works", "starts_at": begin}
    return Silence(silence_id=name, **(known | {"ends_at": begin + timedelta(hours=1)} | given))  # type: ignore[arg-type]


def test_a_silence_lasts_from_its_begin_up_to_its_end() -> None:
    one = silence()
    assert one.until(one.starts_at) == one.ends_at
    assert one.until(one.ends_at) is None
    assert one.until(one.starts_at - timedelta(seconds=1)) is None


def test_a_weekly_one_ends_with_its_window_and_not_after_its_own_end() -> None:
    begin = utc(2026, 6, 1)
    one = silence(ends_at=begin + timedelta(days=2, hours=7), weekly=weekly("UTC", "06:00", "08:00"))
    assert one.until(begin + timedelta(hours=7)) == utc(2026, 6, 1, 8)
    assert one.until(begin + timedelta(hours=9)) is None
    assert one.until(begin + timedelta(days=2, hours=6, minutes=30)) == one.ends_at


@pytest.mark.parametrize(
    ("match", "silent"),
    [
        (Selector(), True),
        (Selector(route=("JFK-*",)), True),
        (Selector(route=("*-JFK",)), False),
        (Selector(airport=("LAX",), light=(Light.RED,)), True),
        (Selector(airport=("LAX",), light=(Light.AMBER,)), False),
        (Selector(carrier=("*",)), False),
        (Selector(rule=("margin", "late")), True),
        (Selector(audience=("revenue",)), False),
        (Selector(severity=("high", "very-high"), scope=("route",)), True),
    ],
)
def test_all_fields_that_are_given_must_match(match: Selector, silent: bool) -> None:
    one = silence(match=match)
    assert (silencing([one], ROUTE, one.starts_at) is one) == silent


def test_of_several_the_one_that_lasts_longest_is_named() -> None:
    short, long = silence("a"), silence("b", ends_at=utc(2026, 6, 9))
    assert silencing([short, long, short], ROUTE, short.starts_at) is long
    assert "silenced by ana until 2026-06-09 00:00 UTC (b): works" in long.words(short.starts_at)
