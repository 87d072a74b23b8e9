"""What people get when the worker is killed at any call, or SNS goes away: every alert, and once but for one window."""

import signal
from collections import Counter
from typing import Any

import pytest

from schemas.errors import Transient
from schemas.rows import pack_rows
from tests.faulty_proxy import FaultyProxy, first
from tests.integration.alert_desk import HEARD, HEARD_OF_SHORT, AlertDesk, new_route, short_trouble, trouble
from tests.lambdas.test_batch import kinesis_event

pytestmark = pytest.mark.integration


# The rules in force; the lights; what people know of them and the causes; the silences; the causes, the lights, both
# alerts and their marks; that rows come.
CALLS_OF_A_RUN = [
    "BatchGetItem", "BatchGetItem", "BatchGetItem", "Query", "PutItem", "TransactWriteItems",
    "PublishBatch", "TransactWriteItems", "BatchGetItem", "PutItem",
]  # fmt: skip
PUBLISHED_NOT_MARKED = {(6, True), (7, False)}


@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(len(CALLS_OF_A_RUN)))
def test_killed_at_any_call_every_alert_arrives_and_repeats_only_in_the_named_window(
    desk: AlertDesk, route: str, proxy: FaultyProxy, number: int, answered: bool
) -> None:
    """The function's process is SIGKILLed before or after its n-th call takes effect; then the stream delivers the
    batch again, as it does after a crash, and the sweeper comes by."""
    event = kinesis_event(*(pack_rows([one]) for one in short_trouble(route)))
    died: list[str] = []

    def plan(operation: str) -> Any:
        if len(proxy.calls) <= number:
            return "pass"
        if answered and len(proxy.calls) == number + 1:
            died.append(operation)
            return "lose answer"  # it takes effect; the process dies below, before it can try again
        died.append(operation)
        child.kill()
        return "refuse"

    proxy.plan = plan
    child = desk.run_handler(event, proxy.url)
    assert child.exit_code() == -signal.SIGKILL
    assert died[0] == CALLS_OF_A_RUN[number]

    desk.process(*short_trouble(route))
    desk.sweep()
    heard = desk.sent_to_subscriber(route)
    assert heard.keys() == HEARD_OF_SHORT.keys(), "nothing is missing"
    assert heard.total() == 2 + 2 * ((number, answered) in PUBLISHED_NOT_MARKED)
    assert desk.sweep().found == 0


def test_without_the_sweeper_an_alert_of_a_killed_worker_never_comes(
    desk: AlertDesk, route: str, proxy: FaultyProxy
) -> None:
    """Negative control: the stream alone does not bring it, for its rows are old by then."""

    def plan(operation: str) -> Any:
        if operation != "PublishBatch":
            return "pass"
        child.kill()
        return "refuse"

    proxy.plan = plan
    child = desk.run_handler(kinesis_event(*(pack_rows([one]) for one in trouble(route))), proxy.url)
    assert child.exit_code() == -signal.SIGKILL
    desk.process(*trouble(route))
    assert desk.sent_to_subscriber(route) == Counter()
    assert desk.sweep().sent == 3
    assert desk.sent_to_subscriber(route) == HEARD


def test_an_answer_that_got_lost_is_not_taken_for_a_refusal(desk: AlertDesk, route: str, proxy: FaultyProxy) -> None:
    """The transaction took effect and the SDK tries it again with the same token."""
    proxy.plan = first(1, "TransactWriteItems", "lose answer")
    outcome = desk.process(*trouble(route), endpoint_url=proxy.url)
    assert (outcome.failed, outcome.sent) == ({}, 3)
    assert desk.sent_to_subscriber(route) == HEARD


def test_while_sns_is_away_alerts_wait_and_nothing_else_does(desk: AlertDesk, route: str, proxy: FaultyProxy) -> None:
    proxy.plan = first(10_000, "PublishBatch", "refuse")
    outcome = desk.process(*trouble(route), endpoint_url=proxy.url)
    assert (outcome.failed, outcome.sent, outcome.unsent) == ({}, 0, 3)
    assert desk.sent_to_subscriber(route) == Counter()
    swept = desk.sweep(proxy.url)
    assert (swept.sent, swept.failed) == (0, 3)
    assert desk.sweep().sent == 3
    assert desk.sent_to_subscriber(route) == HEARD
    assert {e.decisions[-1][2] for e in desk.log(route)[1:]} == {"by the sweeper"}


def test_a_sweep_gives_up_the_minute_when_every_alert_fails(desk: AlertDesk, proxy: FaultyProxy) -> None:
    routes = [new_route() for _ in range(3)]
    proxy.plan = first(10_000, "PublishBatch", "refuse")
    desk.process(*(one for name in routes for one in trouble(name)), endpoint_url=proxy.url)
    with pytest.raises(Transient, match="4 alerts could not be sent"):
        desk.sweep(proxy.url)
    assert desk.sweep().sent == 9
    assert all(desk.sent_to_subscriber(name) == HEARD for name in routes)


def test_two_sweepers_at_once_send_each_alert_once(desk: AlertDesk, proxy: FaultyProxy) -> None:
    routes = [new_route() for _ in range(5)]
    proxy.plan = first(10_000, "PublishBatch", "refuse")
    desk.process(*(one for name in routes for one in trouble(name)), endpoint_url=proxy.url)
    assert sum(one.sent for one in desk.sweep_at_once(3)) == 15
    assert all(desk.sent_to_subscriber(name) == HEARD for name in routes)
