"""The semáforo behind a stream that follows AWS's rules, by the deployed mapping: poison at every position, DynamoDB or
the quarantine away, for a while and for longer than AWS tries again."""

import itertools
import json
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from deploy.local import template
from lambdas import semaforo
from schemas.errors import Transient
from schemas.rows import KpiRow, pack_rows
from tests.alerts.samples import minutes
from tests.faulty_proxy import FaultyProxy, first
from tests.integration.alert_desk import HEARD, AlertDesk, new_route, trouble
from tests.kinesis_destination import on_failure_queue
from tests.kinesis_mapping import KinesisMapping, mapping_in
from tests.kinesis_poller import KinesisPoller
from tests.kinesis_shard import KinesisShard
from tests.lambdas.test_batch import POISON, kinesis_event

pytestmark = pytest.mark.integration

_streams = (f"semaforo-test-stream-{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def mapping() -> KinesisMapping:
    """As the template of the stage has it."""
    path = template.synthesise("test") / f"{template.stack_name('test')}.template.json"
    return mapping_in(json.loads(path.read_text()))


@pytest.fixture
def shard(desk: AlertDesk) -> KinesisShard:
    """One that only the test reads."""
    return KinesisShard(desk.client("kinesis"), next(_streams))


def handler(desk: AlertDesk, monkeypatch: pytest.MonkeyPatch, *, started: bool = True, **worker: Any) -> Any:
    """The function's entry point, with a worker of the desk; one that has run before knows the rules in force."""
    made = desk.worker(**worker)
    monkeypatch.setattr(semaforo, "worker", lambda: made)
    if started:
        semaforo.handler(kinesis_event(), None)
    return semaforo.handler


def each_in_a_record(rows: Sequence[KpiRow]) -> list[bytes]:
    return [pack_rows([one]) for one in rows]


def test_the_deployed_mapping_is_the_one_that_is_tested(desk: AlertDesk, mapping: KinesisMapping) -> None:
    assert mapping.reports
    assert mapping.bisect
    assert mapping.on_failure_queue == desk.outputs["QuarantineQueueUrl"].rpartition("/")[2]
    assert (mapping.batch_size, mapping.retry_attempts) == (100, 10)
    assert mapping.max_record_age == timedelta(hours=1)


@pytest.mark.parametrize("operation", ["BatchGetItem", "TransactWriteItems"])
def test_while_dynamodb_is_away_the_stream_waits_and_nothing_is_lost(
    desk: AlertDesk,
    route: str,
    proxy: FaultyProxy,
    monkeypatch: pytest.MonkeyPatch,
    mapping: KinesisMapping,
    shard: KinesisShard,
    operation: str,
) -> None:
    other = new_route()
    rows = [one for pair in zip(trouble(other), trouble(route), strict=True) for one in pair]
    poller = KinesisPoller(handler(desk, monkeypatch, endpoint_url=proxy.url), mapping._replace(batch_size=4))
    proxy.plan = first(9, operation, "refuse")  # more than the SDK tries by itself for two entities
    poller.read(shard.put(each_in_a_record(rows)))
    assert poller.discarded == []
    assert poller.invocations > 3
    desk.sweep()
    for name in (route, other):
        assert desk.sent_to_subscriber(name) == HEARD
        assert [e.transition.at for e in desk.log(name)] == [minutes(0), minutes(10), minutes(20), minutes(40)]


def test_a_worker_that_hides_its_failures_loses_rows(
    desk: AlertDesk,
    route: str,
    proxy: FaultyProxy,
    monkeypatch: pytest.MonkeyPatch,
    mapping: KinesisMapping,
    shard: KinesisShard,
) -> None:
    """Negative control: the same outage, the report left out."""
    honest = handler(desk, monkeypatch, endpoint_url=proxy.url)
    proxy.plan = first(4, "BatchGetItem", "refuse")
    poller = KinesisPoller(lambda event, context: honest(event, context) and None, mapping._replace(batch_size=3))
    poller.read(shard.put(each_in_a_record(trouble(route))))
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


def test_a_worker_that_raises_is_given_smaller_batches_and_nothing_is_lost(
    desk: AlertDesk,
    route: str,
    proxy: FaultyProxy,
    monkeypatch: pytest.MonkeyPatch,
    mapping: KinesisMapping,
    shard: KinesisShard,
) -> None:
    """One that has just started and cannot find out which rules are in force fails the batch whole."""
    sizes: list[int] = []
    answer = handler(desk, monkeypatch, started=False, endpoint_url=proxy.url)

    def counted(event: dict[str, Any], context: None) -> Any:
        sizes.append(len(event["Records"]))
        return answer(event, context)

    proxy.plan = first(4 * 4, "BatchGetItem", "refuse")  # the SDK tries four times
    poller = KinesisPoller(counted, mapping)
    poller.read(shard.put(each_in_a_record(trouble(route))))
    assert sizes == [5, 3, 2, 1, 1, 1, 1, 2], "halved thrice, then once more for the one that is left"
    assert poller.discarded == []
    assert desk.sent_to_subscriber(route) == HEARD
    assert [e.transition.at for e in desk.log(route)] == [minutes(0), minutes(10), minutes(20), minutes(40)]


@pytest.mark.parametrize("position", range(6))
def test_poison_is_quarantined_alone_wherever_it_stands(
    desk: AlertDesk,
    route: str,
    monkeypatch: pytest.MonkeyPatch,
    mapping: KinesisMapping,
    shard: KinesisShard,
    position: int,
) -> None:
    clean = new_route()
    desk.process(*trouble(clean))
    bad = list(POISON.values())
    for start in range(0, len(bad), 6):  # one kind at this position, the next kinds behind it
        records = each_in_a_record(trouble(route))
        kinds = bad[start : start + 6]
        records[position:position] = kinds[position:] + kinds[:position]
        delivered = shard.put(records)
        poller = KinesisPoller(handler(desk, monkeypatch), mapping)
        poller.read(delivered)
        assert (poller.invocations, poller.discarded) == (1, [])
        numbers = [record["kinesis"]["sequenceNumber"] for record in delivered]
        assert desk.quarantined(numbers) == Counter(numbers[position : position + len(kinds)])
    assert desk.lights(route) == desk.lights(clean)
    assert desk.sent_to_subscriber(route) == HEARD


def test_while_the_quarantine_is_away_poison_is_reported_and_its_neighbours_are_stored(
    desk: AlertDesk,
    route: str,
    proxy: FaultyProxy,
    monkeypatch: pytest.MonkeyPatch,
    mapping: KinesisMapping,
    shard: KinesisShard,
) -> None:
    proxy.plan = first(4, "SendMessage", "refuse")
    records = each_in_a_record(trouble(route))
    records.insert(2, b"poison")
    delivered = shard.put(records)
    poller = KinesisPoller(handler(desk, monkeypatch, endpoint_url=proxy.url), mapping)
    poller.read(delivered)
    assert (poller.invocations, poller.discarded) == (2, [])
    assert desk.sent_to_subscriber(route) == HEARD
    poison = delivered[2]["kinesis"]["sequenceNumber"]
    assert desk.quarantined([poison]) == Counter([poison])


def test_what_an_outage_outlasted_comes_back_from_the_stream_by_its_sequence_numbers(
    desk: AlertDesk,
    route: str,
    proxy: FaultyProxy,
    monkeypatch: pytest.MonkeyPatch,
    mapping: KinesisMapping,
    shard: KinesisShard,
) -> None:
    """DynamoDB is away longer than AWS tries again. The stream goes on without the batch; a person replays it later."""
    clean = new_route()
    desk.process(*trouble(clean))
    desk.given_up()
    answer = handler(desk, monkeypatch, endpoint_url=proxy.url)
    attempts = 3  # instead of the deployed ten, which wait a minute for nothing else
    few = mapping._replace(retry_attempts=attempts)
    poller = KinesisPoller(answer, few, on_failure_queue(desk.sqs, mapping))
    proxy.plan = lambda operation: "refuse" if operation == "BatchGetItem" else "pass"
    delivered = shard.put(each_in_a_record(trouble(route)))
    poller.read(delivered)
    numbers = [record["kinesis"]["sequenceNumber"] for record in delivered]
    assert (poller.invocations, poller.discarded) == (1 + attempts, numbers)

    proxy.plan = lambda _operation: "pass"
    elsewhere = new_route()
    poller.read(shard.put(each_in_a_record(trouble(elsewhere))))
    desk.sweep()
    assert desk.sent_to_subscriber(elsewhere) == HEARD, "the shard goes on"
    # The control: nothing else brings the batch back.
    assert desk.log(route) == []
    assert not desk.sent_to_subscriber(route)

    (failure,) = desk.given_up()
    assert failure["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert failure["requestContext"]["approximateInvokeCount"] == 1 + attempts
    assert "functionError" not in failure["responseContext"], "it answered, with a report"
    for _ in range(2):  # the second time nothing is new
        again = KinesisPoller(answer, mapping)
        again.read(shard.replay(failure))
        assert (again.invocations, again.discarded) == (1, [])
        assert desk.sent_to_subscriber(route) == HEARD
        assert desk.lights(route) == desk.lights(clean)
