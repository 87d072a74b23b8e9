"""Heartbeats of scheduled routes, and clock beats: what keeps windows moving when nothing happens."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from producers.sources import ScheduledRoute
from schemas.events import Event, RouteHeartbeat
from schemas.rows import from_ms, to_ms

SOURCE: Final = "heartbeat"


def with_heartbeats(events: Iterable[Event], routes: Sequence[ScheduledRoute], every: timedelta) -> Iterator[Event]:
    """The events, in their order, with one heartbeat per route at each multiple of `every` among them.

    A heartbeat at the instant of an event comes after it, so that the row it brings out holds the event. The last
    heartbeats follow the last event: every route's final row comes out.
    """
    tick: datetime | None = None
    for event in events:
        if tick is None:
            tick = first_tick(event.event_at, every)
        while tick < event.event_at:
            yield from route_heartbeats(routes, tick)
            tick += every
        yield event
    if tick is not None:
        yield from route_heartbeats(routes, tick)


def heartbeats_forever(routes: Sequence[ScheduledRoute], start: datetime, every: timedelta) -> Iterator[RouteHeartbeat]:
    """Heartbeats of all routes at `start` and then at each multiple of `every`."""
    yield from route_heartbeats(routes, start)
    tick = first_tick(start + timedelta(milliseconds=1), every)
    while True:
        yield from route_heartbeats(routes, tick)
        tick += every


def route_heartbeats(routes: Sequence[ScheduledRoute], at: datetime) -> Iterator[RouteHeartbeat]:
    """One heartbeat per route. The id follows from route and instant, so two publishers of the same tick agree."""
    for route in routes:
        yield RouteHeartbeat(
            event_id=f"heartbeat-{route.origin}-{route.destination}-{to_ms(at)}",
            event_at=at,
            source=SOURCE,
            origin=route.origin,
            destination=route.destination,
            carriers=route.carriers,
        )


def clock_beat(at: datetime) -> RouteHeartbeat:
    """Says to the partition it is sent to: every event of mine that follows is later than `at`."""
    return RouteHeartbeat(event_id=f"clock-{to_ms(at)}", event_at=at, source=SOURCE)


def first_tick(instant: datetime, every: timedelta) -> datetime:
    """The first multiple of `every` since the epoch that is not before `instant`."""
    every_ms = every // timedelta(milliseconds=1)
    return from_ms(-(-to_ms(instant) // every_ms) * every_ms)
