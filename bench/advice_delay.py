"""Alert to advice: routes turn red one after the other, through the deployed functions of the local stack.

Each route's aircraft comes late and another one waits, so there is something to advise; rows on the KPI stream turn its
light. From the rule's decision, just before the alert is written, to the advice that stands beside it, and to the
message that people get: both functions, three tables, a stream and SNS lie in between.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer
from msgspec.structs import replace

from alerts.advice import AdviceDesk
from alerts.documents import Documents
from alerts.history import History
from alerts.settings import AlertSettings
from bench.semaforo_cost import rows_of
from deploy.local import template
from deploy.local.cloud import LocalCloud
from deploy.local.lifeline import Lifeline
from lambdas.flight_states import FlightView, Report, Version
from lambdas.flights import put_if_later
from schemas.events import FlightState
from schemas.lights import Light
from schemas.rows import KpiRow, pack_rows

BAR_SECONDS: Final = 5.0
STAGE: Final = "bench"
START: Final = datetime(2026, 5, 4, tzinfo=UTC)
APART: Final = timedelta(minutes=11)
"""Of event time between two alarms, or they would be one storm."""
HOLD: Final = timedelta(minutes=31)
"""Longer than the rule's `for`: what a row says is in force with the next one."""
PATIENCE_SECONDS: Final = 60.0


def advice(
    alerts: Annotated[int, typer.Option(min=1, help="routes that turn red")] = 120,
    every: Annotated[float, typer.Option(min=0, help="seconds between two of them; 0 all at once")] = 0.5,
) -> None:
    """Seconds from alert to advice over a hundred alerts and more; exit code 1 if p99 is over 5 s or any is missing."""
    with tempfile.TemporaryDirectory(prefix="semaforo-bench-") as folder:
        cloud, lifeline = LocalCloud(Path(folder)), Lifeline(Path(folder))
        try:
            cloud.start()
            problems = _measure(Advised(cloud), alerts, every)
        finally:
            cloud.stop(grace_seconds=0)
            lifeline.release()
    for problem in problems:
        typer.echo(f"advice: {problem}", err=True)
    if problems:
        sys.exit(1)


class Advised:
    """A stage with its stacks of lights, flights and advice."""

    def __init__(self, cloud: LocalCloud) -> None:
        assembly = template.synthesise(STAGE, feeds=True)
        outputs: dict[str, str] = {}
        for stack in ("live-path", "feeds", "advice"):
            outputs |= template.deploy(assembly, STAGE, cloud, stack)
        settings = AlertSettings.read({"SEMAFORO_STAGE": STAGE})
        self._outputs = outputs
        self._dynamodb, self._kinesis, self._sqs = (cloud.client(name) for name in ("dynamodb", "kinesis", "sqs"))
        self._desk = AdviceDesk(Documents(self._dynamodb, settings))
        self._history = History(self._dynamodb, settings)

    def fly(self, route: str, at: datetime) -> None:
        """An aircraft leaves for the route's first airport 58 minutes late and is wanted there; another one waits."""
        origin, _ = route.split("-")
        for number, ends, minutes, departed in (
            (1, f"CUN-{origin}", -60, at - timedelta(minutes=2)),
            (1, route, 60, None),
            (2, f"{origin}-MTY", 200, None),
        ):
            view = _flight(
                f"AM-{minutes}-{origin}", ends, f"X{number}{origin}", at + timedelta(minutes=minutes), departed
            )
            put_if_later(self._dynamodb, self._outputs["FlightsTable"], Report(view, Version(1, 1)), at)

    def put(self, rows: Sequence[KpiRow]) -> None:
        """On the KPI stream."""
        for start in range(0, len(rows), 30):
            data = pack_rows(rows[start : start + 30])
            self._kinesis.put_record(StreamName=self._outputs["KpiStream"], Data=data, PartitionKey="1")

    def told(self) -> Iterator[tuple[str, datetime]]:
        """Alerts that advice came for by SNS, and when, until none comes for two seconds."""
        queue = self._outputs["AlertsDemoQueueUrl"]
        asked: dict[str, Any] = {"QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 2}
        while messages := self._sqs.receive_message(**asked, AttributeNames=["SentTimestamp"]).get("Messages", []):
            for message in messages:
                body = json.loads(message["Body"])
                said = json.loads(body["Message"]) if "Message" in body else body
                sent_at = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, tz=UTC)
                if said.get("kind") == "advice":
                    yield said["alert_id"], sent_at
                self._sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    def red(self, route: str) -> tuple[str, datetime] | None:
        """The alert of a route that turned red, and when that was decided."""
        for entry in self._history.log(f"route#{route}", datetime.max.replace(tzinfo=UTC)):
            if entry.transition.to_light is Light.RED:
                return entry.alert_id, entry.decided_at
        return None

    def given_at(self, route: str) -> datetime | None:
        """When its advice was written."""
        found = self._desk.of_route(route)
        return found[0].given_at if found else None


def _measure(stage: Advised, alerts: int, every: float) -> list[str]:
    routes = [f"{chr(65 + number % 26)}{chr(65 + number // 26)}X-MEX" for number in range(alerts)]
    warm_up, measured = routes[0], routes[1:]
    turns_at = {route: START + timedelta(hours=28) + APART * number for number, route in enumerate(routes)}
    for route, at in turns_at.items():
        stage.fly(route, at)
    for hours in (0, 13):  # with the second, all lights are green
        stage.put(rows_of("route", routes, START + timedelta(hours=hours)))
    for route in routes:
        stage.put(rows_of("route", [route], turns_at[route] - HOLD, bad=True))
    _turn(stage, warm_up, turns_at[warm_up])
    _wait(stage, [warm_up])  # the functions' first start takes seconds, and is no alert's
    for route in measured:
        _turn(stage, route, turns_at[route])
        time.sleep(every)
    _wait(stage, measured)
    told = dict(stage.told())
    written, heard = [], []
    for route in measured:
        alert, given_at = stage.red(route), stage.given_at(route)
        if alert is not None and given_at is not None and alert[0] in told:
            written.append((given_at - alert[1]).total_seconds())
            heard.append((told[alert[0]] - alert[1]).total_seconds())
    for name, seconds in (("alert decided to advice written", written), ("alert decided to people told", heard)):
        if seconds:
            figures = ", ".join(f"{what} {value:.2f} s" for what, value in _spread(seconds).items())
            print(f"{name:<32} n {len(seconds)}, {figures}")
    if len(written) < len(measured):
        return [f"{len(measured) - len(written)} of {len(measured)} alerts were not advised on"]
    return [] if _spread(heard)["p99"] <= BAR_SECONDS else [f"p99 is over {BAR_SECONDS:g} s"]


def _turn(stage: Advised, route: str, at: datetime) -> None:
    stage.put([replace(row, at=at, ingested_at=datetime.now(UTC)) for row in rows_of("route", [route], at, bad=True)])


def _wait(stage: Advised, routes: Sequence[str]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(stage.given_at(route) is None for route in reversed(routes)) and time.monotonic() < deadline:
        time.sleep(0.5)


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    return {"p50": float(np.quantile(seconds, 0.5)), "p99": float(np.quantile(seconds, 0.99)), "max": max(seconds)}


def _flight(flight_id: str, route: str, tail: str, leaves: datetime, departed: datetime | None) -> FlightView:
    origin, destination = route.split("-")
    return FlightView(
        flight_id=flight_id, route=route, carrier="AM", number="1", origin=origin, destination=destination,
        state=FlightState.DEPARTED if departed else FlightState.SCHEDULED, is_corrected=False,
        scheduled_departure_at=leaves, scheduled_arrival_at=leaves + timedelta(minutes=120),
        actual_departure_at=departed, actual_arrival_at=None, tail=tail, aircraft_type="A320", seats=150,
        passengers=100, cargo_kg=0, distance_km=1300, traffic_source="bench", source="bench", event_id=flight_id,
        event_at=leaves,
    )  # fmt: skip
