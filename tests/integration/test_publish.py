"""Publishing to real brokers: nothing acknowledged is lost, doubled or out of order, whatever dies meanwhile."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from deploy.local.brokers import KafkaCluster
from producers.delivery import KafkaChannel
from producers.errors import BrokersAway, UnknownTopic
from producers.heartbeat import with_heartbeats
from producers.pacing import MAX_SPEED, Pace
from producers.publish import TOPIC_OF, Plan, publish
from producers.sources.nycflights13.replay import NycFlights
from producers.summary import Tally
from schemas.codec import decode
from schemas.errors import Transient
from schemas.events import Event, RouteHeartbeat
from schemas.topics import KPI_TOPICS, TOPICS, topic_name
from warehouse.topic_log import read

pytestmark = pytest.mark.integration

DATES = (date(2013, 2, 7), date(2013, 2, 9))
HEARTBEATS = timedelta(hours=1)
PATIENCE_SECONDS = 90


def stream() -> Iterator[Event]:
    source = NycFlights(*DATES)
    return with_heartbeats(source.events(), source.routes(), HEARTBEATS)


def is_clock_beat(event: Event) -> bool:
    return isinstance(event, RouteHeartbeat) and event.origin is None


def partitions_of(bootstrap: str, stage: str, topic: str) -> dict[int, list[Event]]:
    """What each partition holds, in order, clock beats included."""
    held: dict[int, list[Event]] = {partition: [] for partition in range(TOPICS[topic].partitions)}
    for message in read(bootstrap, topic_name(stage, topic)):
        held[message.partition].append(decode(message.value))
    return held


def published(bootstrap: str, stage: str) -> dict[str, dict[int, list[Event]]]:
    return {topic: partitions_of(bootstrap, stage, topic) for topic in dict.fromkeys([*KPI_TOPICS, *TOPIC_OF.values()])}


def check_promises(held: dict[str, dict[int, list[Event]]], *, finished: bool = True) -> None:
    """Each partition: in event order, and after a clock beat nothing as old as it. Routes do not change partition."""
    for topic, partitions in held.items():
        for events in partitions.values():
            assert all(a.event_at <= b.event_at for a, b in pairwise(events))
            for beat, after in pairwise(events):
                if is_clock_beat(beat) and not is_clock_beat(after):
                    assert beat.event_at < after.event_at
            if topic in KPI_TOPICS and events:
                assert is_clock_beat(events[0])
                assert is_clock_beat(events[-1]) or not finished
        keys = [{e.key for e in events if not is_clock_beat(e)} for events in partitions.values()]
        assert sum(len(k) for k in keys) == len(set().union(*keys))


def facts_by_topic(events: Iterator[Event]) -> dict[str, list[str]]:
    by_topic: dict[str, list[str]] = {topic: [] for topic in TOPIC_OF.values()}
    for event in events:
        by_topic[TOPIC_OF[type(event).__name__]].append(event.event_id)
    return by_topic


def check_equal(held: dict[str, dict[int, list[Event]]], expected: Iterator[Event]) -> None:
    """Every event once, in the stream's order within its partition."""
    for topic, ids in facts_by_topic(expected).items():
        place = {event_id: index for index, event_id in enumerate(ids)}
        found: list[int] = []
        for events in held[topic].values():
            order = [place[e.event_id] for e in events if not is_clock_beat(e)]
            assert order == sorted(order)
            found += order
        assert sorted(found) == list(range(len(ids)))


class Saboteur:
    """Freezes the leader of a partition after so many events, and kills it after more: what it took in between is lost
    unless a replica has it. No timing involved: the publisher itself runs it."""

    def __init__(self, kafka: KafkaCluster, topic: str, freeze_after: int, kill_after: int) -> None:
        self.victim = kafka.leader(topic, 0)
        self._kafka = kafka
        self._freeze_after, self._kill_after, self._sent = freeze_after, kill_after, 0

    def sent(self, event: Event) -> None:
        self._sent += 1
        if self._sent == self._freeze_after:
            self._kafka.process(self.victim).signal_group(signal.SIGSTOP)
        elif self._sent == self._kill_after:
            self._kafka.kill(self.victim)


def sabotaged(kafka: KafkaCluster, stage: str, properties: dict[str, str | int | float | bool]) -> tuple[Tally, int]:
    """Publish with a leader frozen, then killed, on the way; the tally and what the client took for acknowledged."""
    kafka.create_topics(stage)
    channel = KafkaChannel(stage, kafka.bootstrap, [*TOPIC_OF.values()], properties)
    saboteur = Saboteur(kafka, topic_name(stage, "flight-status"), freeze_after=3_000, kill_after=6_000)
    try:
        plan = Plan(pace=Pace(next(stream()).event_at, MAX_SPEED, time.monotonic, time.monotonic()))
        tally = publish(stream(), channel, plan, progress=saboteur)
    finally:
        kafka.restart(saboteur.victim)
    return tally, channel.deliveries.acked


def replay_command(kafka: KafkaCluster, stage: str, summary: Path, *more: str) -> list[str]:
    return [
        *(sys.executable, "-m", "producers", "replay", "--from", str(DATES[0]), "--to", str(DATES[1])),
        *("--bootstrap", kafka.bootstrap, "--stage", stage, "--summary-file", str(summary), *more),
    ]


def test_two_days_arrive_whole_and_in_order(kafka: KafkaCluster, tmp_path: Path) -> None:
    kafka.create_topics("whole")
    summary = tmp_path / "summary.json"
    done = subprocess.run(replay_command(kafka, "whole", summary), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    held = published(kafka.bootstrap, "whole")
    check_promises(held)
    check_equal(held, stream())
    said = json.loads(summary.read_text())
    assert said["flights_closed"] == 932 + 930
    assert (said["failed"], said["stopped"], said["error"]) == (0, None, None)
    assert said["acked"] == sum(len(events) for partitions in held.values() for events in partitions.values())
    assert said["acked"] == said["events_total"] + said["route_heartbeats"] + said["clock_beats"]
    assert said["offsets"] == {
        topic_name("whole", topic): {str(p): [0, len(events)] for p, events in partitions.items() if events}
        for topic, partitions in held.items()
    }


def test_a_run_told_to_stop_leaves_nothing_unflushed(kafka: KafkaCluster, tmp_path: Path) -> None:
    kafka.create_topics("stop")
    summary = tmp_path / "summary.json"
    command = replay_command(kafka, "stop", summary, "--speed", "8640")  # 20 s if let run
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not facts_on(kafka.bootstrap, "stop", "flight-finance"):
            assert run.poll() is None
            assert time.monotonic() < deadline
        run.send_signal(signal.SIGTERM)
        _, errors = run.communicate(timeout=PATIENCE_SECONDS)
    assert (run.returncode, errors) == (0, "")
    said = json.loads(summary.read_text())
    assert (said["stopped"], said["failed"]) == ("SIGTERM", 0)
    held = published(kafka.bootstrap, "stop")
    check_promises(held, finished=False)
    sent = said["events_total"] + said["route_heartbeats"]
    all_of_it = list(stream())
    assert 0 < sent < len(all_of_it)
    check_equal(held, iter(all_of_it[:sent]))  # what it says it sent, and not one event more or less
    assert said["acked"] == sum(len(events) for partitions in held.values() for events in partitions.values())


def facts_on(bootstrap: str, stage: str, topic: str) -> list[Event]:
    """What a topic holds so far beside clock beats; nothing while its new partitions still look for their leaders."""
    try:
        held = partitions_of(bootstrap, stage, topic)
    except Transient:
        return []
    return [e for events in held.values() for e in events if not is_clock_beat(e)]


def test_a_leader_frozen_and_killed_loses_nothing_doubles_nothing_and_keeps_the_order(kafka: KafkaCluster) -> None:
    tally, acked = sabotaged(kafka, "killed", {})
    held = published(kafka.bootstrap, "killed")
    check_promises(held)
    check_equal(held, stream())
    assert acked == tally.events_total + tally.route_heartbeats + tally.clock_beats


def test_without_acknowledgements_the_same_death_loses_events_that_seem_delivered(kafka: KafkaCluster) -> None:
    """The control: the test above passes because of acks and idempotence, not because nothing happened."""
    tally, acked = sabotaged(kafka, "careless", {"enable.idempotence": False, "acks": 0})
    assert acked == tally.events_total + tally.route_heartbeats + tally.clock_beats  # the client noticed nothing
    held = published(kafka.bootstrap, "careless")
    there = sum(len(events) for partitions in held.values() for events in partitions.values())
    assert there < acked
    with pytest.raises(AssertionError):
        check_equal(held, stream())


def test_a_stage_without_topics_is_named(kafka: KafkaCluster) -> None:
    with pytest.raises(UnknownTopic, match=r"no topic nowhere\.flight-status.*deploy local up"):
        KafkaChannel("nowhere", kafka.bootstrap, ["flight-status"])


def test_brokers_that_do_not_answer_are_named_in_time_and_quietly(capfd: pytest.CaptureFixture[str]) -> None:
    started = time.monotonic()
    with pytest.raises(BrokersAway, match=r"no broker at 127\.0\.0\.1:1 answered within 2 s"):
        KafkaChannel("test", "127.0.0.1:1", ["flight-status"], reach_seconds=2)
    assert time.monotonic() - started < 20
    assert capfd.readouterr() == ("", "")


def test_heartbeats_run_in_real_time_until_told_to_stop(kafka: KafkaCluster, tmp_path: Path) -> None:
    kafka.create_topics("live")
    routes = tmp_path / "routes.json"
    routes.write_text('[{"origin": "JFK", "destination": "LAX", "carriers": ["AA", "B6"]}]')
    summary = tmp_path / "summary.json"
    command = [
        *(sys.executable, "-m", "producers", "heartbeat", "--routes", str(routes), "--heartbeat-minutes", "0.1"),
        *("--stage", "live", "--summary-file", str(summary)),
    ]
    environment = os.environ | {"SEMAFORO_KAFKA_BOOTSTRAP": kafka.bootstrap}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as run:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(facts_on(kafka.bootstrap, "live", "route-heartbeat")) < 2:
            assert run.poll() is None
            assert time.monotonic() < deadline
        run.send_signal(signal.SIGTERM)
        assert run.wait(PATIENCE_SECONDS) == 0
    beats = facts_on(kafka.bootstrap, "live", "route-heartbeat")
    assert {(b.key, b.carriers) for b in beats if isinstance(b, RouteHeartbeat)} == {("JFK-LAX", ("AA", "B6"))}
    assert all(beat.event_at.timestamp() % 6 == 0 for beat in beats[1:])
    check_promises(published(kafka.bootstrap, "live"))
    # On the clock of the machine: a beat carries an instant before its append, never one to come. How soon after is
    # for the latency benchmark to say; a crowded machine is late.
    messages = [m for m in read(kafka.bootstrap, "live.flight-finance") if m.partition == 0]
    lag_ms = sorted(m.append_ms - decode(m.value).event_at.timestamp() * 1000 for m in messages[:-1])
    assert lag_ms[0] > -50
    assert lag_ms[len(lag_ms) // 2] < 10_000
