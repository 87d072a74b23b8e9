"""Which override is for a row: by hand, and the index against trying them all."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rules.choose import Choice, places_of, rule_for
from rules.evaluate import evaluate
from rules.load import Catalog
from rules.rule import Override, Rule
from rules.selector import Selector, airports_of, stage_km
from schemas.lights import Light, LightState
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow, Scope
from tests.rules.making import MINUTE, PUNCTUALITY, START, late, rule

SUMMER = datetime(2026, 7, 20, tzinfo=UTC)
AUTUMN = datetime(2026, 10, 1, tzinfo=UTC)


def a_row(
    entity: str = "JFK-LAX", scope: Scope = "route", at: datetime = AUTUMN, *, seats: int = 0, seat_km: int = 0
) -> KpiRow:
    values = tuple({"seats": seats, "seat_km": seat_km}.get(name, 0) for name in MEASURE_NAMES)
    return KpiRow(scope, entity, "24h", at, 0, at, 1, values)


def override(amber: float, **conditions: Any) -> Override:
    selector = Selector(**conditions)
    return Override(selector, rule(amber=amber, where=selector.words))


def with_overrides(*overrides: Override, **changes: Any) -> Rule:
    return rule(overrides=overrides, **changes)


def amber_of(one: Rule, row: KpiRow) -> float:
    (chosen,) = Catalog([one]).rules_for(row)
    return chosen.thresholds.amber


ALL = with_overrides(
    override(71, seasons=("summer",)),
    override(72, stage_km=(0, 1500)),
    override(73, stage_km=(0, 1500), seasons=("summer",)),
    override(74, airports=("LAX",)),
    override(75, airports=("LAX",), seasons=("summer",)),
    override(76, airports=("LAX",), stage_km=(0, 1500)),
    override(77, routes=("JFK-LAX",)),
    override(78, routes=("JFK-LAX",), seasons=("summer", "winter")),
)


@pytest.mark.parametrize(
    ("row", "amber"),
    [
        (a_row("SFO-ORD"), 80),
        (a_row("SFO-ORD", at=SUMMER), 71),
        (a_row("SFO-ORD", seats=100, seat_km=100_000), 72),
        (a_row("SFO-ORD", at=SUMMER, seats=100, seat_km=100_000), 73),
        (a_row("LAX-ORD"), 74),
        (a_row("ORD-LAX"), 74),
        (a_row("LAX-ORD", at=SUMMER), 75),
        (a_row("LAX-ORD", seats=100, seat_km=100_000), 76),
        (a_row("LAX-ORD", at=SUMMER, seats=100, seat_km=100_000), 76),
        (a_row("JFK-LAX"), 77),
        (a_row("LAX-JFK"), 74),
        (a_row("JFK-LAX", at=SUMMER), 78),
        (a_row("JFK-LAX", at=SUMMER, seats=100, seat_km=100_000), 78),
    ],
)
def test_route_before_airport_before_stage_length_before_season(row: KpiRow, amber: float) -> None:
    assert amber_of(ALL, row) == amber
    assert rule_for(ALL, row).thresholds.amber == amber


def test_a_carriers_row_is_chosen_by_carrier() -> None:
    one = with_overrides(override(70, carriers=("AM", "5D")), override(60, seasons=("summer",)), scope="carrier")
    chosen = {("AM", SUMMER): 70, ("5D", AUTUMN): 70, ("Y4", SUMMER): 60, ("Y4", AUTUMN): 80}
    rows = {(code, at): a_row(code, "carrier", at) for code, at in chosen}
    assert {key: amber_of(one, row) for key, row in rows.items()} == chosen
    assert {key: rule_for(one, row).thresholds.amber for key, row in rows.items()} == chosen


def test_a_carriers_row_has_no_airport_and_an_airports_no_carrier() -> None:
    assert airports_of(a_row("JFK-LAX")) == ("JFK", "LAX")
    assert airports_of(a_row("JFK", "airport")) == ("JFK",)
    assert airports_of(a_row("AM", "carrier")) == ()
    assert not Selector(carriers=("JFK",)).matches(a_row("JFK", "airport"))
    assert not Selector(routes=("JFK",)).matches(a_row("JFK", "airport"))
    assert Selector(airports=("JFK",)).matches(a_row("JFK", "airport"))


def test_of_a_long_list_three_names_are_said() -> None:
    assert Selector(airports=("AAA", "BBB", "CCC")).words == "airports AAA, BBB, CCC"
    assert Selector(airports=("AAA", "BBB", "CCC", "DDD")).words == "airports AAA, BBB, CCC and 1 more"
    assert Selector(carriers=("AM",), seasons=("spring", "winter")).words == "carrier AM, spring or winter"


def test_the_stage_length_is_the_rows_own() -> None:
    assert stage_km(a_row(seats=320, seat_km=320 * 3983)) == 3983
    assert stage_km(a_row(seats=1, seat_km=1)) == 1
    assert stage_km(a_row()) is None
    assert stage_km(a_row(seats=-1, seat_km=-500)) is None
    edges = with_overrides(override(72, stage_km=(500, 1500)))
    lengths = {500: 72, 1499: 72, 1500: 80, 499: 80}
    assert {km: amber_of(edges, a_row(seats=1, seat_km=km)) for km in lengths} == lengths
    assert amber_of(edges, a_row()) == 80


def test_light_and_reason_say_which_override_it_was() -> None:
    lenient = Override(Selector(airports=("LAX",)), rule(amber=60, red=40, recover_red=45, where="airport LAX"))
    one = with_overrides(lenient)
    state = LightState(light=Light.GREEN, since_at=START - 60 * MINUTE, rule_version=one.version)
    for minutes in (0, 30):
        row = late(4, 12, minutes * MINUTE)
        (chosen,) = Catalog([one]).rules_for(row)
        state, transition = evaluate(chosen, row, {}, state, row.at)
    assert transition is not None
    assert transition.to_light is Light.AMBER
    assert transition.where == state.where == "airport LAX"
    assert transition.reason == "4 of 12 = 33.3 %, at most 51.8 % at 90 %: beyond amber 60 (thresholds for airport LAX)"


def test_versions_tell_overrides_apart_and_an_edit_of_one_leaves_the_others() -> None:
    before, after = with_overrides(override(70, airports=("LAX",))), with_overrides(override(71, airports=("LAX",)))
    assert before.version == after.version == PUNCTUALITY.version
    assert before.overrides[0].rule.version not in (before.version, after.overrides[0].rule.version)
    assert Catalog([before]).version != Catalog([after]).version
    assert Catalog([before]).version != Catalog([with_overrides(override(70, airports=("SFO",)))]).version


def test_what_judges_a_row_carries_no_other_overrides() -> None:
    for row in (a_row("JFK-LAX"), a_row("SFO-ORD")):
        assert Catalog([ALL]).rules_for(row)[0].overrides == ()


CODES = ["JFK", "LAX", "MEX"]
ROUTES = [f"{a}-{b}" for a in CODES for b in CODES if a != b]


def some(names: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True).map(tuple)


places: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}), st.fixed_dictionaries({"routes": some(ROUTES)}), st.fixed_dictionaries({"airports": some(CODES)})
)
rest: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "seasons": some(["spring", "summer", "winter"]),
        "stage_km": st.sampled_from([(0, 1000), (500, 2000), (2000, 9000)]),
    },
)
conditions = st.tuples(places, rest).map(lambda both: both[0] | both[1]).filter(bool)


@given(
    st.lists(conditions, max_size=8),
    st.sampled_from(ROUTES),
    st.sampled_from([SUMMER, AUTUMN]),
    st.sampled_from([0, 700, 1500, 3000]),
)
def test_the_index_finds_what_trying_all_finds(given_: list[dict[str, Any]], route: str, at: datetime, km: int) -> None:
    one = with_overrides(*(override(number, **each) for number, each in enumerate(given_)))
    row = a_row(route, at=at, seats=min(km, 1), seat_km=km)
    found, expected = Choice(one).rule_for(row, places_of(row)), rule_for(one, row)
    weights = {override.rule.thresholds.amber: override.weight for override in one.overrides}
    # Two of equal weight never pass the check; here either will do.
    assert weights.get(found.thresholds.amber) == weights.get(expected.thresholds.amber)
    assert (found.where == "") == (expected.where == "")


def test_replacing_keeps_the_overrides() -> None:
    assert replace(ALL, hold=MINUTE).overrides == ALL.overrides
