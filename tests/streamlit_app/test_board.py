"""What the board shows and in what order, on lights that the rules themselves made."""

from typing import Any

import msgspec
import pytest

from alerts.decide import Action
from alerts.entity import EntityLights
from alerts.open_lights import Acknowledged, OpenLight
from rules.rule import Rule, Thresholds
from schemas.lights import Light
from streamlit_app.board import ON_A_SCREEN, Filters, choices_of, grouped, headline, in_screens, shown, tile_of
from streamlit_app.readers.snapshot import Snapshot
from streamlit_app.words import speech
from tests.alerts.samples import NOW, catalog, folded, row, rule

SAY, DICHO = speech("en"), speech("es")
LATE = rule(severity=("delay",))
LOSING = rule(
    id="margin", kpi_name="margin", min_n=1, severity=("compensation",), audience=("revenue",),
    thresholds=Thresholds(amber=7, red=0, recover_amber=8, recover_red=1),
)  # fmt: skip
PUNCTUAL = rule(id="on_time_arrival", severity=("delay",))


def lights(name: str, on_time: int, rules: tuple[Rule, ...] = (LATE,), **measures: Any) -> EntityLights:
    """A route by ten flights of which so many were on time."""
    given: EntityLights = folded(row(0, on_time, entity=name, **measures), by=catalog(*rules)).after
    return given


def snapshot(*entities: EntityLights, rules: tuple[Rule, ...] = (LATE,), **given: Any) -> Snapshot:
    return Snapshot(
        entities={one.key: one for one in entities}, rules={one.id: one for one in rules}, read_at=NOW, **given
    )


def drawn(seen: Snapshot, filters: Filters = Filters()) -> list[str]:  # noqa: B008 - frozen
    """Routes in the order they are shown, by airport."""
    tiles = [tile_of(one, filters, seen, SAY) for one in shown(seen.entities.values(), filters, seen.rules)]
    return [key for group in grouped(tiles, seen, SAY) for key in group.keys]


def test_worst_first_then_dearest_among_groups_as_in_each() -> None:
    """100 late minutes in a day at US$ 100 are US$ 417 an hour."""
    seen = snapshot(
        lights("LGA-ORD", 7, arrival_delay_minutes=900),
        lights("JFK-BOS", 9),
        lights("JFK-LAX", 6, arrival_delay_minutes=50),
        lights("JFK-SFO", 6, arrival_delay_minutes=100),
        lights("EWR-MIA", 6, arrival_delay_minutes=120),
    )
    assert drawn(seen) == ["route#JFK-SFO", "route#JFK-LAX", "route#JFK-BOS", "route#EWR-MIA", "route#LGA-ORD"]


def test_a_wall_shows_what_is_in_alarm_screen_by_screen() -> None:
    """20 red routes from 1 to 20 late minutes, the dearest first, and a green one that no screen shows."""
    late = [lights(f"JFK-A{minutes:02}", 6, arrival_delay_minutes=minutes) for minutes in range(1, 21)]
    seen = snapshot(*late, lights("JFK-BOS", 9))
    tiles = [tile_of(one, Filters(), seen, SAY) for one in seen.entities.values()]
    first, second = in_screens(tiles)
    assert (first.airport, second.airport) == ("1–12 / 20", "13–20 / 20")
    assert first.keys[0] == "route#JFK-A20"
    assert (len(first.keys), len(second.keys)) == (ON_A_SCREEN, 8)
    assert second.counts == {Light.RED: 8}
    assert in_screens([tile_of(lights("JFK-BOS", 9), Filters(), seen, SAY)]) == []


def test_a_group_counts_its_lights_and_its_money() -> None:
    dear = lights("JFK-LAX", 6, arrival_delay_minutes=48)
    seen = snapshot(dear, lights("JFK-BOS", 9), lights("JFK-DEN", 2, flights=3))
    tiles = [tile_of(one, Filters(), seen, SAY) for one in seen.entities.values()]
    (group,) = grouped(tiles, seen, SAY)
    assert (group.airport, group.city) == ("JFK", "New York")
    assert group.counts == {Light.RED: 1, Light.GREY: 1, Light.GREEN: 1}
    assert group.usd_per_hour == 200  # 48 min x US$ 100 / 24 h


def test_a_tile_says_value_evidence_money_and_age() -> None:
    one = lights("JFK-LAX", 6, arrival_delay_minutes=48)
    tile = tile_of(one, Filters(), snapshot(one), SAY)
    assert (tile.light, tile.title, tile.value, tile.stake) == (Light.RED, "Late arrivals", "60.0 %", "US$ 200/h")
    assert tile.evidence == "On-time arrival (A14): 6 / 10 (n 10), last 24 h"
    assert tile.at_ms == 1_360_324_800_000  # 2013-02-08 12:00 UTC
    assert tile_of(one, Filters(), snapshot(one), DICHO).title == "Llegadas tarde"


def test_the_bound_that_decides_stands_beside_the_value() -> None:
    """0 of 10 on time: with one-sided 90 % (z = 1.2816) Wilson's upper bound is z^2 / (n + z^2) = 14.1 %."""
    one = lights("JFK-LAX", 0, (rule(confidence=0.9),))
    tile = tile_of(one, Filters(), snapshot(one, rules=(rule(confidence=0.9),)), SAY)
    assert tile.evidence == "On-time arrival (A14): 0 / 10 (n 10), ≤ 14.1 %, last 24 h"


def test_modelled_figures_are_marked() -> None:
    one = lights("JFK-LAX", 9, (LOSING,), ticket_revenue=100, fuel_cost=120, modelled_money=1)
    assert tile_of(one, Filters(), snapshot(one, rules=(LOSING,)), SAY).evidence.endswith("last 24 h (modelled)")


def test_grey_says_why() -> None:
    one = lights("JFK-LAX", 2, flights=3)
    tile = tile_of(one, Filters(), snapshot(one), SAY)
    assert (tile.light, tile.reason) == (Light.GREY, "too little evidence: 3 flights, the rule asks for 5")
    assert tile.usd_per_hour == 0


def test_late_arrivals_speak_where_nothing_is_in_alarm() -> None:
    """The margin has no revenue to divide by, so it is grey; the flights were on time."""
    one = lights("JFK-LAX", 9, (LOSING, PUNCTUAL))
    tile = tile_of(one, Filters(), snapshot(one, rules=(LOSING, PUNCTUAL)), SAY)
    assert (tile.rule, tile.light) == ("on_time_arrival", Light.GREEN)
    assert tile.unknown == "1 of 2 rules lack evidence"


def test_an_alarm_of_any_rule_speaks_first_and_the_others_stand_beside() -> None:
    one = lights("JFK-LAX", 7, (LOSING, PUNCTUAL), ticket_revenue=100, fuel_cost=120)
    tile = tile_of(one, Filters(), snapshot(one, rules=(LOSING, PUNCTUAL)), SAY)
    assert (tile.rule, tile.light, tile.others) == ("margin", Light.RED, ((Light.AMBER, "Late arrivals"),))


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        (Filters(), {"JFK-LAX", "LGA-ORD", "JFK-BOS"}),
        (Filters(airports=frozenset({"LAX"})), {"JFK-LAX"}),
        (Filters(airports=frozenset({"JFK", "ORD"})), {"JFK-LAX", "LGA-ORD", "JFK-BOS"}),
        (Filters(carriers=frozenset({"B6"})), {"JFK-LAX"}),
        (Filters(lights=frozenset({Light.RED})), {"JFK-LAX"}),
        (Filters(lights=frozenset({Light.RED}), airports=frozenset({"LGA"})), set()),
        (Filters(rules=frozenset({"margin"})), set()),
        (Filters(audiences=frozenset({"operations"})), {"JFK-LAX", "LGA-ORD", "JFK-BOS"}),
        (Filters(audiences=frozenset({"revenue"})), set()),
    ],
)
def test_filters(filters: Filters, left: set[str]) -> None:
    seen = snapshot(lights("JFK-LAX", 6, flown_by=("B6", "DL")), lights("LGA-ORD", 7), lights("JFK-BOS", 9))
    assert {one.name for one in shown(seen.entities.values(), filters, seen.rules)} == left


def test_what_can_be_filtered_by_is_what_is_there() -> None:
    found = choices_of(snapshot(lights("JFK-LAX", 6, flown_by=("DL", "B6")), lights("LGA-ORD", 7)))
    assert found.airports == ("JFK", "LAX", "LGA", "ORD")
    assert (found.carriers, found.rules, found.audiences) == (("B6", "DL"), ("late",), ("operations",))


def test_airports_and_carriers_are_no_routes() -> None:
    airport = msgspec.structs.replace(lights("JFK-LAX", 6), scope="airport", name="JFK")
    assert shown([airport], Filters(), {}) == []
    assert headline(airport, Filters(), {}) is not None


def test_who_took_it_on_and_what_is_silenced_stands_on_the_tile() -> None:
    one = lights("JFK-LAX", 6)
    alarm = OpenLight(light=Light.RED, acknowledged=Acknowledged("ana\u202e", NOW))
    assert tile_of(one, Filters(), snapshot(one, alarms={(one.key, "late"): alarm}), SAY).note == "taken on by ana"
    alarm = OpenLight(light=Light.RED, action=Action.SILENCE)
    assert tile_of(one, Filters(), snapshot(one, alarms={(one.key, "late"): alarm}), DICHO).note == "silenciada"


def test_a_trend_is_the_kpi_over_the_rows_that_are_kept() -> None:
    rows = [row(30 * step, on_time) for step, on_time in enumerate((9, 8, 0))]
    one = lights("JFK-LAX", 6)
    assert tile_of(one, Filters(), snapshot(one), SAY, rows).trend == (90.0, 80.0, 0.0)
    empty = row(0, 0, 0)
    assert tile_of(one, Filters(), snapshot(one), SAY, [empty]).trend == (None,)
