"""One job on real brokers: every kind of event, with poison, duplicates, disorder, lateness and a silent partition."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import msgspec
import pytest

from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import LocalCloud
from schemas.codec import decode, encode
from schemas.errors import InvalidMessage
from schemas.events import AircraftStatus, DeadLetter, Event, LateEvent, PassengerFeedback, RouteHeartbeat, utc
from schemas.rows import to_ms
from tests.flink_jobs.made_up import MadeUp
from tests.flink_jobs.reference import Key
from tests.integration.kpi_jobs import JobPlan, running_jobs
from tests.integration.kpi_load import AHEAD, START, Outcome, poison, publish, settle
from tests.integration.kpi_topics import PARTITIONS_BEATEN, Rows, Topics, is_clock_beat, value

pytestmark = pytest.mark.integration

SILENT = ("passenger-feedback", 2)  # nobody beats it and nothing comes: the idle timeout lets the clock go on

TAKEN_OVER: Final = START + timedelta(hours=30)
FLOWN_BY: Final = {0: "VB", 1: "AM,VB", 23: "AM,VB", 24: "AM,Y4", 24.5: "AM,Y4", 47.5: "Y4", 48: ""}
"""Who flies MTY-CUN, hours after it was taken over: VB has its last event at 0, heartbeats name AM at 1 and 23, Y4
at 24 and nobody at the others. What is 24 h old is out."""


def taken_over() -> list[Event]:
    """The events of MTY-CUN."""
    names: dict[float, tuple[str, ...]] = {1: ("AM",), 23: ("AM",), 24: ("Y4",)}
    route: dict[str, Any] = {"source": "ops", "origin": "MTY", "destination": "CUN"}
    answer = PassengerFeedback(
        **route, event_id="last-of-VB", event_at=TAKEN_OVER, carrier="VB", number="1", flight_id="VB-1", satisfaction=5
    )
    beats = (
        RouteHeartbeat(**route, event_id=f"MTY-CUN-{at}", event_at=TAKEN_OVER + timedelta(hours=at), carriers=who)
        for at, who in ((at, names.get(at, ())) for at in FLOWN_BY if at)
    )
    return [answer, *beats]


@pytest.fixture(scope="module")
def outcome(broker: KafkaCluster, cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    topics, rows = Topics(broker), Rows(cloud, "kpis")
    plan = JobPlan(tmp_path_factory.mktemp("job"), {"bound_ms": "60000", "idle_timeout_seconds": "20"})
    beaten = [place for place in PARTITIONS_BEATEN if place != SILENT]
    with running_jobs(broker, cloud, plan), topics.kept_beating(beaten):
        yield run(topics, beaten, rows)


def run(topics: Topics, beaten: list[tuple[str, int]], rows: Rows) -> Outcome:
    """Publish, wait, publish what is late and more, wait, and read all topics back."""
    outcome = Outcome(rows=rows, reasons={AHEAD: "ahead of the newest clock beat"})
    made_up = MadeUp(20130207, START)
    chance = random.Random(5)

    topics.send_bytes(AHEAD)  # the very first record, before any beat
    topics.beat(START, beaten)
    events = [*made_up.events(700, timedelta(minutes=15)), *taken_over()]
    publish(topics, beaten, sorted(events, key=lambda event: event.event_at), outcome, chance)
    rows.wait_for(settle(topics, outcome))
    assert not topics.read("late-events")

    for event in MadeUp(1, START).events(5, timedelta(minutes=1)):
        late = msgspec.structs.replace(event, event_id=f"late-{event.event_id}")
        topics.send(late)
        outcome.late_sent.append(encode(late))
    made_up.rest(timedelta(hours=1))
    publish(topics, beaten, list(made_up.events(100, timedelta(minutes=15))), outcome, chance)
    outcome.expected = settle(topics, outcome)
    rows.wait_for(outcome.expected)
    rows.read()
    outcome.dead = [letter for stored in topics.read("dead-letters") if isinstance(letter := value(stored), DeadLetter)]
    outcome.late = [event for stored in topics.read("late-events") if isinstance(event := value(stored), LateEvent)]
    return outcome


def test_every_measure_of_every_row_is_exact(outcome: Outcome) -> None:
    assert outcome.rows is not None
    got = outcome.rows.rows
    assert got.keys() == outcome.expected.keys()
    wrong = {key: (got[key], row) for key, row in outcome.expected.items() if got[key] != row}
    assert not wrong, f"{len(wrong)} of {len(got)}, the first {next(iter(wrong.items()))}"
    assert len(got) > 5_000


def test_a_route_says_who_flew_it_within_24_hours(outcome: Outcome) -> None:
    assert outcome.rows is not None
    got = outcome.rows.rows
    said = {
        at: ",".join(got[Key("route", "MTY-CUN", "24h", to_ms(TAKEN_OVER + timedelta(hours=at)))].flown_by)
        for at in FLOWN_BY
    }
    assert said == FLOWN_BY
    assert {row.flown_by for key, row in got.items() if key.scope != "route" or key.window != "24h"} == {()}
    assert len({row.flown_by for key, row in got.items() if key.entity == "JFK-LAX"}) > 3


def test_rows_of_an_entity_come_in_order_and_once(outcome: Outcome) -> None:
    assert outcome.rows is not None
    assert not outcome.rows.disordered
    assert not outcome.rows.changed
    assert outcome.rows.count == len(outcome.expected)


def test_every_bad_message_is_a_dead_letter_with_its_reason(outcome: Outcome) -> None:
    bad = {(s.topic, s.partition, s.offset): s.value for s in outcome.sent if s.value in outcome.reasons}
    letters = {(d.topic.partition(".")[2], d.partition, d.offset): d for d in outcome.dead}
    assert letters.keys() == bad.keys()
    assert len(bad) > 100
    for place, letter in letters.items():
        assert letter.payload == (bad[place] or b"")
        assert outcome.reasons[bad[place]] in letter.reason
    assert len(outcome.reasons) > len(poison(START))


def test_what_is_bad_here_is_bad_for_every_reader(outcome: Outcome) -> None:
    for message in outcome.reasons.keys() - {AHEAD}:
        event = None
        try:
            event = decode(message)
        except InvalidMessage:
            continue
        assert isinstance(event, AircraftStatus) or event.event_at < utc(1970, 1, 1), event


def test_late_events_are_kept_whole(outcome: Outcome) -> None:
    assert sorted(event.payload for event in outcome.late) == sorted(outcome.late_sent)
    for event in outcome.late:
        assert event.fact_at == decode(event.payload).event_at


def test_everything_published_is_accounted_for(outcome: Outcome) -> None:
    places = Counter(dead=len(outcome.dead), late=len(outcome.late), duplicates=outcome.duplicates)
    clock_beats = sum(1 for s in outcome.sent if s.value not in outcome.reasons and is_clock_beat(value(s)))
    assert len(outcome.sent) == clock_beats + places.total() + outcome.consumed
    assert outcome.duplicates > 50
    assert outcome.rows is not None
    routes = {key.entity for key in outcome.rows.rows if key.scope == "route"}
    newest = [
        max(k for k in outcome.rows.rows if k.scope == "route" and k.entity == route and k.window == "28d")
        for route in routes
    ]
    assert sum(outcome.rows.rows[key].events for key in newest) == outcome.consumed
