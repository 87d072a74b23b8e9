"""`python -m producers heartbeat`: keep routes and clocks alive in real time, whatever the other publishers do."""

import time
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from producers.command import fail, run
from producers.heartbeat import heartbeats_forever
from producers.options import BootstrapOption, HeartbeatOption, Options, StageOption, SummaryOption
from producers.pacing import Pace
from producers.sources import ScheduledRoute
from producers.sources.nycflights13.command import parse_date
from producers.sources.nycflights13.replay import DatesError, NycFlights
from schemas.rows import from_ms

LIVE_MINUTES = 5

RoutesOption = Annotated[
    Path | None,
    typer.Option("--routes", help='JSON: [{"origin": "JFK", "destination": "LAX", "carriers": ["AA", "B6"]}, …].'),
]
FlownFromOption = Annotated[
    date | None, typer.Option("--from", parser=parse_date, metavar="DATE", help="Or the routes flown in 2013 from here")
]
FlownToOption = Annotated[
    date | None, typer.Option("--to", parser=parse_date, metavar="DATE", help="… up to, and without, this local date.")
]


def heartbeat(
    routes: RoutesOption = None,
    first: FlownFromOption = None,
    until: FlownToOption = None,
    bootstrap: BootstrapOption = None,
    stage: StageOption = None,
    heartbeat_minutes: HeartbeatOption = LIVE_MINUTES,
    summary_file: SummaryOption = None,
) -> None:
    """Send the current time to every partition ten times a second, and each route's heartbeat, until SIGTERM."""
    scheduled = _scheduled(routes, first, until)
    every = timedelta(minutes=heartbeat_minutes)
    # Whole milliseconds of the machine's clock, which is also what paces it: stream time is real time, always.
    now_ms = time.time_ns() // 1_000_000
    run(
        "heartbeat",
        heartbeats_forever(scheduled, from_ms(now_ms), every),
        Options(bootstrap=bootstrap, stage=stage, summary_file=summary_file),
        pace=lambda: Pace(from_ms(now_ms), 1.0, time.time, now_ms / 1000),
    )


def _scheduled(routes: Path | None, first: date | None, until: date | None) -> list[ScheduledRoute]:
    if routes is not None and first is None and until is None:
        try:
            return sorted(msgspec.json.decode(routes.read_bytes(), type=list[ScheduledRoute]))
        except (OSError, msgspec.DecodeError) as wrong:
            fail(f"heartbeat: {routes}: {wrong}", 2)
    if routes is None and first is not None and until is not None:
        try:
            return list(NycFlights(first, until).routes())
        except DatesError as wrong:
            fail(f"heartbeat: {wrong}", 2)
    return fail("heartbeat: give either --routes FILE, or --from DATE and --to DATE", 2)
