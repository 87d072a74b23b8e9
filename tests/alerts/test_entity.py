"""Folding rows into an entity: order, repetition, limits, defects, episodes."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import entity
from alerts.entity import EntityLights
from rules import evaluate
from schemas.lights import Light
from schemas.rows import KpiRow
from tests.alerts.samples import catalog, folded, minutes, row, rule


def lights_of(changes: Any) -> list[str]:
    return [f"{c.transition.from_light}-{c.transition.to_light}" for c in changes]


def test_each_row_is_judged_and_the_version_counts_one_write() -> None:
    result = folded(row(0, 9), row(10, 6), row(20, 9))
    assert lights_of(result.changes) == ["GREY-GREEN", "GREEN-RED", "RED-GREEN"]
    assert result.after.version == 1
    assert result.after.worst is Light.GREEN
    assert result.after.rules["late"].state.at == minutes(20)
    assert result.after.rows["24h"] == row(20, 9)


def test_rows_of_a_batch_are_judged_in_order_of_event_time_whatever_order_they_arrive_in() -> None:
    in_order = folded(row(0, 9), row(10, 6), row(20, 9))
    shuffled = folded(row(20, 9), row(0, 9), row(10, 6))
    assert shuffled.changes == in_order.changes
    assert shuffled.after == in_order.after


def test_older_and_equal_rows_change_nothing_at_all() -> None:
    before = folded(row(0, 9), row(10, 6)).after
    again = folded(row(10, 6), row(0, 9), row(5, 0), before=before)
    assert again.changes == []
    assert again.after is before


def test_a_higher_revision_amends_the_same_instant() -> None:
    before = folded(row(0, 9)).after
    amended = folded(row(0, 6, revision=1), before=before)
    assert lights_of(amended.changes) == ["GREEN-RED"]
    assert amended.after.rows["24h"].revision == 1


def test_windows_are_ordered_each_for_itself() -> None:
    before = folded(row(10, 9)).after
    result = folded(row(5, 60, 70, window="7d"), before=before)
    assert set(result.after.rows) == {"24h", "7d"}
    assert result.after.rules["late"].state.at == minutes(10)


def test_an_entity_without_rules_keeps_its_newest_row_and_stays_grey() -> None:
    result = folded(row(0, 5, entity="JFK", scope="airport", window="3h"))
    assert result.changes == []
    assert result.after.worst is Light.GREY
    assert result.after.key == "airport#JFK"


def test_the_state_of_a_rule_that_left_the_catalogue_goes() -> None:
    before = folded(row(0, 9), by=catalog(rule(), rule(id="old"))).after
    assert set(before.rules) == {"late", "old"}
    assert set(folded(row(1, 9), before=before).after.rules) == {"late"}


def test_folding_stops_behind_the_row_that_fills_a_transaction() -> None:
    rows = [row(0, 9), row(1, 6), row(2, 9), row(3, 6), row(4, 9)]
    first = folded(*rows, most_changes=2)
    assert lights_of(first.changes) == ["GREY-GREEN", "GREEN-RED"]
    assert [one.row for one in first.left] == rows[2:]
    rest = entity.fold(first.after, first.left, catalog(), minutes(0), most_changes=40)
    assert lights_of(rest.changes) == ["RED-GREEN", "GREEN-RED", "RED-GREEN"]


def test_a_row_a_rule_breaks_on_is_a_defect_and_its_neighbours_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    real = evaluate.evaluate

    def broken(by: Any, one: KpiRow, *others: Any) -> Any:
        if by.id == "late" and one.at == minutes(1):
            raise ZeroDivisionError("no flights")
        return real(by, one, *others)

    monkeypatch.setattr(entity, "evaluate", broken)
    result = folded(row(0, 9), row(1, 6), row(2, 9), by=catalog(rule(), rule(id="other")))
    assert [(d.record, "ZeroDivisionError" in d.reason) for d in result.defects] == [(1, True)]
    assert lights_of(c for c in result.changes if c.transition.rule == "other") == [
        "GREY-GREEN",
        "GREEN-RED",
        "RED-GREEN",
    ]
    assert lights_of(c for c in result.changes if c.transition.rule == "late") == ["GREY-GREEN"]


def test_an_episode_runs_from_the_first_alarm_to_the_end_and_costs_what_its_rows_said() -> None:
    # 60 delay minutes x US$ 100 in 24 h are US$ 250 an hour; 120 are 500.
    result = folded(
        row(0, 9),
        row(60, 7, arrival_delay_minutes=60),  # amber from here: 250 an hour for 2 h
        row(180, 6, arrival_delay_minutes=120),  # red: 500 an hour for 1 h
        row(240, 9),
    )
    assert lights_of(result.changes) == ["GREY-GREEN", "GREEN-AMBER", "AMBER-RED", "RED-GREEN"]
    assert [c.episode and (c.episode.since_at, c.episode.usd) for c in result.changes] == [
        None,
        (minutes(60), 0),
        (minutes(60), pytest.approx(500)),
        (minutes(60), pytest.approx(1_000)),
    ]
    assert result.after.rules["late"].episode is None


def test_a_row_speaks_for_its_window_at_most() -> None:
    result = folded(row(0, 6, arrival_delay_minutes=60), row(60 * 24 * 10, 9))
    assert result.changes[-1].episode is not None
    assert result.changes[-1].episode.usd == pytest.approx(24 * 250)


rows_in_order = st.lists(st.tuples(st.integers(0, 10), st.integers(1, 30)), min_size=1, max_size=30).map(
    lambda steps: [row(10 * number + gap / 30, on_time) for number, (on_time, gap) in enumerate(steps)]
)


@given(rows_in_order, st.data())
def test_a_stream_that_is_cut_rewound_and_repeated_ends_as_if_read_once(
    rows: list[KpiRow], data: st.DataObject
) -> None:
    """As after a crash of the job or the worker: each batch begins anywhere before the end of the last one."""
    once = folded(*rows)
    lights, changes, read = EntityLights(scope="route", name="JFK-LAX"), [], 0
    while read < len(rows):
        begin = data.draw(st.integers(0, read), label="rewound to")
        end = data.draw(st.integers(read + 1, len(rows)), label="read until")
        batch = data.draw(st.permutations(rows[begin:end]), label="in any order")
        result = folded(*batch, before=lights)
        lights, read = result.after, end
        changes += result.changes
    assert changes == once.changes
    assert lights.rules == once.after.rules
    assert lights.rows == once.after.rows


def test_rows_that_overtake_each_other_between_batches_are_not_judged() -> None:
    """Negative control of the above: it needs the stream's order per entity. What comes behind its successor is old."""
    rows = [row(0, 9), row(10, 6), row(20, 9)]
    lights, changes = EntityLights(scope="route", name="JFK-LAX"), 0
    for one in reversed(rows):
        result = folded(one, before=lights)
        lights = result.after
        changes += len(result.changes)
    assert (changes, len(folded(*rows).changes)) == (1, 3)
    assert lights.rows["24h"] == rows[-1]


def test_a_gap_in_time_is_not_an_error() -> None:
    result = folded(row(0, 9), row(0 + timedelta(days=400) / timedelta(minutes=1), 9))
    assert lights_of(result.changes) == ["GREY-GREEN"]
