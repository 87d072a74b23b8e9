"""Items and back; sizes within what DynamoDB takes."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import items, outbox
from alerts.bodies import publication
from alerts.decide import Action, Decision
from alerts.entity import EntityLights
from alerts.messages import FIELD_CHARACTERS
from alerts.routing import Receiver
from alerts.writes import MOST_CHANGES
from rules.rule import Words
from schemas.lights import Alert
from tests.alerts.samples import NOW, catalog, folded, minutes, row, rule

ITEM_BYTES = 400 * 1024
SNS_BYTES = 256 * 1024


def alert() -> Alert:
    transition = folded(row(0, 9), row(10, 4, arrival_delay_minutes=60)).changes[-1].transition
    return Alert(
        alert_id=transition.alert_id, stage="demo", transition=transition, subject="s", text="t", text_es="é",
        decided_at=NOW, modelled=False,
    )  # fmt: skip


def size(item: items.Item) -> int:
    return len(msgspec.json.encode(item))


def test_an_entity_comes_back_as_it_was_stored() -> None:
    lights = folded(row(0, 9), row(10, 4), row(10, 40, 60, window="7d")).after
    assert items.read_lights(items.lights_item(lights)) == lights


def test_what_the_app_filters_on_stands_beside_the_compact_state() -> None:
    item = items.lights_item(folded(row(0, 9), row(10, 4, arrival_delay_minutes=60)).after)
    assert item["entity"] == {"S": "route#JFK-LAX"}
    assert item["worst"] == {"S": "RED"}
    assert item["lights"] == {"M": {"late": {"S": "RED"}}}
    assert item["usd_per_hour"] == {"N": "250"}
    assert item["modelled"] == {"BOOL": False}
    assert item["at"] == {"S": minutes(10).isoformat()}


def test_a_green_light_puts_nothing_at_stake() -> None:
    item = items.lights_item(folded(row(0, 9, arrival_delay_minutes=60)).after)
    assert item["usd_per_hour"] == {"N": "0"}


def test_a_row_that_changes_no_light_writes_three_attributes() -> None:
    before = folded(row(0, 9)).after
    assert items.changed_attributes(before, folded(row(10, 9), before=before).after).keys() == {"version", "at", "kept"}
    worse = folded(row(10, 4, arrival_delay_minutes=60), before=before).after
    written = items.changed_attributes(before, worse)
    assert (written["worst"], written["usd_per_hour"]) == ({"S": "RED"}, {"N": "250"})


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 3)), min_size=2, max_size=20))
def test_what_a_write_changes_makes_the_item_what_it_would_be_written_whole(rows: list[tuple[int, int]]) -> None:
    before = EntityLights(scope="route", name="JFK-LAX")
    item = items.lights_item(before)
    for number, (on_time, modelled) in enumerate(rows):
        after = folded(row(number, on_time, modelled_operations=modelled), before=before).after
        item |= items.changed_attributes(before, after)
        assert item == items.lights_item(after)
        before = after


@given(st.lists(st.integers(0, 10), min_size=1, max_size=40))
def test_any_history_comes_back(on_time: list[int]) -> None:
    result = folded(*(row(number, count) for number, count in enumerate(on_time)))
    assert items.read_lights(items.lights_item(result.after)) == result.after
    for change in result.changes:
        entry = items.read_log_entry(items.log_item(change, Decision(Action.SEND, "why"), NOW))
        assert (entry.transition, entry.row, entry.rule) == (change.transition, change.row, change.rule)
        assert (entry.alert_id, entry.episode, entry.sent_at) == (change.transition.alert_id, change.episode, None)
        assert entry.decisions == [(NOW.isoformat(), "send", "why")]


def test_only_what_is_to_be_sent_stands_in_the_pending_index() -> None:
    waiting = outbox.pending_of(alert(), ("default",))
    sent, held = (outbox.outbox_item(waiting, Decision(a, "")) for a in (Action.SEND, Action.HOLD))
    assert "pending_shard" in sent
    assert "expires_at" not in sent, "an alert that waits to be sent must not expire"
    assert "pending_shard" not in held
    assert held["expires_at"] == {"N": str(int((NOW + outbox.SENT_KEPT).timestamp()))}
    assert outbox.read_outbox_item(sent) == waiting


def test_the_log_sorts_by_event_time() -> None:
    changes = folded(row(0, 9), row(10, 4), row(600, 9), row(60 * 24 * 300, 4)).changes
    keys = [items.log_sk(change.transition) for change in changes]
    assert keys == sorted(keys)
    assert keys[1] == "2013-02-08T12:10:00+00:00#late#RED"


def test_pending_shards_are_all_used() -> None:
    assert {outbox.pending_shard(f"{number:024x}") for number in range(100)} == {"0", "1", "2", "3"}


def test_an_entity_with_a_hundred_rules_and_a_flap_an_hour_fits_an_item() -> None:
    many = catalog(*(rule(id=f"a_rule_with_a_long_name_{number}", window="24h") for number in range(100)))
    flapping = [row(60 * hour, 9 if hour % 2 else 4, arrival_delay_minutes=60) for hour in range(30)]
    lights = EntityLights(scope="route", name="JFK-LAX")
    for one in flapping:
        lights = folded(one, by=many, before=lights, most_changes=1_000).after
    assert size(items.lights_item(lights)) < ITEM_BYTES


def test_one_fold_fits_one_transaction() -> None:
    """State; per transition its log and outbox entry, the alarm that stands, and an entry in a storm's list."""
    assert 1 + 4 * MOST_CHANGES <= 100


def test_the_longest_texts_fit_log_outbox_and_sns() -> None:
    long = "é" * 5_000
    wordy = rule(title=Words(en=long, es=long), advice=Words(en=long, es=long), runbook="r" * FIELD_CHARACTERS)
    change = folded(row(0, 4), by=catalog(wordy)).changes[-1]
    assert size(items.log_item(change, Decision(Action.SEND, long), NOW)) < ITEM_BYTES
    big = msgspec.structs.replace(alert(), text=long, text_es=long)
    assert size(outbox.outbox_item(outbox.pending_of(big, ("default",)), Decision(Action.SEND, long))) < ITEM_BYTES
    assert len(publication(big, Receiver())["Message"].encode()) < SNS_BYTES


@pytest.mark.parametrize("revision", [0, 7])
def test_an_alert_has_the_same_id_whenever_and_wherever_it_is_decided(revision: int) -> None:
    first = folded(row(0, 9), row(10, 4, revision=revision)).changes[-1].transition
    again = folded(row(0, 9), row(10, 4, revision=revision, ingested_at=NOW + timedelta(days=1))).changes[-1].transition
    assert first.alert_id == again.alert_id
    assert len(first.alert_id) == 24
