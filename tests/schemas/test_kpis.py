"""The catalogue's formulas on a row worked out by hand."""

from datetime import UTC, datetime

import pytest

from schemas.kpis import KPIS
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow

AT = datetime(2013, 2, 8, 12, 0, tzinfo=UTC)


def row(**measures: int) -> KpiRow:
    values = tuple(measures.get(name, 0) for name in MEASURE_NAMES)
    assert measures.keys() <= set(MEASURE_NAMES)
    return KpiRow("route", "JFK-LAX", "24h", AT, 0, AT, 1, values)


# Ten flights, one cancelled; 3 983 km; 9 x 150 seats, 1 080 passengers; US$ cents.
DAY = row(
    flights=10, operated=9, cancelled=1, arrivals=9, arrivals_on_time=6, arrivals_within_30m=7,
    arrival_delay_minutes=180,
    departures=9, departures_on_time=7, block_minutes=3_150, scheduled_block_minutes=3_060,
    seats=1_350, passengers=1_080, seat_km=5_377_050, passenger_km=4_301_640,
    ticket_revenue=21_600_000, ancillary_revenue=2_000_000, cargo_revenue=400_000,
    fuel_cost=9_000_000, crew_cost=5_000_000, maintenance_cost=4_000_000, airport_cost=3_000_000,
    compensation_exposure=150_000, fuel_kg=105_000, fuel_reference_kg=100_000,
    carrier_delay_minutes=50, late_aircraft_delay_minutes=150, turnarounds=9, turnaround_minutes=540,
    scheduled_turnaround_minutes=450, connecting=200, misconnected=6, responses=50, satisfied=40,
    nps_responses=40, promoters=24, detractors=8, complaints=27,
)  # fmt: skip

BY_HAND = {
    "on_time_arrival": 60.0,
    "on_time_departure": 77.7778,
    "completion": 90.0,
    "mean_arrival_delay": 20.0,
    "late_aircraft_share": 75.0,
    "load_factor": 80.0,
    "break_even_load_factor": 70.0,  # 80 % x 21 / 24, not 80 % x 24 / 21
    "yield": 5.0213,
    "rask": 4.4634,
    "cask": 3.9055,
    "cask_ex_fuel": 2.2317,
    "unit_spread": 0.5579,
    "margin": 12.5,
    "fuel_intensity": 5.0,
    "co2_per_passenger_km": 77.1334,
    "block_overrun": 10.0,
    "turnaround": 60.0,
    "turnaround_overrun": 10.0,
    "misconnection": 3.0,
    "satisfaction": 80.0,
    "nps": 40.0,
    "complaint_rate": 25.0,
    "compensation_exposure": 150.0,  # US$ 1 500 over ten flights
    "chronic_delay": 30.0,
}


def test_every_kpi_is_worked_out_here() -> None:
    assert BY_HAND.keys() == KPIS.keys()


@pytest.mark.parametrize("name", KPIS)
def test_value(name: str) -> None:
    assert KPIS[name].value(DAY) == pytest.approx(BY_HAND[name], abs=5e-5)


@pytest.mark.parametrize("name", KPIS)
def test_no_value_without_a_denominator(name: str) -> None:
    assert KPIS[name].value(row()) is None


def test_modelled_facts_are_counted_only_where_they_matter() -> None:
    modelled = row(flights=2, modelled_money=2, modelled_traffic=3)
    assert KPIS["on_time_arrival"].modelled_facts(modelled) == 0
    assert KPIS["margin"].modelled_facts(modelled) == 2
    assert KPIS["load_factor"].modelled_facts(modelled) == 3
    assert KPIS["break_even_load_factor"].modelled_facts(modelled) == 5


def test_formula_reads_as_people_write_it() -> None:
    assert KPIS["turnaround_overrun"].formula == "(turnaround_minutes - scheduled_turnaround_minutes) / turnarounds"
    assert KPIS["compensation_exposure"].formula == "compensation_exposure / (100 x flights)"
