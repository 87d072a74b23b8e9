"""Local times to instants, by hand: zones, midnight, and the nights when clocks change."""

from datetime import UTC, date, datetime

import pytest

from producers.sources.files.instants import TimeError, Times, Written, instants
from producers.sources.files.words import wall_time


def times(
    origin: str,
    destination: str,
    day: str,
    departs: str | None,
    arrives: str | None,
    left: str | None = None,
    landed: str | None = None,
    delay_minutes: int | None = None,
) -> Times:
    wall = [None if text is None else wall_time(text) for text in (departs, arrives, left, landed)]
    day_local = date.fromisoformat(day)
    return instants(Written(origin, destination, day_local, wall[0], wall[1], wall[2], wall[3], delay_minutes))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_east_across_a_zone() -> None:
    # Mexico City UTC-6, Cancún UTC-5: 2 h 15 in the air.
    assert times("MEX", "CUN", "2026-03-02", "06:30", "09:45", "07:10", "10:20") == Times(
        utc("2026-03-02T12:30"), utc("2026-03-02T14:45"), utc("2026-03-02T13:10"), utc("2026-03-02T15:20")
    )


def test_arrival_before_departure_on_the_clock_is_the_next_day() -> None:
    # Tijuana UTC-8 in winter.
    assert times("TIJ", "MEX", "2026-03-02", "23:30", "05:00", "00:20", "05:45") == Times(
        utc("2026-03-03T07:30"), utc("2026-03-03T11:00"), utc("2026-03-03T08:20"), utc("2026-03-03T11:45")
    )


def test_overnight_to_europe_arrives_the_next_day_without_saying_so() -> None:
    found = times("MEX", "MAD", "2026-03-02", "20:30", "14:25")
    assert found.scheduled_departure_at == utc("2026-03-03T02:30")
    assert found.scheduled_arrival_at == utc("2026-03-03T13:25")


def test_west_across_the_date_line_arrives_before_it_departs_on_the_calendar() -> None:
    # Auckland UTC+12 in June, Los Angeles UTC-7: leaves 19:30 on the 10th (07:30 UTC), lands 12:30 on the 10th (19:30).
    found = times("AKL", "LAX", "2026-06-10", "19:30", "12:30")
    assert found.scheduled_departure_at == utc("2026-06-10T07:30")
    assert found.scheduled_arrival_at == utc("2026-06-10T19:30")


def test_departure_an_early_hour_after_midnight_belongs_to_last_nights_schedule() -> None:
    found = times("MEX", "GDL", "2026-03-02", "23:50", "01:05", "00:40", "01:50")
    assert found.actual_departure_at == utc("2026-03-03T06:40")
    assert found.actual_arrival_at == utc("2026-03-03T07:50")


def test_early_departure_before_midnight() -> None:
    found = times("MEX", "GDL", "2026-03-03", "00:05", "01:20", "23:55", "01:10")
    assert found.actual_departure_at == utc("2026-03-03T05:55")
    assert found.actual_arrival_at == utc("2026-03-03T07:10")


def test_a_stated_delay_decides_between_days() -> None:
    # Left at 08:00: by itself ten minutes early; with 1,430 minutes stated, a day later.
    alone = times("MEX", "GDL", "2026-03-02", "08:10", "09:25", "08:00")
    late = times("MEX", "GDL", "2026-03-02", "08:10", "09:25", "08:00", delay_minutes=1430)
    assert alone.actual_departure_at == utc("2026-03-02T14:00")
    assert late.actual_departure_at == utc("2026-03-03T14:00")


def test_the_hour_that_is_skipped_is_refused() -> None:
    # 8 March 2026, Los Angeles: 02:00 becomes 03:00.
    with pytest.raises(TimeError, match="does not exist at LAX on 2026-03-08") as caught:
        times("LAX", "MEX", "2026-03-08", "02:30", "08:00")
    assert caught.value.field == "hora_salida_programada"
    before = times("LAX", "MEX", "2026-03-08", "01:30", "07:30")
    assert before.scheduled_departure_at == utc("2026-03-08T09:30")
    assert before.scheduled_arrival_at == utc("2026-03-08T13:30")


@pytest.mark.parametrize(("arrives", "departed"), [("06:35", "2026-11-01T08:30"), ("07:35", "2026-11-01T09:30")])
def test_of_the_hour_that_comes_twice_the_one_that_fits_the_flight(arrives: str, departed: str) -> None:
    # 1 November 2026, Los Angeles: 01:30 is 08:30 UTC and again 09:30 UTC. To Mexico City (UTC-6) takes 4 h 05:
    # 12:35 or 13:35 UTC.
    found = times("LAX", "MEX", "2026-11-01", "01:30", arrives)
    assert found.scheduled_departure_at == utc(departed)


def test_offsets_are_taken_at_their_word() -> None:
    found = times("MEX", "CUN", "2026-03-02", "2026-03-02T06:30:00-06:00", "2026-03-02 14:45Z")
    assert found.scheduled_departure_at == utc("2026-03-02T12:30")
    assert found.scheduled_arrival_at == utc("2026-03-02T14:45")


@pytest.mark.parametrize(
    ("text", "local"),
    [("06:30", "06:30"), ("0630", "06:30"), ("630", "06:30"), ("6:30", "06:30"), ("6:30 a. m.", "06:30"),
     ("2:05 PM", "14:05"), ("12:00 am", "00:00"), ("12:15 p.m.", "12:15"), ("23:59:58", "23:59:58"),
     ("24:00", "00:00")],
)  # fmt: skip
def test_times_of_day_as_written(text: str, local: str) -> None:
    clock = wall_time(text).local
    assert clock is not None
    assert clock.isoformat() in (local, f"{local}:00")


@pytest.mark.parametrize(
    "text", ["", "25:00", "12:60", "24:01", "13:00 pm", "noon", "06:30-06:00", "1", "12345", "٠٦:٣٠"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be a time|needs its date"):
        wall_time(text)


def test_contradictions_are_refused() -> None:
    with pytest.raises(TimeError, match="does not lie within 20 h"):
        times("MEX", "GDL", "2026-03-02", "2026-03-02 10:00", "2026-03-02 09:00")
    with pytest.raises(TimeError, match="needs its scheduled time"):
        times("MEX", "GDL", "2026-03-02", None, None, "10:00")
    with pytest.raises(TimeError, match="before the departure"):
        times("MEX", "GDL", "2026-03-02", "10:00", "11:15", "2026-03-02T10:00-06:00", "2026-03-02T09:00-06:00")
