"""Heartbeats among events: where they come, how many, and that they follow from the stream alone."""

from datetime import timedelta
from itertools import islice, pairwise

from hypothesis import given
from hypothesis import strategies as st

from producers.heartbeat import clock_beat, first_tick, heartbeats_forever, with_heartbeats
from producers.sources import ScheduledRoute
from schemas.events import AirportWeather, Event, RouteHeartbeat, utc

ROUTES = (ScheduledRoute("JFK", "LAX", ("AA", "B6")), ScheduledRoute("LGA", "BOS", ("US",)))
START = utc(2013, 2, 7, 5)


def fact(seconds: float) -> Event:
    at = START + timedelta(seconds=seconds)
    return AirportWeather(event_id=f"w{seconds}", event_at=at, source="test", airport="JFK", observed_at=at)


def minutes(stream: list[Event]) -> list[tuple[str, float]]:
    return [
        ("beat" if isinstance(e, RouteHeartbeat) else "fact", (e.event_at - START) / timedelta(minutes=1))
        for e in stream
    ]


def test_beats_stand_at_multiples_of_the_interval_after_a_fact_of_the_same_instant() -> None:
    stream = list(with_heartbeats([fact(0), fact(90), fact(600), fact(601)], ROUTES[:1], timedelta(minutes=5)))
    assert minutes(stream) == [
        ("fact", 0), ("beat", 0), ("fact", 1.5), ("beat", 5), ("fact", 10),
        ("beat", 10), ("fact", 601 / 60), ("beat", 15),
    ]  # fmt: skip


def test_a_beat_carries_the_route_and_its_carriers() -> None:
    beats = [e for e in with_heartbeats([fact(1)], ROUTES, timedelta(hours=1)) if isinstance(e, RouteHeartbeat)]
    assert [(b.key, b.carriers, b.event_at) for b in beats] == [
        ("JFK-LAX", ("AA", "B6"), utc(2013, 2, 7, 6)),
        ("LGA-BOS", ("US",), utc(2013, 2, 7, 6)),
    ]
    assert beats[0].event_id == "heartbeat-JFK-LAX-1360216800000"  # 2013-02-07T06:00:00Z


def test_no_fact_no_beat() -> None:
    assert list(with_heartbeats([], ROUTES, timedelta(minutes=5))) == []


def test_live_beats_begin_now_and_go_on_at_the_multiples() -> None:
    now = utc(2013, 2, 7, 5, 3, 20)
    beats = islice(heartbeats_forever(ROUTES[:1], now, timedelta(minutes=5)), 3)
    assert [b.event_at for b in beats] == [now, utc(2013, 2, 7, 5, 5), utc(2013, 2, 7, 5, 10)]


def test_a_clock_beat_names_no_route() -> None:
    beat = clock_beat(utc(2013, 2, 7, 6))
    assert (beat.origin, beat.destination, beat.key, beat.event_id) == (None, None, "", "clock-1360216800000")


@given(st.lists(st.integers(0, 20_000), min_size=1).map(sorted), st.integers(1, 300))
def test_merging_keeps_the_facts_and_their_order_and_misses_no_tick(seconds: list[int], every_minutes: int) -> None:
    every = timedelta(minutes=every_minutes)
    facts = [fact(s) for s in seconds]
    stream = list(with_heartbeats(facts, ROUTES, every))
    assert [e for e in stream if not isinstance(e, RouteHeartbeat)] == facts
    assert all(a.event_at <= b.event_at for a, b in pairwise(stream))
    beats = [e.event_at for e in stream if isinstance(e, RouteHeartbeat)]
    first, last = first_tick(facts[0].event_at, every), first_tick(facts[-1].event_at, every)
    ticks = (last - first) // every + 1
    assert beats == [first + n * every for n in range(ticks) for _ in ROUTES]
