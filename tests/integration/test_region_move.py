"""A stage moved to another region, as the runbook has it: tables copied, the job fed from raw and without a snapshot.

Two local stacks are the two regions. The same lights, the same rules, nothing told again, and what comes then judged
from where the first region stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from alerts.documents import Documents
from alerts.history import History, StoredAlert
from alerts.items import LogEntry
from alerts.live_catalog import publish
from alerts.settings import TABLES, AlertSettings
from deploy.demo.listeners import StreamReader, Subscriber
from deploy.local.stack import Stack
from deploy.raw_replay import messages, put_back
from deploy.table_copy import copy_missing
from schemas.events import utc
from schemas.rows import to_ms
from tests.flink_jobs.made_up import ROUTES
from tests.flink_jobs.reference import Expected, Key, expected_rows
from tests.integration.kpi_jobs import PROPERTIES
from tests.integration.kpi_topics import Topics
from tests.integration.test_upgrade_drills import BEFORE, NEVER, PANE_MS, key_of, newest_of
from tests.integration.traffic import Traffic

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1_200)]

STAGE = "test"
Log = dict[str, list[LogEntry]]


class Region:
    """A stack of the stage, with listeners at its stream and its topic."""

    def __init__(self, folder: Path, *, history: bool) -> None:
        self.stack = Stack(STAGE, folder, bound=True)
        self._keeps = history

    def start(self) -> None:
        self.stack.start(history=self._keeps)
        self.topics = Topics(self.stack.kafka)
        self.dynamodb: Any = self.stack.cloud.client("dynamodb")
        topic = self.stack.outputs["AlertsTopicArn"]
        settings = AlertSettings.read({"SEMAFORO_STAGE": STAGE, "SEMAFORO_ALERTS_TOPIC_ARN": topic})
        self.history, self.documents = History(self.dynamodb, settings), Documents(self.dynamodb, settings)
        self.reader = StreamReader(self.stack.cloud, self.stack.outputs["KpiStream"])
        self.subscriber = Subscriber(self.stack.cloud, self.stack.outputs["AlertsDemoQueueUrl"])
        self.reader.start()
        self.subscriber.start()

    def start_job(self) -> None:
        self.stack.start_job({**PROPERTIES, "stage": STAGE, "stream": self.stack.outputs["KpiStream"]})

    def log(self) -> Log:
        return {"-".join(ends): self.history.log(f"route#{'-'.join(ends)}", NEVER) for ends in ROUTES}

    def changes(self) -> int:
        return sum(map(len, self.log().values()))

    def rows(self) -> dict[Key, Expected]:
        return {
            key_of(row): Expected(row.events, to_ms(row.ingested_at), row.measures, row.flown_by)
            for row in list(self.reader.rows)
        }

    def settle(self, traffic: Traffic) -> dict[Key, Expected]:
        """Till every row of what was sent is out and judged, and everybody is told; what the rows should be."""
        traffic.stop()
        expected = expected_rows(self.topics.facts().values(), PANE_MS)
        traffic.go_on_till(lambda: expected.keys() <= self.rows().keys(), "all rows")
        newest = max(key.at_ms for key in expected if key.scope == "route")
        traffic.go_on_till(lambda: newest in {newest_of(one.rows) for one in self.history.lights()}, "all are judged")
        traffic.go_on_till(self._told, "all are told")
        self.reader.finish()
        self.subscriber.finish()
        return expected

    def _told(self) -> bool:
        alerts = self.history.alerts()
        heard = self.subscriber.received.keys()
        new = {one.message.alert_id for one in alerts if one.status == "sent"} - self.told_before
        return all(one.status != "pending" for one in alerts) and new <= heard

    told_before: frozenset[str] = frozenset()


class Left(NamedTuple):
    """A region as it was when nobody read from it any more."""

    rows: dict[Key, Expected]
    expected: dict[Key, Expected]
    log: Log
    alerts: list[StoredAlert]
    heard: set[str]
    repeated: int

    @property
    def sent(self) -> set[str]:
        return {one.message.alert_id for one in self.alerts if one.status == "sent"}


class Moved(NamedTuple):
    """Both regions, in the end, and when the second one began."""

    here: Left
    there: Left
    began_at: datetime


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    here = Region(tmp_path_factory.mktemp("here"), history=True)
    there = Region(tmp_path_factory.mktemp("there"), history=False)
    try:
        yield move(here, there)
    finally:
        for region in (here, there):
            region.stack.stop(grace_seconds=0)


def move(here: Region, there: Region) -> Moved:
    today = datetime.now(UTC).date()
    here.start()
    publish(here.documents, BEFORE, datetime.now(UTC))
    here.start_job()
    traffic = flying(here, 41, utc(2013, 1, 10), lambda sent: sent >= 150 and here.changes() >= 20)
    left = leave(here, traffic)
    here.stack.drain_history()

    here.stack.kill_job()
    there.start()
    for table in TABLES:
        name = f"semaforo-{STAGE}-{table}"
        copy_missing(there.dynamodb, name, name, read_by=here.dynamodb)
    raw = here.stack.cloud.client("s3"), here.stack.outputs["RawBucket"]
    put_back(messages(*raw, today, datetime.now(UTC).date()), there.stack.kafka_bootstrap, STAGE, {})
    here.stack.stop(grace_seconds=0)
    there.told_before = frozenset(left.sent)
    began_at = traffic.newest_at + timedelta(hours=1)
    there.start_job()
    on = flying(there, 43, began_at, lambda sent: sent >= 60 and there.changes() >= len(ROUTES) + sum_of(left.log))
    return Moved(left, leave(there, on), began_at)


def flying(region: Region, seed: int, start: datetime, enough: Callable[[int], bool]) -> Traffic:
    traffic = Traffic(region.topics, seed, start)
    traffic.start()
    traffic.go_on_till(lambda: enough(traffic.sent), "lights turn")
    return traffic


def leave(region: Region, traffic: Traffic) -> Left:
    expected = region.settle(traffic)
    heard = region.subscriber
    log, alerts = region.log(), region.history.alerts()
    return Left(region.rows(), expected, log, alerts, set(heard.received), heard.repeated)


def sum_of(log: Log) -> int:
    return sum(map(len, log.values()))


def test_every_fact_is_there_and_every_row_is_right(moved: Moved) -> None:
    for region in moved.here, moved.there:
        assert region.rows == region.expected
    assert len(moved.here.rows) > 1_000
    assert moved.here.rows.keys() < moved.there.rows.keys()


def test_rows_of_before_say_the_same_in_both_regions(moved: Moved) -> None:
    """All but when the brokers took the events, which is another time in each."""
    for key, row in moved.here.rows.items():
        assert moved.there.rows[key]._replace(ingested_at_ms=0) == row._replace(ingested_at_ms=0), key


def test_lights_go_on_from_where_they_stood(moved: Moved) -> None:
    for route, entries in moved.here.log.items():
        after = moved.there.log[route]
        assert after[: len(entries)] == entries, "what was decided there stays as it is"
        lights = [entry.transition.to_light for entry in after]
        assert [entry.transition.from_light for entry in after][1:] == lights[:-1]
        assert all(entry.transition.at >= moved.began_at for entry in after[len(entries) :])
    assert sum_of(moved.there.log) > sum_of(moved.here.log) > 0


def test_the_rules_that_were_published_came_along(moved: Moved) -> None:
    versions = {
        name: {e.transition.rule_version for log in left.log.values() for e in log}
        for name, left in (("here", moved.here), ("there", moved.there))
    }
    assert versions["here"] == versions["there"]
    assert len(versions["here"]) == 1


def test_nobody_is_told_again_and_everybody_of_what_is_new(moved: Moved) -> None:
    here, there = moved.here, moved.there
    assert here.sent == here.heard
    assert there.sent == here.sent | there.heard
    assert there.heard
    assert not here.sent & there.heard
    assert (here.repeated, there.repeated) == (0, 0)
