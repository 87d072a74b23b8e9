"""Events to topics, in order, at a pace, with the clock going on every partition the KPI job reads.

A reader takes a clock beat at its word: every later event of this publisher is newer. So a beat carries stream time,
but always less than the next event's `event_at`; between events of one instant there is none. An event older than the
one before it is refused, not sent. What is on a partition is thus in order, beats included.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import msgspec

from producers.delivery import Channel
from producers.errors import EventRefused
from producers.heartbeat import clock_beat
from producers.pacing import Pace
from producers.summary import Tally
from schemas.events import Event, RouteHeartbeat
from schemas.topics import KPI_TOPICS, TOPICS

# Clock beats carry the KPI job's watermarks through quiet moments, so their period is part of every alert's latency.
# A beat costs a request for each partition, since librdkafka puts one partition into one. A replay has minutes of
# stream time between two: more beats would only make more, smaller requests to the stream of the same rows.
LIVE_BEAT_SECONDS: Final = 0.1
REPLAY_BEAT_SECONDS: Final = 0.2
# At full speed the stream may run days in one period; the job dead-letters what is a day ahead of its newest beat.
BEAT_STREAM_TIME: Final = timedelta(hours=6)
# The closing beat lies so far behind the last event that the last pane comes out (panes are a minute or less).
CLOSING_MARGIN: Final = timedelta(minutes=5)
# A stop signal is noticed within this time.
LONGEST_WAIT_SECONDS: Final = 0.05
ONE_MS: Final = timedelta(milliseconds=1)
FUTURE_TOLERANCE: Final = timedelta(days=1)  # what the KPI job tolerates ahead of the clock

TOPIC_OF: Final[dict[str, str]] = {
    topic.records[0]: topic.name for topic in TOPICS.values() if "producers" in topic.written_by
}


class Progress(Protocol):
    """Told about every event sent."""

    def sent(self, event: Event) -> None: ...


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How to publish. Events later than `not_after` are refused; the last beat is `closing_margin` after the end."""

    pace: Pace
    closing_margin: timedelta = CLOSING_MARGIN
    not_after: datetime | None = None


def publish(
    events: Iterator[Event],
    channel: Channel,
    plan: Plan,
    *,
    wire_version: Callable[[Event], int | None] = lambda event: None,
    stopping: Callable[[], bool] = lambda: False,
    progress: Progress | None = None,
    tally: Tally | None = None,
) -> Tally:
    """Send the events until they end or `stopping()`, then wait until all is acknowledged; what was sent, counted.

    A beat goes to every partition before the first event, at every period of its pace, and after the last event. A run
    that is stopped ends with a beat just before the event it did not send: a later run may go on from there.
    Raises EventRefused, PublishFailed. `tally` is filled as it goes, so it is right after an error as well.
    """
    tally = Tally() if tally is None else tally
    beats = _Beats(channel, plan, tally)
    newest: Event | None = None
    for event in events:
        _check(event, newest, plan.not_after)
        if newest is None:
            beats.beat(plan.pace.reached(min(plan.pace.anchor, event.event_at - ONE_MS)))
        if not _until_due(event, channel, plan.pace, beats, stopping):
            break
        topic = TOPIC_OF[type(event).__name__]
        channel.send(topic, event, wire_version(event))
        beats.newest_at = event.event_at
        if isinstance(event, RouteHeartbeat):
            tally.route_heartbeats += 1
        else:
            tally.count(topic, event)
        newest = event
        if progress:
            progress.sent(event)
    else:
        if newest is not None:
            beats.beat(newest.event_at + plan.closing_margin)
    channel.close()
    return tally


def hand_over(events: Iterable[Event], channel: Channel, *, not_after: datetime | None = None) -> Tally:
    """Send the events at once, in order, and wait until all is acknowledged; without the clock.

    For a publisher that comes and goes, as a function that a file or a message starts: a beat promises that no older
    event of its publisher follows, and nobody knows what the next file holds. Raises EventRefused, PublishFailed.
    """
    tally = Tally()
    newest: Event | None = None
    for event in events:
        _check(event, newest, not_after)
        topic = TOPIC_OF[type(event).__name__]
        channel.send(topic, event)
        tally.count(topic, event)
        newest = event
    channel.close()
    return tally


def _until_due(event: Event, channel: Channel, pace: Pace, beats: "_Beats", stopping: Callable[[], bool]) -> bool:
    """Wait for the event's instant with the clock beating; False if told to stop."""
    limit = event.event_at - ONE_MS
    while True:
        if stopping():
            beats.beat_before(limit)
            return False
        beats.beat_if_due(limit)
        remaining = pace.seconds_until(event.event_at)
        if remaining <= 0:
            channel.wait(0)
            return True
        channel.wait(min(remaining, beats.seconds_until_due(), LONGEST_WAIT_SECONDS))


def _check(event: Event, newest: Event | None, not_after: datetime | None) -> None:
    if newest is not None and event.event_at < newest.event_at:
        raise EventRefused(
            f"{event.event_id}: event_at {event.event_at.isoformat()} is before {newest.event_at.isoformat()} of "
            f"{newest.event_id}; a source yields events in event_at order"
        )
    if not_after is not None and event.event_at > not_after:
        raise EventRefused(
            f"{event.event_id}: event_at {event.event_at.isoformat()} is in the future (after {not_after.isoformat()})"
        )


class _Beats:
    """Clock beats to every partition the KPI job reads, never going back."""

    def __init__(self, channel: Channel, plan: Plan, tally: Tally) -> None:
        self._channel = channel
        self._pace = plan.pace
        self._every = LIVE_BEAT_SECONDS if plan.pace.speed <= 1 else REPLAY_BEAT_SECONDS
        self._tally = tally
        self._beat_at = datetime.min.replace(tzinfo=UTC)
        self.newest_at = self._beat_at  # of the events sent
        self._next_seconds = float("-inf")

    def seconds_until_due(self) -> float:
        """Wall seconds until the next beat, zero at least."""
        return max(0.0, self._next_seconds - self._pace.clock())

    def beat_if_due(self, limit: datetime) -> None:
        """A beat with stream time, `limit` at most, if it is time for one by the wall or by the stream."""
        if self._pace.clock() < self._next_seconds and limit - self._beat_at < BEAT_STREAM_TIME:
            return
        self.beat_before(limit)

    def beat_before(self, limit: datetime) -> None:
        """A beat with stream time, `limit` at most; none if an event of a later instant has been sent already."""
        if limit >= self.newest_at:
            self.beat(self._pace.reached(limit))

    def beat(self, at: datetime) -> None:
        """A beat, never older than what was sent before it."""
        at = max(at, self._beat_at, self.newest_at)
        for topic in KPI_TOPICS:
            for partition in range(self._channel.partitions(topic)):
                self._channel.send(topic, clock_beat(at), partition=partition)
                self._tally.clock_beats += 1
        self._beat_at = self._tally.clock_at = at
        self._next_seconds = self._pace.clock() + self._every
