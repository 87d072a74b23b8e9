"""Publishing in memory: order, topics, clock beats, pace, refusals, stopping. Real brokers: tests/integration."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.errors import EventRefused, PublishFailed
from producers.heartbeat import with_heartbeats
from producers.pacing import MAX_SPEED, Pace
from producers.publish import BEAT_STREAM_TIME, TOPIC_OF, Plan, publish
from producers.sources import ScheduledRoute
from producers.summary import Tally
from schemas.events import AirportWeather, Event, utc
from schemas.topics import KPI_TOPICS
from tests.producers.memory import MemoryChannel, check_topics

START = utc(2013, 2, 7, 5)
MS = timedelta(milliseconds=1)


def fact(seconds: float) -> Event:
    at = START + timedelta(seconds=seconds)
    return AirportWeather(event_id=f"w{seconds}", event_at=at, source="test", airport="JFK", observed_at=at)


def paced(channel: MemoryChannel, speed: float, anchor: datetime = START) -> Plan:
    return Plan(pace=Pace(anchor, speed, channel.clock, channel.clock()))


def test_every_record_a_producer_writes_has_one_topic() -> None:
    assert TOPIC_OF == {
        "FlightStatus": "flight-status",
        "FlightFinance": "flight-finance",
        "FlightOperation": "flight-operations",
        "PassengerFeedback": "passenger-feedback",
        "RouteHeartbeat": "route-heartbeat",
        "AircraftStatus": "aircraft-status",
        "AirportWeather": "airport-weather",
    }


def test_beats_come_first_and_last_and_never_promise_too_much() -> None:
    channel = MemoryChannel()
    tally = publish(iter([fact(0), fact(0), fact(10)]), channel, paced(channel, MAX_SPEED))
    first, *_, last = channel.beats
    assert first == (0, START - MS)
    assert last == (len(channel.sent) - 5 * 3, START + timedelta(seconds=10, minutes=5))
    assert channel.closed
    check_topics(channel)
    assert (tally.events, tally.events_total) == ({"airport-weather": {"AirportWeather": 3}}, 3)
    assert tally.clock_beats == len(channel.beats) * 15
    assert tally.clock_at == last[1]


def test_at_real_time_events_leave_when_due_and_the_clock_beats_ten_times_a_second() -> None:
    channel = MemoryChannel()
    publish(iter([fact(0), fact(0.25), fact(2)]), channel, paced(channel, 1.0))
    when = [s - 1_000 for s, (_, p, _, _) in zip(channel.sent_at_seconds, channel.sent, strict=True) if p is None]
    assert when == pytest.approx([0, 0.25, 2], abs=0.001)
    rounds = [channel.sent_at_seconds[index] - 1_000 for index, _ in channel.beats[1:-1]]
    assert len(rounds) == pytest.approx(20, abs=1)
    assert max(b - a for a, b in pairwise(rounds)) <= 0.101
    # A beat carries the stream's time: in real time it is never behind by more than its own wait.
    for index, at in channel.beats[1:-1]:
        assert channel.sent_at_seconds[index] - 1_000 - (at - START).total_seconds() == pytest.approx(0, abs=0.002)


def test_a_replay_runs_at_its_speed() -> None:
    channel = MemoryChannel()
    publish(iter([fact(0), fact(21_600)]), channel, paced(channel, 2160.0))
    assert channel.seconds - 1_000 == pytest.approx(10)


def test_what_is_overdue_goes_out_at_once() -> None:
    channel = MemoryChannel()
    publish(iter([fact(0), fact(5), fact(60)]), channel, paced(channel, 1.0, anchor=START + timedelta(seconds=30)))
    when = [s - 1_000 for s, (_, p, _, _) in zip(channel.sent_at_seconds, channel.sent, strict=True) if p is None]
    assert when == pytest.approx([0, 0, 30], abs=0.001)


def test_at_full_speed_no_event_is_far_ahead_of_the_newest_beat() -> None:
    channel = MemoryChannel()  # its clock stands still: only the stream's time makes beats
    publish((fact(3_600.0 * hour) for hour in range(0, 24 * 30, 5)), channel, paced(channel, MAX_SPEED))
    beats = dict(channel.beats)
    newest = None
    for index, (_, partition, event, _) in enumerate(channel.sent):
        newest = beats.get(index, newest)
        if partition is None:
            assert newest is not None
            assert event.event_at - newest <= BEAT_STREAM_TIME + MS


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.integers(0, 200).map(lambda seconds: seconds * 1000), min_size=1, max_size=20).map(sorted),
    st.sampled_from([20.0, 60.0, 2160.0, MAX_SPEED]),
    st.sampled_from([0.0, 0.02]),  # a slow channel: beats fall due between events of one instant
)
def test_a_beat_is_older_than_all_that_follows_and_beats_never_go_back(
    ms: list[int], speed: float, send_seconds: float
) -> None:
    routes = [ScheduledRoute("JFK", "LAX", ("B6",))]
    stream = list(with_heartbeats([fact(m / 1000) for m in ms], routes, timedelta(seconds=45)))
    channel = MemoryChannel(send_seconds=send_seconds)
    tally = publish(iter(stream), channel, paced(channel, speed))
    assert channel.facts == stream
    beats = channel.beats
    assert all(a <= b for (_, a), (_, b) in pairwise(beats))
    for (_, _, before, _), (_, _, after, _) in pairwise(channel.sent):
        assert before.event_at <= after.event_at
    for index, at in beats:
        following = [e.event_at for _, partition, e, _ in channel.sent[index:] if partition is None]
        assert not following or at < min(following)
    assert tally.route_heartbeats + tally.events_total == len(stream)


def test_an_event_older_than_the_one_before_is_refused_by_its_id() -> None:
    channel = MemoryChannel()
    tally = Tally()
    with pytest.raises(EventRefused, match=r"^w4: event_at 2013-02-07T05:00:04\+00:00 is before"):
        publish(iter([fact(5), fact(4)]), channel, paced(channel, MAX_SPEED), tally=tally)
    assert [e.event_id for e in channel.facts] == ["w5"]
    assert tally.events_total == 1


def test_an_event_in_the_future_is_refused_and_moves_no_clock() -> None:
    channel = MemoryChannel()
    plan = Plan(pace=Pace(START, MAX_SPEED, channel.clock, 0), not_after=START + timedelta(days=1))
    with pytest.raises(EventRefused, match=r"w90000.*in the future"):
        publish(iter([fact(5), fact(90_000)]), channel, plan)
    assert max(at for _, at in channel.beats) < START + timedelta(seconds=5)


def test_stopping_sends_no_more_and_the_last_beat_leaves_room_for_what_was_not_sent() -> None:
    channel = MemoryChannel()
    publish(iter([fact(0), fact(100)]), channel, paced(channel, 1.0), stopping=lambda: channel.seconds > 1_030)
    assert [e.event_id for e in channel.facts] == ["w0"]
    assert channel.closed
    _, at = channel.beats[-1]
    assert START + timedelta(seconds=30) <= at < START + timedelta(seconds=31)


def test_no_events_no_beats() -> None:
    channel = MemoryChannel()
    nothing: Iterator[Event] = iter([])
    assert publish(nothing, channel, paced(channel, MAX_SPEED)).clock_at is None
    assert channel.sent == []


def test_an_old_channel_gets_the_version_it_writes() -> None:
    channel = MemoryChannel()
    publish(iter([fact(0), fact(1)]), channel, paced(channel, MAX_SPEED), wire_version=lambda e: len(e.event_id) - 1)
    assert [version for _, partition, _, version in channel.sent if partition is None] == [1, 1]


def test_a_failed_delivery_ends_the_run() -> None:
    channel = MemoryChannel(fail_after=len(KPI_TOPICS) * 3 + 1)
    with pytest.raises(PublishFailed) as failure:
        publish(iter([fact(0), fact(0), fact(1)]), channel, paced(channel, MAX_SPEED))
    assert (failure.value.topic, failure.value.partition, failure.value.reason) == ("airport-weather", 0, "made up")
