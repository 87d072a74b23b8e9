"""The composition root of every publishing command.

Exit codes: 0 all sent and acknowledged, also when SIGTERM or SIGINT asked to stop early (the summary's `stopped` says
so); 1 something was not published; 2 bad usage or settings. A second signal ends the process at once, unflushed.
"""

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any, NoReturn

import typer
from pydantic import ValidationError

from producers.delivery import Channel, Deliveries, KafkaChannel
from producers.errors import EventRefused
from producers.heartbeat import with_heartbeats
from producers.options import Options
from producers.pacing import Pace
from producers.progress import Bar
from producers.publish import FUTURE_TOLERANCE, TOPIC_OF, Plan, publish
from producers.raw_channel import RawChannel
from producers.settings import Settings
from producers.sources import Source
from producers.summary import Tally, summarise
from schemas.errors import SemaforoError
from schemas.events import Event
from schemas.topics import KPI_TOPICS


def publish_source(
    command: str,
    source: Source,
    options: Options,
    *,
    anchor: datetime | None = None,
    future_allowed: bool = False,
) -> None:
    """Publish a source with heartbeats to the topics of a stage; print a summary; raise typer.Exit with the code.

    `anchor` is the stream time at the start (default: the first event). `future_allowed` is for simulated time.
    """
    events = source.events()
    first = next(events, None)
    if first is None:
        fail(f"{command}: the source has no events", 1)
    stream = with_heartbeats(_chain(first, events), source.routes(), timedelta(minutes=options.heartbeat_minutes))
    run(
        command,
        stream,
        options,
        pace=lambda: Pace(anchor or first.event_at, options.speed, time.monotonic, time.monotonic()),
        total=source.total(),
        wire_version=source.wire_version,
        not_after=None if future_allowed else datetime.now(UTC) + FUTURE_TOLERANCE,
    )


def run(
    command: str,
    events: Iterator[Event],
    options: Options,
    *,
    pace: Callable[[], Pace],
    total: int | None = None,
    wire_version: Callable[[Event], int | None] = lambda event: None,
    not_after: datetime | None = None,
) -> None:
    """Publish any stream of events; raise typer.Exit with the code. `pace` is made once the brokers have answered."""
    settings = _settings(options)
    tally, deliveries, error = Tally(), Deliveries(), None
    started = time.monotonic()
    with _stop_signals() as stopped, Bar(command, total) as bar:
        try:
            channel, deliveries = _channel(command, options, settings)
            plan = Plan(pace=pace(), closing_margin=timedelta(minutes=options.closing_minutes), not_after=not_after)
            try:
                publish(
                    events,
                    channel,
                    plan,
                    wire_version=wire_version,
                    stopping=lambda: bool(stopped),
                    progress=bar,
                    tally=tally,
                )
            except EventRefused:
                channel.close()
                raise
        except (SemaforoError, EventRefused, OSError) as failure:
            error = f"{type(failure).__name__}: {failure}"
    summary = summarise(
        command,
        settings.stage,
        time.monotonic() - started,
        tally,
        deliveries,
        stopped=stopped[0] if stopped else None,
        error=error,
    )
    if options.summary_file:
        summary.write(options.summary_file)
    print(
        f"{command}: {summary.events_total} events, {summary.flights_closed} flights closed, "
        f"{summary.route_heartbeats} heartbeats, {summary.clock_beats} clock beats; "
        f"{summary.acked} acknowledged, {summary.failed} failed, {summary.seconds:.1f} s"
        + (f"; stopped by {summary.stopped}" if summary.stopped else "")
    )
    if error:
        fail(f"{command}: {error}", 1)


def fail(message: str, code: int) -> NoReturn:
    """Say why on stderr and leave."""
    print(message, file=sys.stderr)
    raise typer.Exit(code)


def _settings(options: Options) -> Settings:
    given = {"stage": options.stage, "kafka_bootstrap": options.bootstrap}
    try:
        settings = Settings.read()
        # Validated anew: a stage from the command line is checked like one from the environment.
        settings = Settings.model_validate(
            {**settings.model_dump(), "kafka_properties": json.dumps(settings.kafka_properties)}
            | {name: value for name, value in given.items() if value}
        )
    except ValidationError as wrong:
        fail("; ".join(f"{e['loc'][0]}: {e['msg']}, got {e['input']!r}" for e in wrong.errors()), 2)
    if options.raw and options.bootstrap:
        fail("--raw writes files instead of publishing: leave --bootstrap out", 2)
    if not options.raw and not settings.kafka_bootstrap:
        fail("no brokers: give --bootstrap or SEMAFORO_KAFKA_BOOTSTRAP (`python -m deploy local env` prints it)", 2)
    return settings


def _channel(command: str, options: Options, settings: Settings) -> tuple[Channel, Deliveries]:
    if options.raw:
        raw = RawChannel(options.raw, command)
        return raw, raw.deliveries
    topics = [*dict.fromkeys([*KPI_TOPICS, *TOPIC_OF.values()])]
    kafka = KafkaChannel(settings.stage, settings.kafka_bootstrap, topics, _client(settings))
    return kafka, kafka.deliveries


def _client(settings: Settings) -> dict[str, Any]:
    if settings.kafka_login == "none":
        return {**settings.kafka_properties}
    # Half a second of imports, which brokers without a login save.
    from producers.kafka_login import session_login

    return {**session_login(), **settings.kafka_properties}


def _chain(first: Event, rest: Iterator[Event]) -> Iterator[Event]:
    yield first
    yield from rest


@contextmanager
def _stop_signals() -> Iterator[list[str]]:
    """Names of the stop signals received so far; the handlers of before are back after the first."""
    received: list[str] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def on_signal(number: int, frame: FrameType | None) -> None:
        received.append(signal.Signals(number).name)
        for again in before:
            signal.signal(again, signal.SIG_DFL)

    for number in before:
        signal.signal(number, on_signal)
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
