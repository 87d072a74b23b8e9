"""Partitions that say nothing: one of them, all of them, and what the clock does meanwhile.

Two jobs read the same topics. One is brisk, its idle timeout is seconds; the other is patient, its timeout is longer
than any test: what only the timeout brings about is seen in the one and missing in the other.
"""

import time
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import LocalCloud
from schemas.events import LateEvent, PassengerFeedback, RouteHeartbeat, utc
from schemas.rows import to_ms
from tests.flink_jobs.made_up import CARRIERS, ROUTES, MadeUp
from tests.flink_jobs.reference import Expected, Key, expected_rows
from tests.integration.kpi_jobs import JobPlan, running_jobs, wait_till_all_is_committed
from tests.integration.kpi_lights import colours, expected_lights, falsely_green, twitchy_catalog
from tests.integration.kpi_topics import PARTITIONS_BEATEN, Place, Rows, Topics, value

pytestmark = pytest.mark.integration

START = utc(2013, 3, 4)
PANE_MS = 60_000
GAP = timedelta(minutes=15)
HOUR = timedelta(hours=1)
# Long enough to be told from no timeout at all on a crowded machine, short enough to be waited for.
BRISK_SECONDS = 4
TIMEOUTS = {"brisk": BRISK_SECONDS, "patient": 86_400}
SILENT = ("passenger-feedback", 0)
SILENT_ROUTE = "MEX-CUN"  # the only one whose key goes there, and its passengers say nothing


@dataclass
class Silence:
    """Topics that two jobs read. Facts are told, both read them, and only then the clock is beaten."""

    broker: KafkaCluster
    topics: Topics
    brisk: Rows
    patient: Rows
    made_up: MadeUp = field(default_factory=lambda: MadeUp(4, START))
    now: datetime = START

    def tell(self, count: int) -> None:
        """Facts, and no beat. Whatever the clock does from now on, these were read in time."""
        for event in self.made_up.events(count, GAP):
            if not (isinstance(event, PassengerFeedback) and event.key == SILENT_ROUTE):
                self.topics.send(event)
        self.wait_till_read()

    def wait_till_read(self) -> None:
        """Till both jobs have read all that is on the topics."""
        self.topics.flush()
        for group in TIMEOUTS:
            wait_till_all_is_committed(self.broker, group)

    def beat(self, partitions: Iterable[tuple[str, int]] = PARTITIONS_BEATEN) -> None:
        """A beat behind the newest fact, which closes its pane as far as these partitions have a say."""
        self.now = self.made_up.rest(HOUR)
        self.topics.beat(self.now, partitions)

    def late(self) -> dict[Place, LateEvent]:
        """What came behind a watermark, by where it stands."""
        late = [event for stored in self.topics.read("late-events") if isinstance(event := value(stored), LateEvent)]
        return {(event.topic.partition(".")[2], event.partition, event.offset): event for event in late}

    def expected(self, without: Container[Place] = ()) -> dict[Key, Expected]:
        """From what the brokers hold."""
        facts = self.topics.facts()
        return expected_rows((fact for place, fact in facts.items() if place not in without), PANE_MS)


@pytest.fixture(scope="module")
def silence(broker: KafkaCluster, cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Silence]:
    topics = Topics(broker)
    rows = {name: Rows(cloud, name) for name in TIMEOUTS}
    plans = [JobPlan(tmp_path_factory.mktemp(name), properties(name), group=name) for name in TIMEOUTS]
    with running_jobs(broker, cloud, *plans):
        topics.beat(START)
        yield Silence(broker, topics, rows["brisk"], rows["patient"])


def properties(name: str) -> dict[str, str]:
    """Of a job that writes to the stream of its name."""
    return {"stream": name, "idle_timeout_seconds": str(TIMEOUTS[name]), "checkpoint_seconds": "1"}


def closed(at: datetime, rows: Mapping[Key, Expected]) -> dict[Key, Expected]:
    """The rows whose panes are over when the clock shows `at`."""
    return {key: row for key, row in rows.items() if key.at_ms < to_ms(at)}


def check(rows: Rows, expected: Mapping[Key, Expected]) -> None:
    """These rows come, exactly, each once and in order, and no other."""
    rows.wait_for(expected)
    rows.read()
    assert not rows.differences(expected)
    assert not rows.disordered
    assert rows.count == len(expected)


def test_one_silent_partition_holds_the_clock_till_the_timeout_and_without_one_for_ever(silence: Silence) -> None:
    silence.tell(60)
    silence.beat()
    for rows in (silence.brisk, silence.patient):
        check(rows, silence.expected())

    held_at = silence.now
    silence.topics.beat(held_at, [SILENT])
    last_heard_ms = max(s.appended_at_ms for s in silence.topics.read(SILENT[0]) if s.partition == SILENT[1])
    silence.tell(60)
    silence.beat([place for place in PARTITIONS_BEATEN if place != SILENT])
    expected = silence.expected()
    check(silence.brisk, expected)
    beyond_ms = [at_ms for key, at_ms in silence.brisk.stored_at_ms.items() if key.at_ms >= to_ms(held_at)]
    assert min(beyond_ms) - last_heard_ms >= BRISK_SECONDS * 1000

    silence.wait_till_read()
    check(silence.patient, closed(held_at, expected))  # the control: it has read as much, and waits
    silence.topics.beat(silence.now, [SILENT])
    check(silence.patient, expected)
    assert not silence.late()
    assert all(place[:2] != SILENT for place in silence.topics.facts())


def test_without_facts_beats_bring_out_what_is_open_and_windows_run_empty(silence: Silence) -> None:
    known = silence.expected()
    silence.tell(20)
    for rows in (silence.brisk, silence.patient):
        check(rows, known)  # the control: all is read, but without a beat nobody can tell that a pane is over
    silence.beat()
    for rows in (silence.brisk, silence.patient):
        check(rows, silence.expected())

    for hour in range(1, 27):
        for origin, destination in ROUTES:
            silence.topics.send(heartbeat(origin, destination, silence.now + hour * HOUR))
    silence.made_up.rest(27 * HOUR)
    silence.wait_till_read()
    silence.beat()
    expected = silence.expected()
    newest = {key[:3]: row for key, row in sorted(expected.items(), key=lambda item: item[0].at_ms)}
    routes = {window: [row for key, row in newest.items() if key[::2] == ("route", window)] for window in ("24h", "7d")}
    assert not any(any(row.measures) for row in routes["24h"])
    assert all(any(row.measures) for row in routes["7d"])
    for rows in (silence.brisk, silence.patient):
        check(rows, expected)
    assert not silence.late()


def heartbeat(origin: str, destination: str, at: datetime) -> RouteHeartbeat:
    """Of a route on which nothing happens."""
    name = f"heartbeat-{origin}-{destination}-{to_ms(at)}"
    return RouteHeartbeat(
        event_id=name, event_at=at, source="ops", origin=origin, destination=destination, carriers=CARRIERS
    )


def test_after_a_time_without_even_a_beat_all_goes_on_as_if_nothing_had_been(silence: Silence) -> None:
    known = silence.expected()
    silence.tell(20)  # mid-window
    over_at = time.monotonic() + 2 * BRISK_SECONDS
    silence.brisk.wait(lambda _: time.monotonic() > over_at, "the silence is over")
    for rows in (silence.brisk, silence.patient):
        check(rows, known)
    silence.tell(20)
    silence.beat()
    for rows in (silence.brisk, silence.patient):
        check(rows, silence.expected())
    assert not silence.late()


def test_no_silence_made_a_light_falsely_green(silence: Silence) -> None:
    expected = silence.expected()
    assert min(colours(expected_lights(expected, twitchy_catalog())).values()) > 50
    for rows in (silence.brisk, silence.patient):
        assert not falsely_green(rows.arrived, expected)


def test_one_that_speaks_up_alone_after_the_timeout_makes_the_others_late(silence: Silence) -> None:
    """The control of "nothing late", and what the timeout costs: who is idle has no say. The patient job waits."""
    known = silence.expected()
    silence.tell(20)
    open_panes = silence.expected().keys() - known.keys()
    silence.beat([("flight-status", 0)])
    silence.brisk.wait_for(open_panes)  # after the timeout of all others
    for origin, destination in ROUTES:
        silence.topics.send(heartbeat(origin, destination, silence.now - timedelta(minutes=5)))
    silence.tell(5)
    silence.beat()
    check(silence.patient, silence.expected())
    late = silence.late()
    assert len(late) == len(ROUTES)
    check(silence.brisk, silence.expected(without=late))
    assert silence.brisk.differences(silence.expected())
