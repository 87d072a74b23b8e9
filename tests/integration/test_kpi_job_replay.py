"""A day that is published twice, the second time shuffled and with copies: the rows are those of one publication.

`ordered` reads a day in order and then all of it again; `wide` reads the day shuffled only, with a bound as wide as the
shuffle; `careless`, the control, reads what `wide` reads and does not look for duplicates.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

import pytest

from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import LocalCloud
from schemas.events import Event, LateEvent, utc
from schemas.rows import to_ms
from tests.flink_jobs.made_up import MadeUp
from tests.flink_jobs.reference import Expected, Key, expected_rows
from tests.integration.kpi_jobs import JobPlan, running_jobs
from tests.integration.kpi_lights import colours, expected_lights, falsely_green, twitchy_catalog
from tests.integration.kpi_topics import Place, Rows, Topics, value

pytestmark = pytest.mark.integration

START = utc(2013, 4, 8)
DAY = timedelta(days=1)
END = START + DAY + timedelta(hours=1)
BOUND = timedelta(hours=2)  # of `ordered`: the day's last hour is still open when the day comes again
PANE = timedelta(minutes=1)
GAP = timedelta(minutes=2)
MS = timedelta(milliseconds=1)
BATCH = 50
SHUFFLED = "shuffled"  # the stage of the shuffled day
PATIENT = {"idle_timeout_seconds": "86400"}  # nobody is idle here, however long a crowded machine takes for a beat
WIDE = {**PATIENT, "bound_ms": str(DAY // MS), "stage": SHUFFLED}
PLANS = {
    "ordered": {**PATIENT, "bound_ms": str(BOUND // MS)},
    "wide": WIDE,
}


@dataclass
class Replay:
    """What the brokers hold, and what the jobs made of it."""

    day: list[Event]
    topics: Topics
    shuffled: Topics
    rows: dict[str, Rows]
    expected: dict[str, dict[Key, Expected]]
    late: set[Place]


@pytest.fixture(scope="module")
def replay(broker: KafkaCluster, cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    broker.create_topics(SHUFFLED)
    topics, shuffled = Topics(broker), Topics(broker, SHUFFLED)
    rows = {name: Rows(cloud, name) for name in PLANS}
    day = list(takewhile(lambda event: event.event_at < START + DAY, MadeUp(8, START).events(2_000, GAP, pauses=0)))
    chance = random.Random(8)
    again = chance.sample(day, len(day)) + chance.sample(day, len(day) // 8)
    chance.shuffle(again)
    topics.beat(START)
    publish(topics, day, END)
    publish(shuffled, again, END + DAY)
    plans = [JobPlan(tmp_path_factory.mktemp(name), {**plan, "stream": name}) for name, plan in PLANS.items()]
    with running_jobs(broker, cloud, *plans):
        once = expected(topics)
        rows["ordered"].wait_for(key for key in once if key.at_ms < to_ms(END - BOUND))
        publish(topics, again, END + BOUND)
        wanted = {"ordered": expected(topics), "wide": expected(shuffled)}
        assert wanted["ordered"] == once
        for name, keys in wanted.items():
            rows[name].wait_for(keys)
            rows[name].read()
        yield Replay(day, topics, shuffled, rows, wanted, late_places(topics))


def publish(topics: Topics, events: list[Event], end: datetime) -> None:
    """Events in their order, a beat with the newest `event_at` after each batch; the last one at `end`."""
    for begin in range(0, len(events), BATCH):
        for event in events[begin : begin + BATCH]:
            topics.send(event)
        topics.flush()
        topics.beat(max(event.event_at for event in events[: begin + BATCH]))
    topics.beat(end)


def expected(topics: Topics) -> dict[Key, Expected]:
    """From what the brokers hold, each event once: its first copy counts, and all stand on one partition."""
    return expected_rows(first_copies(topics).values(), PANE // MS)


def first_copies(topics: Topics) -> dict[Place, tuple[Event, int]]:
    """The first of all copies of each event."""
    facts = topics.facts()
    first: dict[str, Place] = {}
    for place in sorted(facts):
        first.setdefault(facts[place][0].event_id, place)
    return {place: facts[place] for place in first.values()}


def late_places(topics: Topics) -> set[Place]:
    """Where the events stand that came behind the watermark."""
    late = [event for stored in topics.read("late-events") if isinstance(event := value(stored), LateEvent)]
    assert len({(event.topic, event.partition, event.offset) for event in late}) == len(late)
    return {(event.topic.partition(".")[2], event.partition, event.offset) for event in late}


def test_a_day_that_comes_twice_counts_once(replay: Replay) -> None:
    rows, wanted = replay.rows["ordered"], replay.expected["ordered"]
    assert not rows.differences(wanted)
    assert not rows.disordered
    assert rows.count == len(wanted)
    assert len(replay.day) > 600


def test_every_copy_is_dropped_or_late_by_whether_its_pane_was_open(replay: Replay) -> None:
    facts = replay.topics.facts()
    copies = facts.keys() - first_copies(replay.topics).keys()
    assert len(copies) == len(replay.day) + len(replay.day) // 8
    assert len(facts) == len(replay.day) + len(copies)
    gone = {place for place in copies if facts[place][0].event_at < END - BOUND}
    assert replay.late == gone
    assert copies - gone, "some met an open pane"
    assert not replay.topics.read("dead-letters")


def test_a_shuffled_day_gives_the_rows_of_the_ordered_one(replay: Replay) -> None:
    rows = replay.rows["wide"]
    assert not rows.differences(replay.expected["wide"])
    assert rows.count == len(rows.rows)
    assert said(rows) == said(replay.rows["ordered"])
    assert not late_places(replay.shuffled)
    assert not replay.shuffled.read("dead-letters")


def said(rows: Rows) -> dict[Key, tuple[int, tuple[int, ...]]]:
    """What rows say, but for the append time of what they are made of."""
    return {key: (row.events, row.measures) for key, row in rows.rows.items()}


def test_no_copy_and_no_disorder_made_a_light_falsely_green(replay: Replay) -> None:
    assert min(colours(expected_lights(replay.expected["ordered"], twitchy_catalog())).values()) > 50
    for name in ("ordered", "wide"):
        assert not falsely_green(replay.rows[name].arrived, replay.expected[name])


@pytest.mark.faults
def test_without_looking_for_duplicates_copies_count_twice(
    replay: Replay, broker: KafkaCluster, cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The control: the checks above see what a careless job reads into the same topics."""
    rows, wanted = Rows(cloud, "careless"), replay.expected["wide"]
    careless = {**WIDE, "drop_duplicates": "false", "stream": "careless"}
    with running_jobs(broker, cloud, JobPlan(tmp_path_factory.mktemp("careless"), careless)):
        rows.wait_for(wanted)
    assert rows.rows.keys() == wanted.keys()
    assert "wrong" in rows.differences(wanted)
    assert falsely_green(rows.arrived, wanted)
