"""The batch side by hand: what each event counts, where windows begin and end, and what a comparison reports."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import polars as pl
import pytest

from schemas.check import EXAMPLES_FOLDER, load_example
from schemas.events import FlightStatus, RouteHeartbeat
from schemas.measures import MEASURE_NAMES
from schemas.rows import SCOPES, WINDOW_LENGTH, WINDOWS_OF_SCOPE, KpiRow, to_ms
from warehouse.facts import facts_of
from warehouse.parity import compare, expected_keys, frame_of, recompute

MINUTE = timedelta(minutes=1)


def counted(record: str, case: str) -> dict[str, int]:
    event = load_example(EXAMPLES_FOLDER / record / f"{case}.json")
    (fact,) = facts_of([event]).to_dicts()
    return {name: fact[name] for name in MEASURE_NAMES if fact[name]}


FLOWN = {
    "operated": 1,
    "seats": 150,
    "passengers": 120,
    "seat_km": 50_400,
    "passenger_km": 40_320,
    "cargo_kg_km": 268_800,
}


@pytest.mark.parametrize(
    ("record", "case", "expected"),
    [
        ("FlightStatus.v1", "scheduled", {}),
        ("FlightStatus.v1", "departed", {"departures": 1, "departures_on_time": 1, "departure_delay_minutes": 11}),
        (
            "FlightStatus.v1",
            "arrived-20-minutes-late",
            {
                "flights": 1,
                "arrivals": 1,
                "arrivals_within_30m": 1,
                "arrivals_within_1h": 1,
                "arrival_delay_minutes": 20,
            }
            | {"block_minutes": 84, "scheduled_block_minutes": 75, "modelled_traffic": 1}
            | FLOWN,
        ),
        ("FlightStatus.v1", "cancelled", {"flights": 1, "cancelled": 1}),
        ("FlightStatus.v1", "diverted", {"flights": 1, "diverted": 1, "modelled_traffic": 1} | FLOWN),
        (  # 20 minutes late becomes 5: block 84 -> 69
            "FlightStatus.v1",
            "corrected-arrival-was-on-time",
            {"arrivals_on_time": 1, "arrival_delay_minutes": -15, "block_minutes": -15},
        ),
        (  # 1 512 000 centavos at US$ 0.0583 = 88 149.6 -> 88 150 cents
            "FlightFinance.v1",
            "pesos",
            {"ticket_revenue": 88_150, "ancillary_revenue": 8_815, "cargo_revenue": 1_166, "fuel_cost": 18_073}
            | {"crew_cost": 12_243, "maintenance_cost": 11_077, "airport_cost": 15_158, "compensation_exposure": 26_235}
            | {"fuel_kg": 3_400, "fuel_reference_kg": 3_350},
        ),
        ("FlightFinance.v1", "refund-adjustment", {"ticket_revenue": -25_001}),
        (
            "FlightOperation.v1",
            "delay-by-cause",
            {"weather_delay_minutes": 9, "late_aircraft_delay_minutes": 11, "modelled_operations": 1},
        ),
        (
            "FlightOperation.v1",
            "turnaround",
            {"turnarounds": 1, "turnaround_minutes": 62, "scheduled_turnaround_minutes": 50},
        ),
        ("FlightOperation.v1", "connection", {"connecting": 41, "misconnected": 3}),
        ("PassengerFeedback.v1", "satisfied-at-a-kiosk", {"responses": 1, "satisfied": 1}),
        ("PassengerFeedback.v1", "complaint", {"complaints": 1}),
        ("PassengerFeedback.v2", "promoter", {"responses": 1, "satisfied": 1, "nps_responses": 1, "promoters": 1}),
        ("PassengerFeedback.v2", "not-asked-to-recommend", {"responses": 1}),
        ("RouteHeartbeat.v1", "route", {}),
    ],
)
def test_what_an_event_counts(record: str, case: str, expected: dict[str, int]) -> None:
    assert counted(record, case) == expected


def test_a_clock_beat_is_no_fact_and_a_duplicate_counts_once() -> None:
    beat = load_example(EXAMPLES_FOLDER / "RouteHeartbeat.v1" / "clock-beat.json")
    flight = load_example(EXAMPLES_FOLDER / "FlightStatus.v1" / "cancelled.json")
    assert len(facts_of([beat, flight, flight])) == 1


CANCELLED = load_example(EXAMPLES_FOLDER / "FlightStatus.v1" / "cancelled.json")
assert isinstance(CANCELLED, FlightStatus)
NOON = datetime(2013, 2, 8, 12, tzinfo=UTC)


def cancelled_at(at: datetime) -> FlightStatus:
    assert isinstance(CANCELLED, FlightStatus)
    return msgspec.structs.replace(CANCELLED, event_id=at.isoformat(), event_at=at)


def heartbeat_at(at: datetime) -> RouteHeartbeat:
    return RouteHeartbeat(
        event_id=f"h{at}", event_at=at, source="heartbeat", origin="JFK", destination="SYR", carriers=("B6",)
    )


def live_rows(at: datetime, counts: dict[str, tuple[int, int]]) -> list[KpiRow]:
    """The rows of a JFK-SYR event at a pane's end, `counts` being (events, cancelled) by window."""
    rows = []
    for scope in SCOPES:
        for entity in {"route": ["JFK-SYR"], "airport": ["JFK", "SYR"], "carrier": ["B6"]}[scope]:
            for window in WINDOWS_OF_SCOPE[scope]:
                events, flights = counts[window]
                measures = {"flights": flights, "cancelled": flights}
                values = tuple(measures.get(name, 0) for name in MEASURE_NAMES)
                flown_by = ("B6",) if (scope, window) == ("route", "24h") else ()
                rows.append(KpiRow(scope, entity, window, at, 0, at, events, values, flown_by))
    return rows


def expected_counts(at: datetime, flights_at: list[datetime], others_at: list[datetime]) -> dict[str, tuple[int, int]]:
    def inside(instants: list[datetime], window: str) -> int:
        return sum(at - WINDOW_LENGTH[window] < instant <= at for instant in instants)  # type: ignore[index]

    return {w: (inside(flights_at + others_at, w), inside(flights_at, w)) for w in WINDOW_LENGTH}


def test_a_fact_exactly_one_window_old_is_out_and_one_at_the_end_is_in() -> None:
    flights = [NOON - timedelta(hours=24), NOON - timedelta(hours=3), NOON]
    facts = facts_of([*(cancelled_at(t) for t in flights), heartbeat_at(NOON)])
    live: list[KpiRow] = []
    for at, others in ((flights[0], []), (flights[1], []), (NOON, [NOON])):
        live += live_rows(at, expected_counts(at, [f for f in flights if f <= at], others))
    assert compare(frame_of(live), facts, 60_000).mismatches == 0
    last = {row.window: row.events for row in live if row.at == NOON}
    assert last == {"3h": 2, "24h": 3, "7d": 4, "28d": 4}


def change(rows: list[KpiRow], position: int, **fields: Any) -> list[KpiRow]:
    return [msgspec.structs.replace(r, **fields) if i == position else r for i, r in enumerate(rows)]


@pytest.fixture
def agreeing() -> tuple[list[KpiRow], pl.DataFrame]:
    at = NOON + MINUTE
    facts = facts_of([cancelled_at(NOON + timedelta(seconds=1))])
    return live_rows(at, expected_counts(at, [at], [])), facts


def test_each_kind_of_disagreement_is_counted(agreeing: tuple[list[KpiRow], pl.DataFrame]) -> None:
    live, facts = agreeing

    def parity(rows: list[KpiRow]) -> tuple[int, int, int, int, int]:
        p = compare(frame_of(rows), facts, 60_000)
        return (p.wrong, p.missing, p.unexpected, p.contradictory, p.repeated)

    measures = tuple(value + (name == "diverted") for name, value in zip(MEASURE_NAMES, live[0].measures, strict=True))
    assert parity(live) == (0, 0, 0, 0, 0)
    assert parity([*live, live[3]]) == (0, 0, 0, 0, 1)
    assert parity(live[1:]) == (0, 1, 0, 0, 0)
    assert parity(change(live, 0, measures=measures)) == (1, 0, 0, 0, 0)
    assert parity(change(live, 0, events=2)) == (1, 0, 0, 0, 0)
    assert parity(change(live, 0, flown_by=("DL",))) == (1, 0, 0, 0, 0)
    assert parity(change(live, 0, flown_by=())) == (1, 0, 0, 0, 0)
    assert parity(change(live, 1, flown_by=("B6",))) == (1, 0, 0, 0, 0)
    assert parity([*live, msgspec.structs.replace(live[0], flown_by=("B6", "DL"))]) == (1, 0, 0, 1, 0)
    assert parity([*live, msgspec.structs.replace(live[0], at=NOON)]) == (1, 0, 1, 0, 0)
    assert parity([*live, msgspec.structs.replace(live[0], events=9)]) == (1, 0, 0, 1, 0)


def test_examples_say_what_differs(agreeing: tuple[list[KpiRow], pl.DataFrame]) -> None:
    live, facts = agreeing
    found = compare(frame_of(change(live, 0, events=7)), facts, 60_000)
    assert found.examples == ["route JFK-SYR 24h at 1360324860000: events live 7 batch 1"]


def test_who_flies_a_route_are_those_with_a_fact_within_24_hours() -> None:
    """B6 cancels at noon; heartbeats name others later. A fact exactly 24 h old is out, as in the measures."""

    def beat(hours: float, *carriers: str) -> RouteHeartbeat:
        at = NOON + timedelta(hours=hours)
        return msgspec.structs.replace(heartbeat_at(at), carriers=carriers)

    beats = [beat(1, "DL", "AA"), beat(2), beat(24, "DL"), beat(25, "9E"), beat(49, "DL")]
    other = msgspec.structs.replace(cancelled_at(NOON + timedelta(seconds=1)), origin="BOS", carrier="UA")
    facts = facts_of([cancelled_at(NOON), *beats, other])
    keys = expected_keys(facts, 60_000)
    said = {
        (row["at_ms"] - to_ms(NOON)) / 3_600_000: row["flown_by"]
        for row in recompute(keys, facts).iter_rows(named=True)
        if (row["entity"], row["window"]) == ("JFK-SYR", "24h")
    }
    assert said == {0: "B6", 1: "AA,B6,DL", 2: "AA,B6,DL", 24: "AA,DL", 25: "9E,DL", 49: "DL"}
    others = recompute(keys, facts).filter((pl.col("scope") != "route") | (pl.col("window") != "24h"))
    assert set(others["flown_by"]) == {""}


def test_a_table_that_does_not_say_who_flies_is_compared_in_the_rest(
    agreeing: tuple[list[KpiRow], pl.DataFrame],
) -> None:
    live, facts = agreeing
    assert compare(frame_of(live).drop("flown_by"), facts, 60_000).mismatches == 0
    assert compare(frame_of(change(live, 0, events=7)).drop("flown_by"), facts, 60_000).wrong == 1
