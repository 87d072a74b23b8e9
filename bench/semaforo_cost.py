"""What a batch costs the semáforo's function: its own CPU, and that of the local cloud which answers it.

Three batches through the real handler: a hundred entities of which no light changes; a hundred routes of which one
light each turns RED and is told; the handful of entities that 50 events/s make, one of them such an alarm. Lights
stored and alerts sent are counted, or no time counts. CPU time, for the machine is shared.
"""

import base64
import contextlib
import io
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Annotated, Any, Final, NamedTuple

import boto3
import typer
from msgspec.structs import replace

from bench.kpi_job.cpu import cpu_seconds
from deploy.local import template
from deploy.local.cloud import PART, LocalCloud
from deploy.local.lifeline import Lifeline
from deploy.local.processes import PidFiles
from lambdas.semaforo import handler
from schemas.measures import MEASURE_NAMES
from schemas.rows import WINDOW_LENGTH, WINDOWS_OF_SCOPE, KpiRow, Scope, Window, pack_rows

QUIET: Final = "100 entities, nothing changes"
ALARMS: Final = "100 routes turn RED and are told"
LIVE: Final = "8 entities, one turns RED"
AIRPORTS: Final = 20
ROUTES: Final = 100
ROWS_A_RECORD: Final = 30
STEP: Final = timedelta(hours=13)
"""Longer than any rule's `for` and dwell: what a row says is in force with the next one."""
START: Final = datetime(2026, 5, 4, tzinfo=UTC)
STAGE: Final = "bench"

# A normal day of ten routes in one, so that no bound is wide: 88 % on time, margin 20 %, load factor 83 %.
_FLIGHTS: Final = 400
_A_FLIGHT: Final = {
    "arrivals": 1, "arrivals_on_time": 0.88, "arrivals_within_30m": 0.95, "arrivals_within_1h": 0.99, "departures": 1,
    "departures_on_time": 0.9, "arrival_delay_minutes": 6, "departure_delay_minutes": 6, "block_minutes": 150,
    "scheduled_block_minutes": 155, "carrier_delay_minutes": 2, "late_aircraft_delay_minutes": 4, "turnarounds": 1,
    "turnaround_minutes": 50, "scheduled_turnaround_minutes": 52, "connecting": 10, "misconnected": 0.1, "seats": 150,
    "passengers": 125, "seat_km": 225_000, "passenger_km": 187_500, "ticket_revenue": 1_875_000,
    "ancillary_revenue": 250_000, "fuel_cost": 700_000, "crew_cost": 300_000, "maintenance_cost": 300_000,
    "airport_cost": 400_000, "fuel_kg": 5_000, "fuel_reference_kg": 5_000, "responses": 2, "satisfied": 1.8,
    "nps_responses": 2, "promoters": 1.2, "detractors": 0.2,
}  # fmt: skip


class Cost(NamedTuple):
    """Of one batch: CPU milliseconds of the function and of the local cloud, calls, kilobytes there and back."""

    function_ms: float
    cloud_ms: float
    calls: float
    sent_kb: float
    received_kb: float

    def words(self) -> str:
        """One line."""
        return (
            f"function {self.function_ms:7.1f} ms, cloud {self.cloud_ms:7.1f} ms; {self.calls:.0f} calls,"
            f" {self.sent_kb:.0f} KB sent, {self.received_kb:.0f} KB received"
        )


def semaforo(rounds: Annotated[int, typer.Option(min=3, help="batches of each kind; the median counts")] = 9) -> None:
    """CPU, calls and bytes of a batch of rows: the semáforo's function, and the local cloud behind it."""
    with tempfile.TemporaryDirectory(prefix="semaforo-bench-") as folder:
        state_dir = Path(folder)
        cloud, lifeline = LocalCloud(state_dir), Lifeline(state_dir)
        try:
            cloud.start()
            outputs = template.deploy(template.synthesise(STAGE), STAGE, cloud)
            problems = _measure(Function(cloud, outputs, state_dir), rounds)
        finally:
            cloud.stop(grace_seconds=0)
            lifeline.release()
    for problem in problems:
        typer.echo(f"semaforo: {problem}", err=True)
    if problems:
        sys.exit(1)


class Function:
    """The function's handler in this process; tables, topic and queues in the local cloud."""

    def __init__(self, cloud: LocalCloud, outputs: dict[str, str], state_dir: Path) -> None:
        os.environ |= {
            **cloud.aws_env(),
            "SEMAFORO_STAGE": STAGE,
            "SEMAFORO_ALERTS_TOPIC_ARN": outputs["AlertsTopicArn"],
            "SEMAFORO_QUARANTINE_QUEUE_URL": outputs["QuarantineQueueUrl"],
            "SEMAFORO_ALERT_AGE_LIMIT_MINUTES": "0",
            # A hundred alarms, not one storm.
            "SEMAFORO_STORM_ROUTES": "0",
            "SEMAFORO_STORM_NETWORK_ROUTES": "0",
        }
        process = PidFiles(state_dir).read(PART)
        assert process is not None
        self._cloud_session = process.pid
        self._calls = self._sent_bytes = self._received_bytes = 0
        boto3.setup_default_session()
        events: Any = boto3.DEFAULT_SESSION
        events.events.register("before-send.*", self._on_request)
        events.events.register("response-received.*", self._on_response)

    def process(self, rows: Sequence[KpiRow]) -> tuple[Cost, int]:
        """What one batch cost, and how many alerts it sent. Raises AssertionError if any of it failed."""
        event, printed = _event(rows), io.StringIO()
        before = self._figures()
        with contextlib.redirect_stdout(printed):
            answer = handler(event, None)
        cost = Cost(*(now - then for now, then in zip(self._figures(), before, strict=True)))
        assert answer == {"batchItemFailures": []}, answer
        return cost, json.loads(printed.getvalue().splitlines()[-1])["alerts_sent"]

    def _figures(self) -> Cost:
        """Since the beginning."""
        cloud_ms = cpu_seconds(self._cloud_session) * 1000
        sent, received = self._sent_bytes / 1000, self._received_bytes / 1000
        return Cost(time.process_time() * 1000, cloud_ms, self._calls, sent, received)

    def _on_request(self, request: Any, **_: Any) -> None:
        self._calls += 1
        self._sent_bytes += len(request.body or b"")

    def _on_response(self, response_dict: Any, **_: Any) -> None:
        self._received_bytes += len(response_dict["body"]) if response_dict else 0


def _measure(function: Function, rounds: int) -> list[str]:
    airports = [f"{chr(65 + number)}AX" for number in range(AIRPORTS)]
    pairs = [f"{one}-{other}" for one in airports for other in airports if one != other]
    routes = pairs[:: len(pairs) // ROUTES][:ROUTES]
    at, problems = START, []
    costs: dict[str, list[Cost]] = {}

    def put(rows: Sequence[KpiRow], kind: str = "", alerts: int | None = None) -> None:
        cost, sent = function.process(rows)
        if kind:
            costs.setdefault(kind, []).append(cost)
        if alerts is not None and sent != alerts:
            problems.append(f"{kind or 'a batch'} sent {sent} alerts, not {alerts}")

    for _ in range(2):  # with the second, all lights are GREEN
        put(
            [*rows_of("airport", airports, at), *rows_of("carrier", ["AM"], at), *rows_of("route", routes, at)],
            alerts=0,
        )
        at += STEP
    for _ in range(rounds):
        at += timedelta(minutes=1)
        put([*rows_of("airport", airports, at), *rows_of("route", routes[AIRPORTS:], at)], QUIET, 0)
    for kind, named in ((ALARMS, routes), (LIVE, routes[:1])):
        for _ in range(rounds):
            beside = (
                [] if kind is ALARMS else [*rows_of("airport", airports[:5], at), *rows_of("route", routes[1:3], at)]
            )
            for bad in (True, False):
                at += STEP
                put(rows_of("route", named, at, bad=bad), alerts=0)
                at += timedelta(minutes=31)
                rows = [*(_later(row, at) for row in beside), *rows_of("route", named, at, bad=bad)]
                put(rows, kind if bad else "", len(named))
    for kind, of_kind in costs.items():
        print(f"{kind:<32} {Cost(*map(median, zip(*of_kind, strict=True))).words()}")
    return problems


def _later(row: KpiRow, at: datetime) -> KpiRow:
    return replace(row, at=at, ingested_at=datetime.now(UTC))


def rows_of(scope: Scope, names: Sequence[str], at: datetime, *, bad: bool = False) -> list[KpiRow]:
    """A row of every window of each; `bad`: as if some flights had been cancelled in the last 24 h."""
    return [_row(scope, name, window, at, bad) for name in names for window in WINDOWS_OF_SCOPE[scope]]


def _row(scope: Scope, name: str, window: Window, at: datetime, bad: bool) -> KpiRow:
    """All flights flown, or 7 of 100 cancelled in 24 h: firmly beyond completion's red."""
    days = WINDOW_LENGTH[window] / timedelta(days=1)
    flights = round(_FLIGHTS * days)
    operated = round(0.93 * flights) if bad and window == "24h" else flights
    values = {name: round(each * flights) for name, each in _A_FLIGHT.items()}
    values |= {"flights": flights, "operated": operated, "cancelled": flights - operated}
    measures = tuple(values.get(measure, 0) for measure in MEASURE_NAMES)
    return KpiRow(scope, name, window, at, 0, datetime.now(UTC), flights, measures)


def _event(rows: Sequence[KpiRow]) -> dict[str, Any]:
    records = [rows[start : start + ROWS_A_RECORD] for start in range(0, len(rows), ROWS_A_RECORD)]
    return {
        "Records": [
            {
                "eventID": f"shardId-000000000000:{number}",
                "eventSourceARN": "arn:aws:kinesis:us-east-1:000000000000:stream/bench",
                "kinesis": {
                    "sequenceNumber": str(number),
                    "partitionKey": str(number),
                    "data": base64.b64encode(pack_rows(record)).decode(),
                },
            }
            for number, record in enumerate(records)
        ]
    }
