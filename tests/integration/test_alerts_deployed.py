"""The functions as they are deployed, with their bundle and their roles, on the local cloud that enforces both."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from schemas.rows import pack_rows
from tests.alerts.samples import minutes, row
from tests.faulty_proxy import FaultyProxy, first
from tests.integration.alert_desk import HEARD, AlertDesk, now, trouble

pytestmark = pytest.mark.integration

DEADLINE_SECONDS = 60.0


@pytest.fixture(scope="module", autouse=True)
def _no_sweeps_but_ours(desk: AlertDesk) -> None:
    """The template's rule has the sweeper run each minute, from a minute after it was made: it would send the alerts
    before a test looked, or some of them beside the test's own sweep."""
    events, rule = desk.client("events"), f"semaforo-{desk.settings.stage}-sweep"
    events.disable_rule(Name=rule)
    assert events.describe_rule(Name=rule)["State"] == "DISABLED"


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Look until it is so; AssertionError after the deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not within {DEADLINE_SECONDS:g} s: {what}"
        time.sleep(0.02)


def test_the_stream_brings_rows_to_the_tables_and_poison_to_the_quarantine(desk: AlertDesk, route: str) -> None:
    """New entities, known ones (written another way), and garbage between them."""
    kinesis = desk.client("kinesis")

    def put(data: bytes) -> str:
        stream = desk.outputs["KpiStream"]
        return str(kinesis.put_record(StreamName=stream, Data=data, PartitionKey=route)["SequenceNumber"])

    def is_stored(at: datetime) -> bool:
        key = {"entity": {"S": f"route#{route}"}}
        item = desk.dynamodb.get_item(TableName=desk.settings.lights_table, Key=key).get("Item", {})
        return bool(item) and item["at"]["S"] == at.isoformat()

    poison = []
    for step in range(4):
        put(pack_rows([row(10 * step, 9, entity=route, ingested_at=now())]))
        poison.append(put(b"garbage"))
        wait_until(partial(is_stored, minutes(10 * step)), f"row {step} is stored")
    found: Counter[str] = Counter()

    def all_there() -> bool:
        found.update(desk.quarantined(poison))
        return found.total() >= len(poison)

    wait_until(all_there, "the garbage is in quarantine")
    assert found == Counter(poison)


def test_the_sweeper_sends_what_a_dead_worker_left(desk: AlertDesk, route: str, proxy: FaultyProxy) -> None:
    proxy.plan = first(10_000, "PublishBatch", "refuse")
    long_ago = desk.worker(proxy.url, clock=lambda: now() - timedelta(minutes=5))
    assert long_ago.semaforo.process([trouble(route)]).unsent == 3
    assert not desk.sent_to_subscriber(route)
    assert desk.invoke_sweeper() == {"found": 3, "sent": 3, "failed": 0, "said": 0}
    assert desk.sent_to_subscriber(route) == HEARD


def test_the_sweeper_leaves_to_a_worker_what_it_may_still_be_sending(
    desk: AlertDesk, route: str, proxy: FaultyProxy
) -> None:
    """Negative control of the above: the same, just decided."""
    proxy.plan = first(10_000, "PublishBatch", "refuse")
    desk.process(*trouble(route), endpoint_url=proxy.url)
    assert desk.invoke_sweeper() == {"found": 0, "sent": 0, "failed": 0, "said": 0}
    assert not desk.sent_to_subscriber(route)
