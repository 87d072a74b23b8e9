"""The demo from start to verdict: set up, replay, listen, audit."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import polars as pl
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from deploy.demo import show
from deploy.demo.books import Summary, broken_promises, percentile
from deploy.demo.listeners import StreamReader, Subscriber
from deploy.demo.patience import Patience
from deploy.demo.plan import PANE_MS, DemoPlan
from deploy.errors import PartError, StackError, log_tail
from deploy.local.cloud import PART as CLOUD
from deploy.local.processes import MARK_VARIABLE
from deploy.local.stack import Stack
from deploy.paths import ROOT
from schemas.rows import FLAT_COLUMNS, flat

QUIET_SECONDS: Final = 4.0
"""Nothing new on the stream for this long after its last expected row means that all is out (checked by the audit)."""

SETTLE_SECONDS: Final = 300.0
"""How long job and Lambda may stand still once all is published. As long as they move they are waited for: a month in
minutes leaves the Lambda eleven minutes behind on a busy machine."""


def run(
    plan: DemoPlan,
    stack: Stack,
    console: Console,
    *,
    keep: bool,
    started: float,
    afterwards: Callable[[], None] | None = None,
) -> Summary:
    """One run on a fresh stack, which is stopped at the end unless `keep`; writes the files of `plan.folder`.

    What is kept is looked at: then flights are kept too, and what to do is advised beside alerts.

    With `afterwards` history is kept meanwhile, and that is called before the stack is stopped.

    Raises PartError when a part dies, StackError when the run does not come to an end.
    """
    shutil.rmtree(plan.folder, ignore_errors=True)
    plan.folder.mkdir(parents=True)
    if any(runs for _part, runs in stack.parts()):
        console.print(plan.words.another_is_up, style="dim")
        stack.stop()
    try:
        stack.start(
            fresh=True, job={"pace": "replay", "pane_ms": str(PANE_MS)}, history=afterwards is not None, feeds=keep
        )
        stack.start_job()
        summary = _replay(plan, stack, console, started)
        if afterwards is not None:
            afterwards()
        return summary
    finally:
        if not keep:
            stack.stop(grace_seconds=0)


def _replay(plan: DemoPlan, stack: Stack, console: Console, started: float) -> Summary:
    reader = StreamReader(stack.cloud, stack.outputs["KpiStream"])
    subscriber = Subscriber(stack.cloud, stack.outputs["AlertsDemoQueueUrl"])
    reader.start()
    subscriber.start()
    first_alert: list[float] = []
    with _bar(plan, console) as (progress, task):

        def look() -> None:
            stack.check()
            reader.check()
            subscriber.check()
            while True:
                try:
                    received = subscriber.arrivals.get(timeout=0.1)
                except queue.Empty:
                    break
                if not first_alert:
                    first_alert.append(time.monotonic() - started)
                progress.console.print(show.alert_line(received, plan.words))
            if reader.reached_at:
                done = reader.reached_at - datetime(plan.first.year, plan.first.month, plan.first.day, tzinfo=UTC)
                at = plan.words.date_and_time(reader.reached_at)
                progress.update(task, completed=done / timedelta(hours=1), at=at)

        published = _publish(plan, stack, look)
        _wait_for_rows(reader, published, look)
        reader.finish()
        # In the columns that `python -m warehouse parity` reads.
        rows = pl.DataFrame([flat(row) for row in reader.rows], schema=FLAT_COLUMNS, orient="row")
        rows.write_parquet(plan.rows_path)
        logged = _wait_for_alerts(stack, reader, subscriber, look)
        subscriber.finish()
    _write_alerts(plan, subscriber)
    books = _audit(plan, stack)
    summary = _summary(plan, published, books, logged, subscriber, first_alert, started)
    summary.write(plan.summary_path)
    received = list(subscriber.received.values())
    show.worst_routes(console, received, plan.words)
    for effect in summary.incidents:
        console.print(plan.words.injected.format(effect=effect))
    show.figures(console, summary, plan.words)
    return summary


def _publish(plan: DemoPlan, stack: Stack, look: Callable[[], None]) -> dict[str, Any]:
    """Run the producer to its end; its own summary."""
    log_path = plan.folder / "producer.log"
    # Marked as a part of the stack, so that it dies with it; not one of its parts, for it is meant to end.
    env = {**os.environ, **stack.env(), MARK_VARIABLE: str(stack.state_dir)}
    with log_path.open("wb") as log:
        producer = subprocess.Popen(
            [sys.executable, "-m", "producers", *plan.producer_arguments()],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        while producer.poll() is None:
            look()
    summary: dict[str, Any] = json.loads(plan.published_path.read_text()) if plan.published_path.exists() else {}
    if not summary or summary["error"]:
        raise PartError("producer", summary.get("error") or "ended without a summary", log_path)
    return summary


def _wait_for_rows(reader: StreamReader, published: dict[str, Any], look: Callable[[], None]) -> None:
    """Until the pane of the last event has come out and the stream is quiet."""
    last_at = msgspec.convert(published["last_event_at"], datetime)
    patience = Patience(SETTLE_SECONDS)
    while reader.reached_at is None or reader.reached_at < last_at or reader.quiet_seconds() < QUIET_SECONDS:
        if patience.ends(reader.reached_at, time.monotonic()):
            raise StackError(f"the KPI job stands at {reader.reached_at}, the last event is of {last_at}")
        look()


def _wait_for_alerts(stack: Stack, reader: StreamReader, subscriber: Subscriber, look: Callable[[], None]) -> set[str]:
    """Until the newest row of every entity has been judged and all alerts sent have been received; their ids.

    Raises StackError if the semáforo does not get there; alerts that never arrive are left to the verdict.
    """
    newest: dict[str, datetime] = {}
    for row in reader.rows:
        entity = f"{row.scope}#{row.entity}"
        newest[entity] = max(row.at, newest.get(entity, row.at))
    patience = Patience(SETTLE_SECONDS)
    judged = _judged_at(stack, newest)
    while waiting := sum(judged[entity] < at for entity, at in newest.items()):
        if patience.ends(judged, time.monotonic()):
            log = log_tail(stack.log_path(CLOUD))
            raise StackError(f"the semáforo has not judged {waiting} of {len(newest)} entities\n{log}")
        _look_for(1.0, look)
        judged = _judged_at(stack, newest)
    sent = _sent_alerts(stack)
    while (missing := len(sent - subscriber.received.keys())) and not patience.ends(missing, time.monotonic()):
        _look_for(1.0, look)
    return sent


def _look_for(seconds: float, look: Callable[[], None]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        look()


def _judged_at(stack: Stack, entities: Iterable[str]) -> dict[str, datetime]:
    """Up to when the lights of each know its rows."""
    items = _scan(stack, "LightsTable", ("entity", "at"))
    judged = {item["entity"]: datetime.fromisoformat(item["at"]) for item in items if item["at"]}
    never = datetime.min.replace(tzinfo=UTC)
    return {entity: judged.get(entity, never) for entity in entities}


def _sent_alerts(stack: Stack) -> set[str]:
    """The ids of all that was to be sent: of each change of a light by the log, of summaries and reminders by the
    outbox."""
    log = _scan(stack, "LightLogTable", ("alert_id", "decision"))
    outbox = _scan(stack, "OutboxTable", ("alert_id", "status"))
    return {one["alert_id"] for one in log if one["decision"] == "send"} | {
        one["alert_id"] for one in outbox if one["status"] != "held"
    }


def _scan(stack: Stack, table: str, attributes: tuple[str, ...]) -> list[dict[str, str]]:
    """These string attributes of every item."""
    names = {f"#{attribute}": attribute for attribute in attributes}
    pages = (
        stack.cloud.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=stack.outputs[table],
            ProjectionExpression=", ".join(names),
            ExpressionAttributeNames=names,
        )
    )
    items = [item for page in pages for item in page["Items"]]
    return [{attribute: item[attribute]["S"] for attribute in attributes} for item in items]


def _audit(plan: DemoPlan, stack: Stack) -> dict[str, Any]:
    """The books of the run, by an independent computation in a process of its own."""
    command = [sys.executable, "-m", "warehouse", "parity", "--rows", str(plan.rows_path), "--json"]
    command += ["--bootstrap", stack.kafka_bootstrap, "--stage", stack.stage, "--pane-ms", str(PANE_MS)]
    if plan.source == "replay":
        command += ["--flights-from", plan.first.isoformat(), "--flights-to", plan.until.isoformat()]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    try:
        books: dict[str, Any] = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise StackError(f"the audit failed\n{done.stdout[-2000:]}{done.stderr[-2000:]}") from None
    return books


def _summary(
    plan: DemoPlan,
    published: dict[str, Any],
    books: dict[str, Any],
    logged: set[str],
    subscriber: Subscriber,
    first_alert: list[float],
    started: float,
) -> Summary:
    latencies = [received.latency_ms for received in subscriber.received.values()]
    summary = Summary(
        source=plan.source,
        from_date=plan.first.isoformat(),
        to_date=plan.until.isoformat(),
        speed=plan.speed,
        incidents=_injected(plan),
        flights_replayed=published["flights_closed"],
        flights_in_data_set=books["flights_in_data_set"],
        events_published=books["published"],
        events_consumed=books["consumed"],
        dead_letters=books["dead_letters"],
        late_events=books["late_events"],
        duplicates=books["duplicates"],
        events_lost=books["lost"],
        kpi_rows=books["parity"]["rows"],
        kpi_mismatches=books["mismatches"],
        alerts_logged=len(logged),
        alerts_received=len(subscriber.received),
        latency_ms_p50=percentile(latencies, 0.5),
        latency_ms_p99=percentile(latencies, 0.99),
        seconds_to_first_alert=round(first_alert[0], 1) if first_alert else None,
        seconds_total=round(time.monotonic() - started, 1),
    )
    missing = len(logged - subscriber.received.keys())
    broken = broken_promises(summary, plan.words, missing_alerts=missing, repeated_alerts=subscriber.repeated)
    return summary.model_copy(update={"broken_promises": [*broken, *books["examples"]]})


def _injected(plan: DemoPlan) -> list[str]:
    """What the simulator was told to go wrong, and how many flights that changed."""
    if not plan.injected_path.exists():
        return []
    effects = [json.loads(line) for line in plan.injected_path.read_text().splitlines()]
    said = plan.words.effect
    return [said.format(incident=e["text"], flights=e["flights"], routes=len(e["routes"])) for e in effects]


def _write_alerts(plan: DemoPlan, subscriber: Subscriber) -> None:
    with plan.alerts_path.open("wb") as file:
        for received in subscriber.received.values():
            plain = msgspec.to_builtins(received.alert, str_keys=True)
            line = {"received_at": received.received_at.isoformat(), "latency_ms": received.latency_ms, "alert": plain}
            file.write(msgspec.json.encode(line) + b"\n")


@contextmanager
def _bar(plan: DemoPlan, console: Console) -> Iterator[tuple[Progress, TaskID]]:
    columns = (SpinnerColumn(), TextColumn("{task.fields[at]}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        hours = (plan.until - plan.first) / timedelta(hours=1) + 24
        yield progress, progress.add_task("replay", total=hours, at=plan.words.date_and_time(None))
