"""What the replay derives or models: aircraft, traffic, money, causes. Expected values worked out beside them."""

import math
from collections import defaultdict
from datetime import date, timedelta

import polars as pl
import pytest

from producers.sources.nycflights13.causes import with_causes
from producers.sources.nycflights13.fleet import aircraft, published
from producers.sources.nycflights13.luck import Luck, luck
from producers.sources.nycflights13.money import (
    FUEL_CENTS_PER_KG,
    Flown,
    expected_fuel_kg,
    fare_curve,
    fare_dollars,
    money,
)
from producers.sources.nycflights13.replay import NycFlights
from producers.sources.nycflights13.traffic import traffic
from schemas.events import FlightFinance, FlightStatus, utc

AVERAGE = Luck(0.0, 0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("carrier", "tail", "expected"),
    [
        ("DL", "N667DN", ("B752", 178, "planes")),  # 757-232 with 178, Delta publishes 184: close, believed
        ("UA", "N14228", ("B738", 149, "planes")),  # 737-824 with 149, United publishes 154
        ("B6", "N192JB", ("E190", 100, "published")),  # ERJ 190 "with 20"
        ("US", "N507AY", ("A321", 183, "published")),  # A321 "with 379"
        ("EV", "N10156", ("E145", 50, "published")),  # 55 counts the crew: certified for 50
        ("B6", "N531JB", ("A320", 150, "published")),  # unknown or a small aircraft now: the carrier's numbering
        ("AA", "N3ALAA", ("B738", 150, "published")),
        ("AA", "N5FMAA", ("B752", 188, "published")),
        ("AA", "N336AA", ("B762", 168, "published")),
        ("AA", "N4WNAA", ("MD82", 140, "published")),
        ("MQ", "N518MQ", ("CRJ7", 63, "published")),
        ("MQ", "N810MQ", ("E140", 44, "published")),
    ],
)
def test_the_aircraft_of_a_tail(carrier: str, tail: str, expected: tuple[str, int, str]) -> None:
    found = aircraft(pl.DataFrame({"carrier": [carrier], "tailnum": [tail]}))
    assert found.select("aircraft_type", "seats", "seats_from").row(0) == expected


def test_every_tail_that_flew_has_a_type_and_seats_that_its_carrier_publishes() -> None:
    source = NycFlights(date(2013, 7, 1), date(2013, 7, 8))
    cabins = {(c, t): s for c, t, s in published().iter_rows()}
    carriers = set()
    for event in source.events():
        if isinstance(event, FlightStatus) and event.actual_departure_at:
            assert event.aircraft_type is not None
            assert event.seats == pytest.approx(cabins[event.carrier, event.aircraft_type], rel=0.101)
            carriers.add(event.carrier)
    assert len(carriers) == 15  # all of the data set but SkyWest, which flew 29 times


def test_luck_depends_on_its_key_alone_and_is_standard_normal() -> None:
    assert luck(1, "flight", "x") == luck(1, "flight", "x")
    assert luck(1, "flight", "x") != luck(2, "flight", "x")
    assert luck(1, "flight", "x") != luck(1, "route", "x")
    draws = [getattr(luck(1, str(n)), name) for n in range(2_000) for name in Luck.__struct_fields__]
    mean = sum(draws) / len(draws)
    assert mean == pytest.approx(0, abs=0.03)  # three standard errors of 10,000 draws
    assert sum((d - mean) ** 2 for d in draws) / len(draws) == pytest.approx(1, abs=0.05)


def test_an_average_flight_of_february_carries_the_month_plus_its_weekday() -> None:
    # Thursday 7 February 2013: logit(0.792) + 0.24 + 0.10 = 1.3370 + 0.34 = 1.6770; 1 / (1 + e^-1.6770) = 0.8425
    assert math.log(0.792 / 0.208) == pytest.approx(1.3370, abs=1e-4)
    carried = traffic(date(2013, 2, 7), 150, AVERAGE, AVERAGE)
    assert carried.passengers == 126  # 0.8425 x 150 = 126.4
    assert carried.cargo_kg == round(150 * 3 * math.exp(-0.32))
    assert traffic(date(2013, 2, 7), 50, AVERAGE, AVERAGE).cargo_kg == 0


def test_fares_are_the_data_sets_by_distance() -> None:
    # Weighted least squares worked out apart (normal equations by hand-written elimination): see below.
    assert fare_curve() == pytest.approx(normal_equations(), abs=2e-4)
    # 1,000 miles: 174.33 in 2000 x 382/339 x 0.85 = 166.98
    assert fare_dollars(1000) == pytest.approx(166.98, abs=0.05)


def normal_equations() -> tuple[float, ...]:
    """(X'WX) b = X'Wy by Gauss-Jordan, without numpy."""
    from producers.sources.nycflights13.dataset import read_fares

    table = read_fares().filter(pl.col("year") == 2000)
    assert len(table) == 1_149
    m = [[0.0] * 4 for _ in range(3)]
    for _, miles, passengers, fare in table.iter_rows():
        x = [1.0, math.log(miles), math.log(miles) ** 2]
        for i in range(3):
            for j, value in enumerate([*x, math.log(fare)]):
                m[i][j] += passengers * x[i] * value
    for i in range(3):
        m[i] = [value / m[i][i] for value in m[i]]
        for k in range(3):
            if k != i:
                m[k] = [a - m[k][i] * b for a, b in zip(m[k], m[i], strict=True)]
    return tuple(row[3] for row in m)


def test_the_accounts_of_an_average_flight() -> None:
    flown = Flown(
        aircraft_type="B738",
        seats=150,
        passengers=120,
        cargo_kg=450,
        miles=1000,
        scheduled=timedelta(minutes=180),
        block=timedelta(minutes=180),
        diverted=False,
    )
    accounts = money(flown, AVERAGE, AVERAGE)
    # A log-normal factor with mean 1 has its median at exp(-sd^2 / 2): fares 0.20 by route and 0.10 by flight.
    assert accounts.ticket_revenue == pytest.approx(120 * 16_698 * math.exp(-0.02 - 0.005), rel=1e-3)
    assert accounts.ancillary_revenue == round(120 * 1_600 * math.exp(-0.03125))
    assert accounts.cargo_revenue == round(0.45 * 1_609 * 60)
    assert accounts.crew_cost == 3 * (15_000 + 560 * 150)
    assert accounts.maintenance_cost == 3 * (14_000 + 800 * 150)
    selling = round(0.06 * accounts.ticket_revenue)
    assert accounts.airport_cost == 60_000 + 1_500 * 150 + 2_600 * 120 + selling
    assert accounts.fuel_kg == round(expected_fuel_kg("B738", 1_609) * math.exp(-0.00045))
    assert accounts.fuel_cost == pytest.approx(accounts.fuel_kg * FUEL_CENTS_PER_KG, abs=FUEL_CENTS_PER_KG)


def test_a_longer_block_and_a_diversion_burn_more() -> None:
    plan = Flown(
        aircraft_type="CRJ7", seats=65, passengers=50, cargo_kg=0, miles=500,
        scheduled=timedelta(minutes=100), block=timedelta(minutes=100), diverted=False,
    )  # fmt: skip
    as_planned = money(plan, AVERAGE, AVERAGE).fuel_kg
    held = Flown(
        aircraft_type="CRJ7", seats=65, passengers=50, cargo_kg=0, miles=500,
        scheduled=timedelta(minutes=100), block=timedelta(minutes=140), diverted=True,
    )  # fmt: skip
    # 40 % longer costs half of that in fuel, a diversion a quarter more
    assert money(held, AVERAGE, AVERAGE).fuel_kg == pytest.approx(as_planned * 1.2 * 1.25, rel=1e-3)
    assert as_planned == pytest.approx(0.9 * expected_fuel_kg("CRJ9", 805), rel=1e-3)


def test_a_week_has_the_load_yield_and_margin_of_its_year() -> None:
    sums: dict[str, float] = defaultdict(float)
    for event in NycFlights(date(2013, 5, 6), date(2013, 5, 13)).events():
        if isinstance(event, FlightStatus) and event.state in ("ARRIVED", "DIVERTED"):
            sums["seat_km"] += event.seats * event.distance_km
            sums["passenger_km"] += event.passengers * event.distance_km
        elif isinstance(event, FlightFinance):
            sums["ticket"] += event.ticket_revenue_minor
            sums["revenue"] += event.ticket_revenue_minor + event.ancillary_revenue_minor + event.cargo_revenue_minor
            sums["cost"] += (
                event.fuel_cost_minor + event.crew_cost_minor + event.maintenance_cost_minor + event.airport_cost_minor
            )
            sums["compensation"] += event.compensation_exposure_minor
    assert sums["passenger_km"] / sums["seat_km"] == pytest.approx(0.842, abs=0.01)  # BTS, May 2013
    # US domestic yield of 2013: about 16 US cents a mile (Airlines for America); New York's flights are longer: less.
    assert 13 < sums["ticket"] / sums["passenger_km"] * 1.609344 < 17
    assert 0.03 < 1 - sums["cost"] / sums["revenue"] < 0.12
    assert sums["compensation"] == 0


def flight(
    number: int, dep: tuple[int, ...], arr: tuple[int, ...], delays: tuple[int | None, int | None]
) -> dict[str, object]:
    return {
        "carrier": "XX", "tailnum": "N1", "flight_id": f"XX-{number}", "origin": "JFK",
        "departs_at": utc(2013, 2, *dep), "arrives_at": utc(2013, 2, *arr),
        "dep_delay": delays[0], "arr_delay": delays[1],
    }  # fmt: skip


def causes(
    flights: list[dict[str, object]], *, visibility_miles: float = 10.0, hour: tuple[int, ...] = (8, 0)
) -> list[tuple[int, ...]]:
    """(carrier, weather, airspace, late aircraft) of each flight."""
    weather = pl.DataFrame(
        {
            "origin": ["JFK"], "observed_at": [utc(2013, 2, *hour)], "temp": [50.0], "wind_dir": [0.0],
            "wind_speed": [5.0], "wind_gust": [None], "precip": [0.0], "pressure": [None], "visib": [visibility_miles],
        },
        schema_overrides={"wind_gust": pl.Float64, "observed_at": pl.Datetime("ms", "UTC")},
    )  # fmt: skip
    table = pl.DataFrame(flights, infer_schema_length=None).cast({"dep_delay": pl.Int32, "arr_delay": pl.Int32})
    table = table.with_columns(pl.col("departs_at", "arrives_at").dt.cast_time_unit("ms"))
    judged = with_causes(table, weather).sort("departs_at", "flight_id")
    return judged.select(f"{c}_minutes" for c in ("carrier", "weather", "airspace", "late_aircraft")).rows()


def test_slack_absorbs_lateness_and_the_rest_travels_on() -> None:
    # In at 10:00 + 60 late; back by schedule 10:00 + 40 + 120 + 40 = 13:20; next at 13:50: 30 absorbed, 30 travel on.
    first = flight(1, (8, 8, 0), (8, 10, 0), (60, 60))
    assert causes([first, flight(2, (8, 13, 50), (8, 15, 0), (45, 50))]) == [(60, 0, 0, 0), (15, 0, 5, 30)]
    # It left on time after all: nothing travelled on, what was lost was lost in the air.
    assert causes([first, flight(2, (8, 13, 50), (8, 15, 0), (-5, 20))]) == [(60, 0, 0, 0), (0, 0, 20, 0)]


def test_another_aircraft_was_planned_if_this_one_could_not_be_back() -> None:
    # Back at 13:20 by schedule, next at 12:00: 80 minutes too early to be the same rotation.
    first = flight(1, (8, 8, 0), (8, 10, 0), (60, 60))
    assert causes([first, flight(2, (8, 12, 0), (8, 14, 0), (45, 45))])[1] == (45, 0, 0, 0)


def test_a_small_delay_has_no_cause_and_an_early_departure_takes_none() -> None:
    assert causes([flight(1, (8, 8, 0), (8, 10, 0), (14, 14))]) == [(0, 0, 0, 0)]
    assert causes([flight(1, (8, 8, 0), (8, 10, 0), (-10, 15))]) == [(0, 0, 15, 0)]
    assert causes([flight(1, (8, 8, 0), (8, 10, 0), (40, 20))]) == [(20, 0, 0, 0)]  # made up 20 in the air
    assert causes([flight(1, (8, 8, 0), (8, 10, 0), (40, None))]) == [(0, 0, 0, 0)]  # diverted
    assert causes([flight(1, (8, 8, 0), (8, 10, 0), (None, None))]) == [(0, 0, 0, 0)]  # cancelled


def test_weather_of_the_scheduled_hour_takes_what_the_aircraft_did_not_bring() -> None:
    late = [flight(1, (8, 8, 0), (8, 10, 0), (60, 65))]
    assert causes(late, visibility_miles=2.9, hour=(8, 8)) == [(0, 60, 5, 0)]
    assert causes(late, visibility_miles=3.0, hour=(8, 8)) == [(60, 0, 5, 0)]
    assert causes(late, visibility_miles=0.1, hour=(8, 9)) == [(60, 0, 5, 0)]


def test_an_hour_in_which_half_of_ten_flights_are_held_is_the_airspaces() -> None:
    def hour(held: int, flights: int) -> list[tuple[int, ...]]:
        return causes(
            [
                flight(n, (8, 8, n), (8, 10, n), (30, 30) if n < held else (0, 0)) | {"tailnum": f"N{n}"}
                for n in range(flights)
            ]
        )

    assert hour(5, 10)[0] == (0, 0, 30, 0)
    assert hour(4, 10)[0] == (30, 0, 0, 0)
    assert hour(9, 9)[0] == (30, 0, 0, 0)
