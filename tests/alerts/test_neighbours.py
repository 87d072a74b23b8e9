"""What a route's rules see of its airports: as they were then, however the rows came."""

import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerts.entity import ArrivedRow, EntityLights, fold
from alerts.items import lights_item, read_lights
from alerts.neighbours import Neighbours, keep
from rules.earlier import Earlier
from rules.load import Catalog
from rules.pooled import Logistic, PooledModel
from rules.pooled_features import BEFORE, MISS_FEATURES
from rules.rule import Thresholds
from schemas.lights import Light, Part
from schemas.rows import KpiRow
from tests.alerts.samples import NOW, minutes, row, rule
from tests.rules.making import stumps

MODEL = PooledModel(
    version=1,
    kpi="on_time_arrival",
    below=70,
    typical=0.2,
    miss=Logistic(0.0, dict.fromkeys(MISS_FEATURES, 0.0) | {"departures": 1.0}),
    risk=stumps(("missing", 0.4, -2.0, 0.5), ("missing", 3.0, 0.0, 3.4)),
    fitted="by hand: only departures at the airports count",
)
RISK = rule(model=MODEL, thresholds=Thresholds(amber=50, red=70, recover_amber=30, recover_red=60), min_n=1)


def airport(at_minutes: float, on_time: int, flights: int = 40, entity: str = "JFK") -> KpiRow:
    return row(
        at_minutes,
        on_time,
        flights,
        entity=entity,
        scope="airport",
        window="3h",
        departures=flights,
        departures_on_time=on_time,
    )


def seen(neighbours: Neighbours, at_minutes: float) -> list[KpiRow]:
    return [one for key, one in neighbours.context(row(at_minutes), {}).items() if key[2] == "3h"]


def seen_before(neighbours: Neighbours, at_minutes: float) -> KpiRow:
    return neighbours.context(row(at_minutes), {})["airport", "JFK", BEFORE]


def test_an_airport_is_seen_as_it_was_then() -> None:
    early, late = airport(0, 30), airport(10, 5)
    neighbours = Neighbours([late, early, row(5, entity="JFK", scope="airport"), airport(3, 9, entity="BOS")])
    assert seen(neighbours, 9.99) == [early]
    assert seen(neighbours, 10) == [late]
    assert seen(neighbours, 500) == [late]


def test_beside_it_stands_what_it_was_two_hours_earlier_or_now() -> None:
    rows = {minute: airport(minute, minute) for minute in (0, 15, 20, 119, 140, 151)}
    neighbours = Neighbours(rows.values())
    assert seen_before(neighbours, 155) == rows[20]  # 151 - 120 = 31, the last quarter ended at 30
    assert seen_before(neighbours, 150) == rows[15]  # 140 - 120 = 20, at 15
    assert seen_before(neighbours, 139) == rows[119], "nothing is two hours older than the newest"


@given(st.lists(st.integers(0, 600), min_size=1, unique=True).map(sorted), st.data())
def test_what_it_was_earlier_does_not_depend_on_batches(at_minutes: list[int], data: st.DataObject) -> None:
    """The rows of an airport in batches of any size, what is kept of those before beside them, and all of them at
    once as a replay sees them."""
    rows, all_of_them = [airport(minute, minute) for minute in at_minutes], Earlier()
    kept: tuple[KpiRow, ...] = ()
    while rows:
        size = data.draw(st.integers(1, len(rows)))
        batch, rows = rows[:size], rows[size:]
        neighbours = Neighbours([*kept, *batch])
        for one in batch:
            at = (one.at - minutes(0)) / timedelta(minutes=1)
            assert seen_before(neighbours, at) == all_of_them.than(one)
        kept = keep("airport", kept, batch)


def test_of_an_airport_that_is_ahead_the_oldest_row_must_do() -> None:
    assert seen(Neighbours([airport(10, 5), airport(20, 5)]), 0) == [airport(10, 5)]


def test_a_route_sees_its_own_other_windows_and_an_airport_sees_nothing() -> None:
    month = row(0, window="28d")
    assert Neighbours().context(row(0), {"28d": month}) == {month.key: month}
    assert Neighbours([airport(0, 1)]).context(airport(5, 1), {}) == {}


def test_an_airport_keeps_the_last_row_of_each_quarter_for_three_hours() -> None:
    """A row a minute for four hours, in any order and in any parts: 240 - 180 = 60 is the oldest that is kept."""
    rows = [airport(minute, 1) for minute in range(241)]
    expected = range(60, 241, 15)  # what ends a quarter closes it
    for luck in range(5):
        shuffled = random.Random(luck).sample(rows, len(rows))
        kept = keep("airport", keep("airport", (), shuffled[:100]), shuffled[100:])
        assert [(one.at - minutes(0)) // timedelta(minutes=1) for one in kept] == [*expected]
    assert keep("route", (), [row(0)]) == ()


def test_the_history_is_stored_with_the_airport() -> None:
    folded = fold(
        EntityLights(scope="airport", name="JFK"),
        [ArrivedRow(airport(minute, minute), 0) for minute in (40, 5, 20)],
        Catalog([RISK]),
        NOW,
        most_changes=9,
    )
    read = read_lights(lights_item(folded.after))
    assert [one["arrivals_on_time"] for one in read.history] == [5, 20, 40]
    assert read == folded.after


def test_a_route_turns_red_by_what_its_airports_do() -> None:
    """2 of 40 left JFK on time, (38 + 1) / 45 late: log(39/6) + log(1/4) = 0.49, above 0.4: 0.5 or 62 %. LAX too: 2
    log(6.5) = 3.7, above 3 as well: 3.9 or 98 %."""
    month, mine = row(0, 80, 90, window="28d"), row(0, 0, 0)
    states = []
    for airports in ([airport(0, 2)], [airport(0, 2), airport(0, 2, entity="LAX")]):
        folded = fold(
            EntityLights(scope="route", name="JFK-LAX"),
            [ArrivedRow(mine, 0), ArrivedRow(month, 0)],
            Catalog([RISK]),
            NOW,
            most_changes=9,
            neighbours=Neighbours(airports),
        )
        states.append(folded.after.rules["late"].state)
    one, both = states
    assert one.light is Light.AMBER
    assert one.evidence is not None
    assert one.evidence.pooled is not None
    assert round(one.evidence.pooled.risk) == 62
    assert both.light is Light.RED
    assert both.evidence is not None
    assert both.evidence.pooled is not None
    assert round(both.evidence.pooled.risk) == 98
    assert both.evidence.pooled.parts[1:] == (Part("JFK", 3, 2, 40), Part("LAX", 3, 2, 40))
    assert both.reason == (
        "0 of its own 0 flights of 12 h on time, JFK 2 of 40 in 3 h, LAX 2 of 40 in 3 h: risk 98 %: beyond red 70"
    )
    assert both.evidence.n == 90


def test_a_route_that_nobody_knows_is_grey_whatever_its_airports_do() -> None:
    folded = fold(
        EntityLights(scope="route", name="JFK-LAX"),
        [ArrivedRow(row(0, 0, 0), 0)],
        Catalog([RISK]),
        NOW,
        most_changes=9,
        neighbours=Neighbours([airport(0, 0), airport(0, 0, entity="LAX")]),
    )
    state = folded.after.rules["late"].state
    assert state.light is Light.GREY
    assert state.reason == "too little evidence: 0 flights, the rule asks for 1"
