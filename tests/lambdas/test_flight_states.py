"""The latest state of a flight, in whatever order and however often its reports come."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lambdas.flight_states import Report, expires_at, latest, read_batch, report_of
from producers.heartbeat import clock_beat
from schemas.codec import encode
from schemas.events import Event, FlightOutcome, FlightState, FlightStatus

DEPARTS = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
ARRIVES = datetime(2026, 3, 2, 14, 45, tzinfo=UTC)


def status(state: FlightState, at: datetime, **fields: object) -> FlightStatus:
    given: dict[str, object] = {
        "event_id": f"e-{state}-{at:%H%M}",
        "event_at": at,
        "source": "test",
        "flight_id": "AM-1-2026-03-02-MEX",
        "carrier": "AM",
        "number": "1",
        "origin": "MEX",
        "destination": "CUN",
        "state": state,
        "scheduled_departure_at": DEPARTS,
        "scheduled_arrival_at": ARRIVES,
        "seats": 160,
        **fields,
    }
    return FlightStatus(**given)  # type: ignore[arg-type]


LEFT = {"actual_departure_at": DEPARTS, "passengers": 100}
LANDED = {**LEFT, "actual_arrival_at": ARRIVES}
HISTORY = [
    status(FlightState.SCHEDULED, DEPARTS - timedelta(days=1)),
    status(FlightState.DEPARTED, DEPARTS, **LEFT),
    status(FlightState.ARRIVED, ARRIVES, **LANDED),
    status(
        FlightState.CORRECTED,
        ARRIVES + timedelta(hours=2),
        **LANDED,
        before=FlightOutcome(
            state=FlightState.ARRIVED, actual_departure_at=DEPARTS, actual_arrival_at=ARRIVES, seats=160, passengers=100
        ),
        after=FlightOutcome(
            state=FlightState.ARRIVED,
            actual_departure_at=DEPARTS,
            actual_arrival_at=ARRIVES + timedelta(minutes=20),
            seats=160,
            passengers=101,
        ),
    ),
]
REPORTS = [report_of(event, offset) for offset, event in enumerate(HISTORY)]


def kafka_event(*values: bytes | None) -> dict[str, object]:
    records = [
        {"offset": n, **({} if value is None else {"value": base64.b64encode(value).decode()})}
        for n, value in enumerate(values)
    ]
    return {"eventSource": "aws:kafka", "records": {"test.flight-status-0": records}}


def test_a_correction_leaves_what_holds_after_it() -> None:
    view = latest(REPORTS)["AM-1-2026-03-02-MEX"].view
    assert (view.state, view.is_corrected, view.passengers) == (FlightState.ARRIVED, True, 101)
    assert view.actual_arrival_at == ARRIVES + timedelta(minutes=20)
    assert view.route == "MEX-CUN"


@given(st.lists(st.sampled_from(REPORTS), min_size=1))
def test_the_latest_is_the_same_in_any_order_and_with_any_duplicates(reports: list[Report]) -> None:
    (found,) = latest(reports).values()
    assert found == max(reports, key=lambda report: (report.view.event_at, report.version.offset))
    assert found.version.text == max(report.version.text for report in reports), "the table sorts them as we do"


def test_of_one_instant_the_higher_offset_counts() -> None:
    event = HISTORY[1]
    assert latest([report_of(event, 10), report_of(event, 9)])[event.flight_id].version.offset == 10


def test_beats_are_passed_over_and_what_cannot_be_read_is_counted() -> None:
    beat: Event = clock_beat(DEPARTS)
    batch = read_batch(kafka_event(encode(HISTORY[0]), encode(beat), b"garbage", None))
    assert (batch.reports, batch.others, batch.undecodable) == (1, 1, 2)
    assert list(batch.latest) == ["AM-1-2026-03-02-MEX"]


def test_a_replayed_flight_is_kept_for_two_weeks_from_now() -> None:
    now = datetime(2026, 11, 27, tzinfo=UTC)
    assert expires_at(REPORTS[0].view, now) == int((now + timedelta(days=14)).timestamp())
    before = ARRIVES - timedelta(days=3)
    assert expires_at(REPORTS[0].view, before) == int((ARRIVES + timedelta(days=14)).timestamp())
