"""Drills under traffic on the whole local stack: rules changed and taken back, the job updated by savepoint to a
release with one measure more, and a schema's next version rolled out. Nothing lost, nothing wrong, nobody told twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import boto3
import pytest

from alerts.documents import Documents
from alerts.history import History, StoredAlert
from alerts.items import LogEntry
from alerts.live_catalog import publish
from alerts.settings import AlertSettings
from deploy.demo.listeners import StreamReader, Subscriber
from deploy.local.job import PART, KpiJob
from deploy.local.stack import Stack
from rules.bundle import Bundle
from rules.evaluate import retrace
from schemas.events import PassengerFeedback, utc
from schemas.measures import POSITION
from schemas.rows import WINDOW_LENGTH, KpiRow, Window, from_ms, to_ms
from tests.flink_jobs.made_up import ROUTES
from tests.flink_jobs.reference import Expected, Key, expected_rows
from tests.integration.kpi_jobs import PROPERTIES
from tests.integration.kpi_topics import Topics
from tests.integration.release_before import ADDED_MEASURE, ReleaseJob, make_release_before
from tests.integration.traffic import Traffic
from tests.rules.test_load import RULE

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1_200)]

PANE_MS = 60_000
STOP_SECONDS = 120
MANY = 200
ADDED = POSITION[ADDED_MEASURE]
NEVER = datetime.max.replace(tzinfo=UTC)
TESTS = """
[[tests]]
name = "all are late, then none"
columns = ["flights", "arrivals_on_time"]
rows = [["0m", 12, 12, "GREEN"], ["1m", 12, 0, "RED"], ["2m", 12, 12, "GREEN"]]
[[tests]]
name = "one late flight proves nothing"
columns = ["flights", "arrivals_on_time"]
rows = [["0m", 1, 0, "nothing"]]
"""


def nervous(amber: int, red: int) -> Bundle:
    """A rule that the few made-up flights turn again and again."""
    changes = {
        "\nversion = 3": f"\nversion = {red}",
        "amber = 80": f"amber = {amber}",
        "\nred = 70": f"\nred = {red}",
        "recover_amber = 83": f"recover_amber = {amber + 1}",
        "recover_red = 73.0": f"recover_red = {red + 1}",
        "confidence = 0.9": "confidence = 0.51",
        "min_n = 8": "min_n = 2",
        'for = "30m"': 'for = "0s"',
        'dwell = "3h"': 'dwell = "1m"',
    }
    text = f"\n{RULE}"
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new, 1)
    return {"on_time_arrival.toml": text.lstrip() + TESTS}


BEFORE, CHANGED = nervous(30, 10), nervous(60, 30)


@dataclass
class Drilled:
    """What was there when all was over."""

    rows: dict[Key, Expected] = field(default_factory=dict)
    changed: list[Key] = field(default_factory=list)
    expected: dict[Key, Expected] = field(default_factory=dict)
    of_release_before: set[Key] = field(default_factory=set)
    updated_at: datetime = NEVER
    feedback: list[PassengerFeedback] = field(default_factory=list)
    dead: int = -1
    late: int = -1
    log: dict[str, list[LogEntry]] = field(default_factory=dict)
    stored: dict[str, str] = field(default_factory=dict)
    alerts: list[StoredAlert] = field(default_factory=list)
    heard: set[str] = field(default_factory=set)
    repeated: int = -1
    job_log: str = ""


class Drill:
    """A stage under traffic, and the steps taken on it."""

    def __init__(self, stack: Stack, release: Path) -> None:
        self.stack = stack
        self.traffic = Traffic(Topics(stack.kafka), 29, utc(2013, 1, 10))
        self.job = KpiJob(stack.state_dir)
        self._before = ReleaseJob(stack.state_dir, make_release_before(release))
        settings = AlertSettings.read(
            {"SEMAFORO_STAGE": stack.stage, "SEMAFORO_ALERTS_TOPIC_ARN": stack.outputs["AlertsTopicArn"]}
        )
        dynamodb = boto3.client(
            "dynamodb",
            endpoint_url=stack.cloud.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        self.history, self._documents = History(dynamodb, settings), Documents(dynamodb, settings)
        self.reader = StreamReader(stack.cloud, stack.outputs["KpiStream"])
        self.subscriber = Subscriber(stack.cloud, stack.outputs["AlertsDemoQueueUrl"])

    def start_release_before(self) -> None:
        """The job as it was; it resumes nothing."""
        stage = {"stage": self.stack.stage, "bootstrap": self.stack.kafka_bootstrap}
        self.job.configure({"kpi-job": {**PROPERTIES, **stage, "stream": self.stack.outputs["KpiStream"]}})
        self._before.launch(self.stack.env())
        self._before.wait_till_running()

    def update_job(self) -> datetime:
        """Stop it with a savepoint and start this release from there; all events after the instant are read by it."""
        self.job.stop(grace_seconds=STOP_SECONDS)
        self.job.launch(self.stack.env())
        self.job.wait_till_running()
        return self.traffic.newest_at

    def publish(self, rules: Bundle) -> None:
        """Put rules in force."""
        publish(self._documents, rules, datetime.now(UTC))

    def log(self) -> dict[str, list[LogEntry]]:
        """Every change of a route's light, oldest first."""
        return {"-".join(ends): self.history.log(f"route#{'-'.join(ends)}", NEVER) for ends in ROUTES}

    def all_are_told(self) -> bool:
        """Whether no alert waits and the subscriber has every one that was sent."""
        alerts = self.history.alerts()
        sent = {one.message.alert_id for one in alerts if one.status == "sent"}
        return all(one.status != "pending" for one in alerts) and sent <= self.subscriber.received.keys()

    def newest_versions(self, count: int) -> list[str]:
        """Of the rule behind the newest changes, by the time they were decided at."""
        entries = sorted((e for log in self.log().values() for e in log), key=lambda entry: entry.decided_at)
        return [entry.transition.rule_version for entry in entries[-count:]]


@pytest.fixture(scope="module")
def drilled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Drilled]:
    stack = Stack("test", tmp_path_factory.mktemp("drill"), bound=True)
    try:
        stack.start()
        yield run(Drill(stack, tmp_path_factory.mktemp("release")))
    finally:
        stack.stop(grace_seconds=0)


def run(drill: Drill) -> Drilled:
    """All steps, one after the other, with the traffic going on."""
    found, traffic, topics = Drilled(), drill.traffic, drill.traffic.topics
    drill.publish(BEFORE)
    drill.start_release_before()
    drill.subscriber.start()
    drill.reader.start()
    traffic.start()
    traffic.go_on_till(lambda: traffic.sent >= MANY and len(drill.newest_versions(5)) == 5, "lights turn")
    (first,) = set(drill.newest_versions(100))

    found.of_release_before = {key_of(row) for row in drill.reader.rows}
    drill.publish(CHANGED)  # taken over by the functions while the job is away
    found.updated_at = drill.update_job()
    traffic.feedback_version = 2  # readers first, then writers
    traffic.go_on_till(lambda: first not in drill.newest_versions(5), "the changed rule speaks")
    drill.publish(BEFORE)
    traffic.go_on_till(lambda: set(drill.newest_versions(5)) == {first}, "the rule of before speaks again")
    whole = found.updated_at + max(WINDOW_LENGTH.values()) + timedelta(days=1)
    traffic.go_on_till(lambda: traffic.newest_at > whole, "the longest window holds nothing older than the update")
    traffic.stop()

    facts = topics.facts()
    found.expected = expected_rows(facts.values(), PANE_MS)
    traffic.go_on_till(lambda: found.expected.keys() <= {key_of(r) for r in drill.reader.rows}, "all rows")
    newest = max(key.at_ms for key in found.expected if key.scope == "route")
    traffic.go_on_till(lambda: newest in {newest_of(one.rows) for one in drill.history.lights()}, "all are judged")
    traffic.go_on_till(drill.all_are_told, "all are told")
    drill.subscriber.finish()
    drill.reader.finish()

    for row in drill.reader.rows:
        value = Expected(row.events, to_ms(row.ingested_at), row.measures, row.flown_by)
        if found.rows.setdefault(key_of(row), value) != value:
            found.changed.append(key_of(row))
    found.feedback = [event for event, _at in facts.values() if isinstance(event, PassengerFeedback)]
    found.dead, found.late = len(topics.read("dead-letters")), len(topics.read("late-events"))
    found.log, found.alerts = drill.log(), drill.history.alerts()
    found.stored = {
        one.name: one.rules["on_time_arrival"].state.light for one in drill.history.lights() if one.scope == "route"
    }
    found.heard, found.repeated = set(drill.subscriber.received), drill.subscriber.repeated
    found.job_log = drill.stack.log_path(PART).read_text()
    return found


def key_of(row: KpiRow) -> Key:
    return Key(row.scope, row.entity, row.window, to_ms(row.at))


def newest_of(rows: Mapping[Window, KpiRow]) -> int:
    return max((to_ms(row.at) for row in rows.values()), default=0)


def test_the_new_release_went_on_from_the_savepoint(drilled: Drilled) -> None:
    assert "stopped, state in" in drilled.job_log
    assert "resuming from" in drilled.job_log.split("stopped, state in")[1]
    assert "savepoint-" in drilled.job_log.split("resuming from")[-1].splitlines()[0]


def test_no_event_is_lost_dead_or_late(drilled: Drilled) -> None:
    assert len(drilled.expected) > 5_000
    assert drilled.rows.keys() == drilled.expected.keys()
    assert (drilled.dead, drilled.late, drilled.changed) == (0, 0, [])


def test_every_row_is_right(drilled: Drilled) -> None:
    """The added measure counts from the update on: whole in windows that begin after it, a part of it before."""
    whole = 0
    for key, wanted in drilled.expected.items():
        got = drilled.rows[key]
        assert got._replace(measures=without(got)) == wanted._replace(measures=without(wanted)), key
        if from_ms(key.at_ms) - WINDOW_LENGTH[cast(Window, key.window)] >= drilled.updated_at:
            assert got.measures[ADDED] == wanted.measures[ADDED], key
            whole += wanted.measures[ADDED] > 0
        else:
            assert 0 <= got.measures[ADDED] <= wanted.measures[ADDED], key
    assert whole > 100
    assert sum(drilled.expected[key].measures[ADDED] for key in drilled.of_release_before) > 100
    assert {drilled.rows[key].measures[ADDED] for key in drilled.of_release_before} == {0}


def without(row: Expected) -> tuple[int, ...]:
    return row.measures[:ADDED] + row.measures[ADDED + 1 :]


def test_answers_of_both_versions_count(drilled: Drilled) -> None:
    asked = [one for one in drilled.feedback if one.recommend is not None]
    assert 20 < len(asked) < len(drilled.feedback) - 20
    assert max(row.measures[POSITION["nps_responses"]] for row in drilled.rows.values()) > 0


def test_the_changed_rule_spoke_and_the_rule_of_before_again(drilled: Drilled) -> None:
    versions = [
        e.transition.rule_version
        for e in sorted((e for log in drilled.log.values() for e in log), key=lambda entry: entry.decided_at)
    ]
    assert len(set(versions)) == 2
    assert versions[0] == versions[-1]


def test_every_light_follows_from_its_row_its_rule_and_the_light_before(drilled: Drilled) -> None:
    for route, entries in drilled.log.items():
        for entry in entries:
            assert entry.basis is not None
            again = retrace(entry.rule, entry.row, entry.basis.beside, entry.basis.state, entry.transition.ingested_at)
            assert again[1] is not None
            assert again[1].alert_id == entry.transition.alert_id
        lights = [entry.transition.to_light for entry in entries]
        assert [entry.transition.from_light for entry in entries][1:] == lights[:-1], route
        assert drilled.stored[route] == lights[-1]
    assert sum(map(len, drilled.log.values())) > 50


def test_everybody_was_told_once(drilled: Drilled) -> None:
    sent = {one.message.alert_id for one in drilled.alerts if one.status == "sent"}
    logged = {e.alert_id for log in drilled.log.values() for e in log if e.sent_at is not None}
    assert len(logged) > 20
    assert logged <= sent == drilled.heard
    assert drilled.repeated == 0
