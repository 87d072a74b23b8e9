"""The load: what is sent where, in which order, and that the expected panes and rows are those of its events."""

from collections import Counter
from itertools import groupby
from typing import NamedTuple, cast

import numpy as np
import pytest
from confluent_kafka import Producer

from bench.kpi_job.expected import COUNTED, Panes, Trailing, route_panes
from bench.kpi_job.load import send
from bench.kpi_job.made_up import MOST_ROUTES, routes
from bench.kpi_job.shape import PANE_MS, START_MS, Shape, dense
from bench.kpi_job.templates import Encoding
from schemas.codec import decode
from schemas.events import Event, RouteHeartbeat
from schemas.rows import SCOPES, WINDOWS_OF_SCOPE, KpiRow, from_ms, to_ms
from schemas.topics import KPI_TOPICS, PARTITIONS
from warehouse.facts import facts_of
from warehouse.parity import compare, frame_of

# Two and a half minutes on three routes, so that the last minute is cut short.
SHAPE = dense(225, 3)


class Sent(NamedTuple):
    """A message as it was handed over."""

    topic: str
    value: bytes
    key: str | None
    partition: int


class Memory:
    """Stands in for a producer."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []

    def produce(self, topic: str, value: bytes, key: str | None = None, partition: int = -1) -> None:
        self.sent.append(Sent(topic, value, key, partition))

    def poll(self, timeout: float) -> int:
        return 0


def sent(shape: Shape, *encodings: Encoding) -> list[Sent]:
    memory = Memory()
    send(cast(Producer, memory), shape, set(encodings))
    return memory.sent


def events_of(messages: list[Sent]) -> list[Event]:
    decoded = [decode(message.value) for message in messages]
    return [event for event in decoded if not isinstance(event, RouteHeartbeat)]


def test_a_million_events_on_a_thousand_routes() -> None:
    shape = dense(1_000_000, 1_000)
    assert shape.events_per_minute == 30_000
    assert shape.minutes == 34
    assert shape.events_in(33) == 10_000
    assert shape.last_at_ms == START_MS + 34 * PANE_MS
    slots = shape.slots()
    assert (slots[0].offset_ms, slots[-1].offset_ms) == (1, PANE_MS)
    assert Counter(slot.route for slot in slots) == dict.fromkeys(range(1_000), 30)


def test_half_is_status_and_a_tenth_are_answers() -> None:
    kinds = Counter(type(event).__name__ for event in events_of(sent(dense(600, 2), Encoding.SINGLE_OBJECT)))
    assert kinds == {"FlightStatus": 300, "FlightFinance": 120, "FlightOperation": 120, "PassengerFeedback": 60}


def test_each_event_is_sent_once_in_every_encoding() -> None:
    messages = sent(SHAPE, *Encoding)
    events = events_of([message for message in messages if message.topic.count(".") == 1])
    assert len({event.event_id for event in events}) == SHAPE.events
    topics = Counter(message.topic.rpartition(".")[0] for message in messages)
    assert topics[f"{SHAPE.stage}.plain-avro"] == topics[f"{SHAPE.stage}.json"] == SHAPE.events


def test_a_partition_is_in_order_and_beaten_first_and_last() -> None:
    messages = sorted(sent(SHAPE, Encoding.SINGLE_OBJECT), key=lambda message: (message.topic, message.partition))
    places = 0
    for _, on_partition in groupby(messages, lambda message: (message.topic, message.partition)):
        places += 1
        events = [decode(message.value) for message in on_partition]
        assert isinstance(events[0], RouteHeartbeat)
        assert isinstance(events[-1], RouteHeartbeat)
        assert events == sorted(events, key=lambda event: event.event_at)
        assert to_ms(events[0].event_at) == START_MS
        assert to_ms(events[-1].event_at) > SHAPE.last_at_ms
    assert places == len(KPI_TOPICS) * PARTITIONS


def test_no_event_follows_a_beat_of_its_time() -> None:
    newest: dict[tuple[str, int], int] = {}
    for message in sent(SHAPE, Encoding.SINGLE_OBJECT):
        event, place = decode(message.value), (message.topic, message.partition)
        if isinstance(event, RouteHeartbeat):
            newest[place] = to_ms(event.event_at)
        else:
            assert to_ms(event.event_at) > newest[place]
            assert message.key == event.key


def test_the_expected_rows_are_those_of_the_warehouse() -> None:
    live: list[KpiRow] = []
    panes = route_panes(SHAPE)
    carrier_of = {route.entity: route.carrier for route in routes(SHAPE.routes)}
    for scope in SCOPES:
        rows = Trailing.of(SHAPE, panes, scope)
        names = {number: entity for entity, number in rows.place.items()}
        for window in WINDOWS_OF_SCOPE[scope]:
            for pane, entity in np.argwhere(rows.due):
                at = from_ms(START_MS + (int(pane) + 1) * PANE_MS)
                ((events, *measures),) = rows.values(window, np.array([pane]), np.array([entity])).tolist()
                flown_by = (carrier_of[names[entity]],) if (scope, window) == ("route", "24h") else ()
                live.append(KpiRow(scope, names[entity], window, at, 0, at, events, tuple(measures), flown_by))
    found = compare(frame_of(live), facts_of(events_of(sent(SHAPE, Encoding.SINGLE_OBJECT))), PANE_MS)
    assert found.mismatches == 0, found.examples
    assert found.rows == len(live) > 50


def test_minutes_of_a_route_and_routes_of_a_minute_differ() -> None:
    values = route_panes(dense(30 * 3 * 7, 3)).values
    assert values.shape == (7, 3, len(COUNTED))
    assert len({values[pane, route].tobytes() for pane in range(7) for route in range(3)}) == 21
    assert (values[:, :, 0] == 30).all()


def test_a_window_ends_where_it_is_as_long_as_it_says() -> None:
    rows = Trailing(Panes(["JFK"], np.ones((1_500, 1, len(COUNTED)), np.int64)))
    pane = np.array([0, 179, 180, 1_439, 1_440, 1_499])
    entity = np.zeros_like(pane)
    assert rows.values("3h", pane, entity)[:, 0].tolist() == [1, 180, 180, 180, 180, 180]
    assert rows.values("24h", pane, entity)[:, 0].tolist() == [1, 180, 181, 1_440, 1_440, 1_440]
    assert rows.values("7d", pane, entity)[:, 0].tolist() == [1, 180, 181, 1_440, 1_441, 1_500]


def test_there_are_only_so_many_routes() -> None:
    assert len(set(routes(MOST_ROUTES))) == 3_540
    assert routes(10) == routes(1_000)[:10]
    with pytest.raises(ValueError, match="1 to 3540 routes, not 3541"):
        routes(MOST_ROUTES + 1)
