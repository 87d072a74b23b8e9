"""The semáforo behind a stream that follows AWS's rules: poison at every position, DynamoDB or the quarantine away."""

from collections import Counter
from typing import Any

import pytest

from lambdas import semaforo
from schemas.errors import Transient
from schemas.rows import pack_rows
from tests.alerts.samples import minutes
from tests.faulty_proxy import FaultyProxy, first
from tests.integration.alert_desk import HEARD, AlertDesk, new_route, trouble
from tests.kinesis_poller import KinesisPoller
from tests.lambdas.test_batch import POISON, kinesis_event

pytestmark = pytest.mark.integration


def handler(desk: AlertDesk, monkeypatch: pytest.MonkeyPatch, **worker: Any) -> Any:
    """The function's entry point, with a worker of the desk that has run before: it knows the rules in force."""
    made = desk.worker(**worker)
    monkeypatch.setattr(semaforo, "worker", lambda: made)
    semaforo.handler(kinesis_event(), None)
    return semaforo.handler


@pytest.mark.parametrize("operation", ["BatchGetItem", "TransactWriteItems"])
def test_while_dynamodb_is_away_the_stream_waits_and_nothing_is_lost(
    desk: AlertDesk, route: str, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    other = new_route()
    records = [pack_rows([one]) for pair in zip(trouble(other), trouble(route), strict=True) for one in pair]
    poller = KinesisPoller(handler(desk, monkeypatch, endpoint_url=proxy.url), batch_size=4)
    proxy.plan = first(9, operation, "refuse")  # more than the SDK tries by itself for two entities
    poller.read(kinesis_event(*records)["Records"])
    assert poller.discarded == []
    assert poller.invocations > 3
    desk.sweep()
    for name in (route, other):
        assert desk.sent_to_subscriber(name) == HEARD
        assert [e.transition.at for e in desk.log(name)] == [minutes(0), minutes(10), minutes(20), minutes(40)]


def test_a_worker_that_hides_its_failures_loses_rows(
    desk: AlertDesk, route: str, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: the same outage, the report left out."""
    honest = handler(desk, monkeypatch, endpoint_url=proxy.url)
    proxy.plan = first(4, "BatchGetItem", "refuse")
    poller = KinesisPoller(lambda event, context: honest(event, context) and None, batch_size=3)
    poller.read(kinesis_event(*(pack_rows([one]) for one in trouble(route)))["Records"])
    desk.sweep()
    assert desk.sent_to_subscriber(route) != HEARD


def test_where_reports_are_ignored_a_failure_fails_the_batch(
    desk: AlertDesk, route: str, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = handler(desk, monkeypatch, endpoint_url=proxy.url, partial_failures="raise")
    proxy.plan = first(4, "BatchGetItem", "refuse")
    event = kinesis_event(*(pack_rows([one]) for one in trouble(route)))
    with pytest.raises(Transient, match="5 of 5 records"):
        answer(event, None)
    assert answer(event, None) == {"batchItemFailures": []}
    assert desk.sent_to_subscriber(route) == HEARD


@pytest.mark.parametrize("position", range(6))
def test_poison_is_quarantined_alone_wherever_it_stands(
    desk: AlertDesk, route: str, monkeypatch: pytest.MonkeyPatch, position: int
) -> None:
    clean = new_route()
    desk.process(*trouble(clean))
    bad = list(POISON.values())
    for start in range(0, len(bad), 6):  # one kind at this position, the next kinds behind it
        records = [pack_rows([one]) for one in trouble(route)]
        kinds = bad[start : start + 6]
        records[position:position] = kinds[position:] + kinds[:position]
        event = kinesis_event(*records)
        for record in event["Records"]:
            record["kinesis"]["sequenceNumber"] = f"{route}.{start}.{record['kinesis']['sequenceNumber']}"
        assert handler(desk, monkeypatch)(event, None) == {"batchItemFailures": []}
        numbers = [record["kinesis"]["sequenceNumber"] for record in event["Records"]]
        assert desk.quarantined(numbers) == Counter(numbers[position : position + len(kinds)])
    assert desk.lights(route) == desk.lights(clean)
    assert desk.sent_to_subscriber(route) == HEARD


def test_while_the_quarantine_is_away_poison_is_reported_and_its_neighbours_are_stored(
    desk: AlertDesk, route: str, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.plan = first(4, "SendMessage", "refuse")
    records = [pack_rows([one]) for one in trouble(route)]
    records.insert(2, b"poison")
    event = kinesis_event(*records)
    for record in event["Records"]:
        record["kinesis"]["sequenceNumber"] = f"{route}.{record['kinesis']['sequenceNumber']}"
    poller = KinesisPoller(handler(desk, monkeypatch, endpoint_url=proxy.url))
    poller.read(event["Records"])
    assert (poller.invocations, poller.discarded) == (2, [])
    assert desk.sent_to_subscriber(route) == HEARD
    assert desk.quarantined([f"{route}.s2"]) == Counter([f"{route}.s2"])
