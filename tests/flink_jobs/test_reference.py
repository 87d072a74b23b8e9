"""The second computation is itself held against numbers worked by hand."""

from datetime import timedelta

from schemas.events import FlightOutcome, FlightState, FlightStatus, RouteHeartbeat, utc
from schemas.measures import MEASURE_NAMES
from schemas.rows import to_ms
from tests.flink_jobs.reference import Expected, Key, event_measures, expected_rows, us_cents

NOON = utc(2013, 2, 8, 12)


def flight(**fields: object) -> FlightStatus:
    base: dict[str, object] = {
        "event_id": "e",
        "event_at": NOON,
        "source": "ops",
        "flight_id": "B6-1-2013-02-08-JFK",
        "carrier": "B6",
        "number": "1",
        "origin": "JFK",
        "destination": "LAX",
        "scheduled_departure_at": NOON,
        "scheduled_arrival_at": NOON + timedelta(hours=6),
        "distance_km": 1_000,
    }
    return FlightStatus(**{**base, **fields})  # type: ignore[arg-type]


def test_a_correction_adds_what_holds_now_less_what_had_been_said() -> None:
    before = FlightOutcome(state=FlightState.CANCELLED)
    after = FlightOutcome(
        state=FlightState.ARRIVED,
        actual_departure_at=NOON + timedelta(minutes=15),
        actual_arrival_at=NOON + timedelta(hours=6, minutes=30),
        seats=10,
        passengers=8,
    )
    added = event_measures(flight(state=FlightState.CORRECTED, before=before, after=after))
    assert {name: value for name, value in added.items() if value} == {
        "operated": 1,
        "cancelled": -1,
        "departures": 1,
        "departure_delay_minutes": 15,
        "arrivals": 1,
        "arrivals_within_30m": 1,
        "arrivals_within_1h": 1,
        "arrival_delay_minutes": 30,
        "block_minutes": 375,
        "scheduled_block_minutes": 360,
        "seats": 10,
        "passengers": 8,
        "seat_km": 10_000,
        "passenger_km": 8_000,
    }


def test_money_rounds_half_away_from_zero() -> None:
    assert [us_cents(amount, 50_000) for amount in (1_230, -1_230, 1_229)] == [62, -62, 61]


def test_an_event_one_length_old_is_out_and_one_now_is_in() -> None:
    beat = RouteHeartbeat(event_id="h", event_at=NOON, source="ops", origin="JFK", destination="LAX", carriers=("DL",))
    day = timedelta(days=1)
    cancelled = flight(state=FlightState.CANCELLED, event_at=NOON + day)
    rows = expected_rows([(beat, 5), (cancelled, 6)], pane_ms=60_000)
    at_ms = to_ms(NOON + day)
    measures = tuple(int(name in ("flights", "cancelled")) for name in MEASURE_NAMES)
    assert rows[Key("route", "JFK-LAX", "24h", at_ms)] == Expected(1, 6, measures, ("B6",))
    assert rows[Key("route", "JFK-LAX", "7d", at_ms)] == Expected(2, 6, measures)
    assert len(rows) == 2 * (3 + 2 * 2 + 2)
