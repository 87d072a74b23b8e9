"""Event to alert in real time: events at a steady rate, garbage among them, through the whole local stack.

Each route's evidence is prepared half an hour back, so that the `for` of its completion rule runs out at a random
moment of the measurement; the first event of the route after that moment turns its light. Latency is from the append
of that event in Kafka to the subscriber of the SNS topic.
"""

import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer
from confluent_kafka import Producer

from bench.webhook import Webhook
from deploy.demo.books import percentile
from deploy.demo.listeners import Received, StreamReader, StreamRecord
from deploy.local.stack import Stack
from flink_jobs.settings import PACES
from producers.delivery import KafkaChannel
from producers.pacing import Pace
from producers.publish import Plan as PublishPlan
from producers.publish import publish
from schemas.events import FlightState, FlightStatus
from schemas.lights import Transition
from schemas.rows import KpiRow
from schemas.topics import KPI_TOPICS, topic_name
from warehouse.parity import frame_of
from warehouse.reconcile import account

BAR_P99_MS: Final = 500.0
ROUTES: Final = 300
COMPLETION_FOR: Final = timedelta(minutes=30)
COMPLETION_FLIGHTS: Final = 8
WARM_UP: Final = timedelta(seconds=90)
"""When a stage is new, every light of every route shows for the first time at once, and the job's JVM compiles."""

SEED: Final = 20130208
ROUTES_OF_A_CARRIER: Final = 4
"""Of five, a carrier's storm would be told and not the routes."""


class Route(NamedTuple):
    origin: str
    destination: str
    carrier: str


def latency(
    rate: Annotated[float, typer.Option(min=1, help="events per second")] = 50,
    seconds: Annotated[float, typer.Option(min=120, help="length, with 90 s of warm-up")] = 240,
    garbage: Annotated[float, typer.Option(min=0, max=0.5, help="share of messages that are garbage")] = 0.01,
) -> None:
    """Event to alert at a steady rate in real time, with garbage on the topics; the bar is p99 < 500 ms."""
    with tempfile.TemporaryDirectory(prefix="semaforo-bench-") as folder:
        stack = Stack("bench", Path(folder), bound=True, say=lambda line: print(line, file=sys.stderr))
        try:
            stack.start()
            stack.start_job({"pace": "live"})
            problems = _measure(stack, rate, timedelta(seconds=seconds), garbage)
        finally:
            stack.stop(grace_seconds=0)
    for problem in problems:
        print(f"latency: {problem}", file=sys.stderr)
    if problems:
        raise typer.Exit(1)


def _measure(stack: Stack, rate: float, length: timedelta, garbage: float) -> list[str]:
    channel = KafkaChannel(stack.stage, stack.kafka_bootstrap, KPI_TOPICS)
    with Webhook(stack.cloud.client("sns"), stack.outputs["AlertsTopicArn"]) as subscriber:
        start = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=5)
        pace = Pace(start, 1.0, time.time, start.timestamp())
        events = _events(start, rate, length, random.Random(SEED))
        noise = Garbage(stack, rate * garbage)
        noise.start()
        tally = publish(events, channel, PublishPlan(pace=pace, closing_margin=timedelta(seconds=1)))
        noise.finish()
        reader = StreamReader(stack.cloud, stack.outputs["KpiStream"])  # not before: what it asks would be measured
        reader.start()
        while reader.quiet_seconds() < 5 or subscriber.quiet_seconds() < 5:
            time.sleep(0.2)
        reader.finish()
    books = account(stack.kafka_bootstrap, stack.stage, frame_of(reader.rows), PACES["live"]["pane_ms"])
    measured = [r for r in subscriber.received.values() if r.alert.transition.ingested_at >= start + WARM_UP]
    p99 = _report(measured, reader.records, tally.events_total, noise.sent, rate)
    checks = {
        f"{books.lost} events lost": books.lost != 0,
        f"{books.mismatches} rows differ from the batch computation: {books.examples[:3]}": books.mismatches != 0,
        f"{books.dead_letters} dead letters of {noise.sent} pieces of garbage": books.dead_letters != noise.sent,
        f"{books.late_events} late events": books.late_events != 0,
        f"only {len(measured)} alerts, too few for a p99": len(measured) < 100,
        f"p99 {p99} ms misses the bar of {BAR_P99_MS:.0f} ms": p99 is None or p99 >= BAR_P99_MS,
    }
    return [problem for problem, wrong in checks.items() if wrong]


def _report(
    measured: list[Received], records: list[StreamRecord], events: int, garbage: int, rate: float
) -> float | None:
    legs: dict[str, list[float]] = {"append to stream": [], "stream to decision": [], "decision to subscriber": []}
    # The first time counts: a job that starts again after a crash may put a row twice.
    stored_at = {row_key(row): record.stored_at for record in reversed(records) for row in record.rows}
    for received in measured:
        alert, stored = received.alert, stored_at[row_key(received.alert.transition)]
        instants = (alert.transition.ingested_at, stored, alert.decided_at, received.received_at)
        for leg, (begin, end) in zip(legs.values(), pairwise(instants), strict=True):
            leg.append((end - begin).total_seconds() * 1000)
    whole = [r.latency_ms for r in measured]
    print(f"{events} events at {rate:g}/s with {garbage} pieces of garbage, {len(measured)} alerts measured")
    if not whole:
        return None
    for name, values in {**legs, "append to subscriber": whole}.items():
        shares = "  ".join(f"{label} {percentile(values, share):6.0f}" for label, share in _SHARES)
        print(f"{name:<22} ms  {shares}")
    return percentile(whole, 0.99)


def row_key(row: KpiRow | Transition) -> tuple[str, str, str, datetime]:
    """Of a row, or of the row that brought a light to change."""
    return row.scope, row.entity, row.window, row.at


_SHARES: Final = (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0))


def _events(start: datetime, rate: float, length: timedelta, chance: random.Random) -> Iterator[FlightStatus]:
    """The prepared evidence, then the steady rate; in order of `event_at`."""
    codes = [f"Q{a}{b}" for a, b in product("ABCDEFGHIJKLMNOPQRSTUVWXYZ", repeat=2)]
    routes = [Route(codes[2 * i], codes[2 * i + 1], codes[i // ROUTES_OF_A_CARRIER][1:]) for i in range(ROUTES)]
    evidence = []
    for route in routes:
        turns_at = start + WARM_UP + chance.random() * (length - WARM_UP)
        evidence += [(_whole_ms(turns_at - COMPLETION_FOR), route) for _ in range(COMPLETION_FLIGHTS)]
    number = 0
    for at, route in sorted(evidence):
        number += 1
        yield _cancelled(route, number, at)
    for tick in range(int(rate * length.total_seconds())):
        number += 1
        yield _cancelled(chance.choice(routes), number, _whole_ms(start + timedelta(seconds=tick / rate)))


def _whole_ms(instant: datetime) -> datetime:
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _cancelled(route: Route, number: int, at: datetime) -> FlightStatus:
    flight_id = f"{route.carrier}-{number}-{at:%Y-%m-%d}-{route.origin}"
    return FlightStatus(
        event_id=f"{flight_id}/cancelled",
        event_at=at,
        source="bench",
        flight_id=flight_id,
        carrier=route.carrier,
        number=str(number),
        origin=route.origin,
        destination=route.destination,
        state=FlightState.CANCELLED,
        scheduled_departure_at=at,
        scheduled_arrival_at=at + timedelta(hours=2),
    )


class Garbage(threading.Thread):
    """Bytes that are no record, onto random KPI topics at a steady rate."""

    def __init__(self, stack: Stack, per_second: float) -> None:
        super().__init__(daemon=True)
        self.sent = 0
        self._stage = stack.stage
        self._per_second = per_second
        self._done = threading.Event()
        self._producer = Producer({"bootstrap.servers": stack.kafka_bootstrap, "acks": "all"})

    def run(self) -> None:
        chance = random.Random(SEED)
        while self._per_second > 0 and not self._done.wait(1 / self._per_second):
            message = chance.choice([b"", b"\xc3\x01", b"{}", chance.randbytes(80), b"\xc3\x01" + chance.randbytes(60)])
            self._producer.produce(topic_name(self._stage, chance.choice(KPI_TOPICS)), message)
            self._producer.poll(0)
            self.sent += 1

    def finish(self) -> None:
        """Stop, with everything on the topics."""
        self._done.set()
        self.join()
        self._producer.flush()
