"""Lights, log, outbox and SNS on the local cloud: what people get when rows repeat and workers race."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.decide import Action
from lambdas import semaforo
from tests.alerts.samples import minutes, row
from tests.faulty_proxy import FaultyProxy
from tests.integration.alert_desk import HEARD, AlertDesk, new_route, trouble

pytestmark = pytest.mark.integration


def test_each_transition_is_stored_sent_once_and_logged_with_its_reason(desk: AlertDesk, route: str) -> None:
    outcome = desk.process(*trouble(route))
    assert (outcome.rows, outcome.sent, outcome.unsent, outcome.failed) == (5, 3, 0, {})
    assert outcome.transitions == {"GREEN": 2, "AMBER": 1, "RED": 1}
    assert desk.sent_to_subscriber(route) == HEARD
    log = desk.log(route)
    assert [(e.transition.at, e.transition.to_light.value) for e in log] == [
        (minutes(0), "GREEN"), (minutes(10), "AMBER"), (minutes(20), "RED"), (minutes(40), "GREEN"),
    ]  # fmt: skip
    assert [[action for _, action, _ in e.decisions] for e in log] == [["log"], *[["send", "sent"]] * 3]
    assert all((e.sent_at is not None) == (e.decisions[0][1] == Action.SEND) for e in log)
    assert desk.sweep().found == 0


def test_a_replay_sends_nothing(desk: AlertDesk, route: str) -> None:
    desk.process(*trouble(route))
    before = desk.lights(route)
    for _ in range(3):
        assert desk.process(*trouble(route)).transitions == {}
    assert desk.sent_to_subscriber(route) == HEARD
    assert desk.lights(route) == before


def forget(desk: AlertDesk, route: str) -> None:
    """The state of a route is lost, as by an operator's mistake; log and outbox stay."""
    desk.dynamodb.delete_item(TableName=desk.settings.lights_table, Key={"entity": {"S": f"route#{route}"}})


def test_a_replay_after_the_state_was_lost_sends_nothing_either(desk: AlertDesk, route: str) -> None:
    desk.process(*trouble(route))
    log = desk.log(route)
    forget(desk, route)
    assert desk.process(*trouble(route)).sent == 0
    assert desk.sent_to_subscriber(route) == HEARD
    assert desk.log(route)[1:] == log[1:], "what was decided and sent then is still on record"
    assert '"worst": {"S": "GREEN"}' in desk.lights(route)


def without_conditions(worker: semaforo.Worker) -> semaforo.Worker:
    """Strips every condition from what the store writes."""

    def strip(params: dict[str, Any], **_: Any) -> None:
        for action in params["TransactItems"]:
            for part in action.values():
                if part["TableName"].endswith(("lights", "outbox", "delivery")) and "UpdateExpression" not in part:
                    for name in ("ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"):
                        part.pop(name, None)

    worker.semaforo._store._dynamodb.meta.events.register("provide-client-params.dynamodb.TransactWriteItems", strip)
    return worker


def test_without_conditions_the_same_replay_sends_everything_again(desk: AlertDesk, route: str) -> None:
    """Negative control: the test above can fail."""
    desk.process(*trouble(route))
    forget(desk, route)
    without_conditions(desk.worker()).semaforo.process([trouble(route)])
    assert desk.sent_to_subscriber(route) == Counter(dict.fromkeys(HEARD, 2))


streams = st.lists(st.integers(0, 10), min_size=2, max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(on_time=streams, data=st.data())
def test_cut_rewound_repeated_and_mixed_streams_end_as_if_read_once(
    desk: AlertDesk, on_time: list[int], data: st.DataObject
) -> None:
    once, again, other = new_route(), new_route(), new_route()
    desk.process(*(row(10 * number, count, entity=once) for number, count in enumerate(on_time)))
    rows = [row(10 * number, count, entity=again) for number, count in enumerate(on_time)]
    read = 0
    while read < len(rows):
        begin = data.draw(st.integers(0, read), label="rewound to")
        end = data.draw(st.integers(read + 1, len(rows)), label="read until")
        strangers = [row(number, 6, entity=other) for number in range(data.draw(st.integers(0, 2)))]
        batch = data.draw(st.permutations([*rows[begin:end], *strangers]), label="in any order")
        desk.process(*batch)
        read = end
    assert desk.lights(again) == desk.lights(once)
    assert desk.sent_to_subscriber(again) == desk.sent_to_subscriber(once)
    assert [e.transition.at for e in desk.log(again)] == [e.transition.at for e in desk.log(once)]


def test_workers_that_race_for_one_entity_make_each_transition_once(desk: AlertDesk, route: str) -> None:
    workers = [desk.worker() for _ in range(4)]
    with ThreadPoolExecutor(len(workers)) as pool:
        for one in trouble(route):
            outcomes = list(pool.map(lambda worker, one=one: worker.semaforo.process([[one]]), workers))
            assert all(not outcome.failed for outcome in outcomes)
    assert desk.sent_to_subscriber(route) == HEARD
    assert len(desk.log(route)) == 4


def test_a_worker_that_was_overtaken_judges_anew(desk: AlertDesk, route: str, proxy: FaultyProxy) -> None:
    """Deterministically: another worker stores the same rows between this one's read and its write."""
    overtaken = iter([True])

    def plan(operation: str) -> Any:
        if operation == "TransactWriteItems" and next(overtaken, False):
            desk.process(*trouble(route)[:3])
        return "pass"

    proxy.plan = plan
    outcome = desk.process(*trouble(route), endpoint_url=proxy.url)
    assert outcome.transitions == {"GREEN": 1}, "the rest was the other's"
    assert desk.sent_to_subscriber(route) == HEARD


def test_alarms_of_a_batch_share_their_calls(desk: AlertDesk, proxy: FaultyProxy) -> None:
    """Twelve routes, each for the first time (four actions), then with an alarm (state, log, outbox, what is known)."""
    routes = [new_route() for _ in range(12)]
    worker = desk.worker(proxy.url).semaforo
    for minute, on_time in ((0, 9), (10, 6)):
        proxy.calls.clear()
        outcome = worker.process([[row(minute, on_time, entity=one)] for one in routes])
        assert outcome.failed == {}
    assert (outcome.sent, outcome.unsent) == (12, 0)
    assert Counter(proxy.calls)["PublishBatch"] == 2, "ten a call"
    assert Counter(proxy.calls)["TransactWriteItems"] == 3, "48 actions at once, then the marks of each call"
    assert all(desk.sent_to_subscriber(one) == Counter({"RED 12:10": 1}) for one in routes)
    assert {e.decisions[-1][1] for one in routes for e in desk.log(one)[1:]} == {"sent"}


@pytest.mark.parametrize("trouble_of", ["overtaken", "an earlier life"])
def test_a_route_that_is_refused_takes_none_with_it(desk: AlertDesk, proxy: FaultyProxy, trouble_of: str) -> None:
    routes = [new_route() for _ in range(5)]
    desk.process(*(row(0, 9, entity=one) for one in routes))
    mine = [row(10, 6, entity=one) for one in routes]
    if trouble_of == "an earlier life":
        desk.process(mine[2])
        forget(desk, routes[2])
        mine.insert(0, row(0, 9, entity=routes[2]))
    late = iter([trouble_of == "overtaken"])

    def plan(operation: str) -> Any:
        if operation == "TransactWriteItems" and next(late, False):
            desk.process(mine[2])
        return "pass"

    proxy.plan = plan
    outcome = desk.process(*mine, endpoint_url=proxy.url)
    assert (outcome.failed, outcome.sent) == ({}, 4)
    assert all(desk.sent_to_subscriber(one) == Counter({"RED 12:10": 1}) for one in routes)
    assert {desk.lights(one).count('"RED"') for one in routes} == {desk.lights(routes[0]).count('"RED"')}


def test_an_alert_whose_mark_is_refused_leaves_the_marks_of_the_others(desk: AlertDesk, proxy: FaultyProxy) -> None:
    """Another worker marked it meanwhile: all marks of the call are refused, so each is tried alone."""
    routes = [new_route() for _ in range(3)]
    desk.process(*(row(0, 9, entity=one) for one in routes))

    def plan(operation: str) -> Any:
        if operation == "PublishBatch" and proxy.calls.count("PublishBatch") == 1:
            assert desk.sweep().sent == 3
        return "pass"

    proxy.plan = plan
    outcome = desk.process(*(row(10, 6, entity=one) for one in routes), endpoint_url=proxy.url)
    assert (outcome.failed, outcome.sent) == ({}, 3)
    assert [desk.sent_to_subscriber(one) for one in routes] == [Counter({"RED 12:10": 2})] * 3, "the sweeper's too"
    assert [[d[1] for d in desk.log(one)[1].decisions] for one in routes] == [["send", "sent"]] * 3


def test_without_conditions_overtaken_workers_send_twice(desk: AlertDesk, route: str, proxy: FaultyProxy) -> None:
    """Negative control of the above."""
    overtaken = iter([True])

    def plan(operation: str) -> Any:
        if operation == "TransactWriteItems" and next(overtaken, False):
            desk.process(*trouble(route))
        return "pass"

    proxy.plan = plan
    without_conditions(desk.worker(proxy.url)).semaforo.process([trouble(route)])
    assert desk.sent_to_subscriber(route) == Counter(dict.fromkeys(HEARD, 2))


def test_more_transitions_than_a_transaction_holds_are_stored_in_order(desk: AlertDesk, route: str) -> None:
    flapping = [row(number, 9 if number % 2 else 6, entity=route) for number in range(130)]
    outcome = desk.process(*flapping)
    assert (outcome.failed, outcome.sent) == ({}, 130)
    assert [e.transition.at for e in desk.log(route)] == [minutes(number) for number in range(130)]


def test_two_hundred_entities_in_one_record(desk: AlertDesk) -> None:
    names = [new_route() for _ in range(210)]
    first_rows, second_rows = ([row(at, 9, entity=name) for name in names] for at in (0, 10))
    for rows in (first_rows, second_rows):
        outcome = desk.worker().semaforo.process([rows])
        assert (outcome.rows, outcome.failed) == (210, {})
    assert {desk.lights(name) for name in names} == {desk.lights(names[0])}
