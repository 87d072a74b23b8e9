from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.evidence import weigh
from rules.rule import Rule
from schemas.kpis import KPIS
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow
from tests.rules.making import DELAY, MINUTE, PUNCTUALITY, START, filled, late, row, rule


def doubt(one: Rule, a_row: KpiRow, waited: timedelta = timedelta()) -> str:
    return weigh(one, a_row, {}, a_row.ingested_at + waited).doubt


def test_a_proportion_comes_with_its_terms_and_one_sided_bounds() -> None:
    evidence, why = weigh(PUNCTUALITY, late(6, 12), {}, late(6, 12).at)
    assert (evidence.numerator, evidence.denominator, evidence.n, evidence.value) == (6, 12, 12, 50.0)
    # z = 1.281552, z²/12 = 0.136865: (0.5 + 0.068432 ± 1.281552·sqrt(0.25/12 + 0.136865/48)) / 1.136865
    assert evidence.lower == pytest.approx(32.65, abs=0.01)
    assert evidence.upper == pytest.approx(67.35, abs=0.01)
    assert evidence.confidence == 0.9
    assert (evidence.kpi, evidence.scope, evidence.entity, evidence.window) == (
        "on_time_arrival",
        "route",
        "JFK-LAX",
        "24h",
    )
    assert evidence.at == late(6, 12).at
    assert why == ""


def test_none_on_time_has_a_bound_too_and_one_flight_is_a_value() -> None:
    # z² / (8 + z²) = 1.642374 / 9.642374.
    assert weigh(PUNCTUALITY, late(0, 8), {}, START).evidence.upper == pytest.approx(17.0329, abs=1e-4)
    # One of one: at least 1 / (1 + z²) = 1 / 2.642374.
    one = weigh(rule(min_n=1), late(1, 1), {}, START).evidence
    assert (one.value, one.upper) == (100, 100)
    assert one.lower == pytest.approx(37.8448, abs=1e-4)


def test_another_ratio_has_no_bounds() -> None:
    evidence = weigh(DELAY, row(arrivals=40, arrival_delay_minutes=500), {}, row().at).evidence
    assert (evidence.value, evidence.lower, evidence.upper, evidence.confidence) == (12.5, None, None, None)


def test_n_is_the_measure_that_the_rule_names_not_the_denominator() -> None:
    margin = rule(kpi_name="margin", confidence=None, n_of="flights", min_n=20)
    a_row = row(flights=19, ticket_revenue=1_000, fuel_cost=500)
    assert weigh(margin, a_row, {}, a_row.at).evidence.n == 19
    assert doubt(margin, a_row) == "too little evidence: 19 flights, the rule asks for 20"


@pytest.mark.parametrize(
    ("flights", "words"),
    [
        (0, "too little evidence: 0 flights, the rule asks for 8"),
        (7, "too little evidence: 7 flights, the rule asks for 8"),
        (8, ""),
    ],
)
def test_thin(flights: int, words: str) -> None:
    assert doubt(PUNCTUALITY, late(0, flights)) == words


def test_nothing_to_divide_by_is_thin_whatever_the_flights() -> None:
    margin = rule(kpi_name="margin", confidence=None, n_of="flights")
    assert doubt(margin, row(flights=20, fuel_cost=500)).startswith("too little evidence: nothing to divide by")


@pytest.mark.parametrize(("minutes", "stale"), [(0, False), (15, False), (15.1, True), (-5, False)])
def test_age_is_wall_time_since_kafka_whatever_the_event_time(minutes: float, stale: bool) -> None:
    a_row = late(9, 10, ingested_after=timedelta(days=5000))
    assert bool(doubt(PUNCTUALITY, a_row, minutes * MINUTE)) is stale


def test_stale_in_words() -> None:
    assert doubt(PUNCTUALITY, late(9, 10), 22 * MINUTE) == "stale evidence: 22m old, the rule accepts 15m"


def test_a_rule_without_max_age_takes_any_age() -> None:
    assert doubt(rule(max_age=None), late(9, 10), timedelta(days=400)) == ""


@pytest.mark.parametrize(
    ("on_time", "flights"),
    [(-1, 10), (11, 10), (0, -1), (-2, -1)],
)
def test_counts_that_no_flights_make_are_inconsistent(on_time: int, flights: int) -> None:
    assert doubt(PUNCTUALITY, late(on_time, flights)).startswith("inconsistent evidence")


def test_inconsistent_goes_before_stale_goes_before_thin() -> None:
    hour = timedelta(hours=1)
    assert doubt(PUNCTUALITY, late(5, 4), hour).startswith("inconsistent")
    assert doubt(PUNCTUALITY, late(3, 4), hour).startswith("stale")
    assert doubt(PUNCTUALITY, late(3, 4)).startswith("too little")


def test_a_loss_is_consistent_but_negative_revenue_is_not() -> None:
    margin = rule(kpi_name="margin", confidence=None, n_of="flights")
    assert doubt(margin, row(flights=20, ticket_revenue=100, fuel_cost=500)) == ""
    assert doubt(margin, row(flights=20, ticket_revenue=-100)).startswith("inconsistent")


def test_a_product_of_two_kpis() -> None:
    # Cost is 90 % of revenue at a load factor of 80 %: break-even at 72 %.
    break_even = rule(kpi_name="break_even_load_factor", confidence=None, n_of="flights")
    a_row = row(flights=20, ticket_revenue=1000, fuel_cost=900, passenger_km=80, seat_km=100)
    assert weigh(break_even, a_row, {}, a_row.at).evidence.value == pytest.approx(72)
    no_seats = row(flights=20, ticket_revenue=1000, fuel_cost=900)
    assert doubt(break_even, no_seats) == "no load_factor in the window"


def test_modelled_facts_are_counted_of_the_measures_behind_the_kpi_alone() -> None:
    margin = rule(kpi_name="margin", confidence=None, n_of="flights")
    a_row = row(flights=20, ticket_revenue=10, modelled_money=7, modelled_traffic=3, modelled_operations=2)
    assert weigh(margin, a_row, {}, a_row.at).evidence.modelled_facts == 7
    assert weigh(PUNCTUALITY, a_row, {}, a_row.at).evidence.modelled_facts == 0


@given(st.sampled_from(sorted(KPIS)), st.lists(st.integers(0, 10**9), min_size=48, max_size=48))
def test_values_are_the_catalogues(name: str, measures: list[int]) -> None:
    kpi = KPIS[name]
    a_row = filled(dict(zip(MEASURE_NAMES, measures, strict=True)))
    one = rule(kpi_name=name, confidence=0.9 if kpi.kind == "proportion" else None)
    evidence = weigh(one, a_row, {}, a_row.at).evidence
    assert (evidence.numerator, evidence.denominator) == kpi.terms(a_row)
    assert evidence.value == kpi.value(a_row)
    assert evidence.modelled_facts == kpi.modelled_facts(a_row)
    if evidence.lower is not None:
        assert evidence.upper is not None
        assert evidence.value is not None
        assert evidence.lower <= evidence.value <= evidence.upper
