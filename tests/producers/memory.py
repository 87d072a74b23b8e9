"""A Channel and a clock in memory: what `publish` does, without brokers and without waiting."""

from datetime import datetime

from producers.errors import PublishFailed
from producers.publish import TOPIC_OF
from schemas.events import Event, RouteHeartbeat
from schemas.topics import KPI_TOPICS, TOPICS


class MemoryChannel:
    """Keeps what was sent as (topic, partition or None, event, version); waiting moves its clock, nobody sleeps."""

    def __init__(self, fail_after: int | None = None, send_seconds: float = 0.0) -> None:
        self.sent: list[tuple[str, int | None, Event, int | None]] = []
        self.seconds = 1_000.0
        self.sent_at_seconds: list[float] = []
        self.closed = False
        self._fail_after = fail_after
        self._send_seconds = send_seconds

    def clock(self) -> float:
        return self.seconds

    def partitions(self, topic: str) -> int:
        return TOPICS[topic].partitions

    def send(self, topic: str, event: Event, version: int | None = None, partition: int | None = None) -> None:
        if self._fail_after is not None and len(self.sent) >= self._fail_after:
            raise PublishFailed(topic, 0, "made up")
        self.sent.append((topic, partition, event, version))
        self.sent_at_seconds.append(self.seconds)
        self.seconds += self._send_seconds

    def wait(self, seconds: float) -> None:
        self.seconds += seconds

    def close(self) -> None:
        self.closed = True

    @property
    def facts(self) -> list[Event]:
        """What was sent by key: facts and route heartbeats."""
        return [event for _, partition, event, _ in self.sent if partition is None]

    @property
    def beats(self) -> list[tuple[int, datetime]]:
        """(index in `sent`, instant) of each round of clock beats; checks that a round reaches every partition."""
        every = [(topic, partition) for topic in KPI_TOPICS for partition in range(TOPICS[topic].partitions)]
        found = []
        index = 0
        while index < len(self.sent):
            if self.sent[index][1] is None:
                index += 1
                continue
            one = self.sent[index : index + len(every)]
            assert [(topic, partition) for topic, partition, _, _ in one] == every
            assert len({event.event_at for _, _, event, _ in one}) == 1
            assert all(isinstance(event, RouteHeartbeat) and event.origin is None for _, _, event, _ in one)
            found.append((index, one[0][2].event_at))
            index += len(every)
        return found


def check_topics(channel: MemoryChannel) -> None:
    """Every fact is on its record's topic."""
    assert all(topic == TOPIC_OF[type(e).__name__] for topic, partition, e, _ in channel.sent if partition is None)
