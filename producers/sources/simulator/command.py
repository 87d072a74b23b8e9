"""`python -m producers simulate`: a simulated network, with the incidents asked for."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from producers.airports import airport
from producers.command import fail, publish_source
from producers.options import Options, publishing
from producers.sources.simulator.incidents import BadIncidentError, Incident, parse_incident, read_incidents
from producers.sources.simulator.injected import injections
from producers.sources.simulator.network import HUB
from producers.sources.simulator.source import Simulator, first_midnight


@publishing
def simulate(
    first: Annotated[str, typer.Option("--from", metavar="DATE|now", help="First day in Mexico City.")] = "now",
    until: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Day to stop before; default a day.")
    ] = None,
    days: Annotated[int | None, typer.Option("--days", min=1, help="Service days, instead of --to.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same days.")] = 1,
    incident: Annotated[
        list[str] | None, typer.Option("--incident", help="As described above; may be repeated.")
    ] = None,
    incidents_file: Annotated[Path | None, typer.Option(help="TOML file, an array of tables named incident.")] = None,
    injected_file: Annotated[Path | None, typer.Option(help="Write what was injected, and its effects, here.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Publish nothing; only write --injected-file.")] = False,
    *,
    options: Options,
) -> None:
    """Publish a simulated Mexican network (hub MEX), seeded, with injectable incidents.

    With --from now and --speed 1 the stream is live: it starts in the middle of today's operation.

    An incident is kind:target:start:length[:magnitude], as in storm:MEX:2026-03-02T14:00:4h or fuel:*:+1d:2d:1.4. Its
    start is local time: at the airport, at a route's origin, else in Mexico City. With Z or an offset (T20:00Z,
    T14:00-06:00) it is that instant; +2h counts from the start of the stream.
    """
    first_day, start_at = _start(first)
    stream_start_at = start_at or first_midnight(first_day)
    day_count = _days(first_day, until, days)
    try:
        incidents: list[Incident] = [parse_incident(text, stream_start_at) for text in incident or ()]
        incidents += read_incidents(incidents_file, stream_start_at) if incidents_file else []
        simulator = Simulator(first_day, day_count, seed=seed, incidents=incidents, start_at=start_at)
    except (BadIncidentError, ValueError) as error:
        fail(f"simulate: {error}", 2)
    for injected in incidents:
        print(f"simulate: {injected.described()}")
    if injected_file:
        lines = [msgspec.json.encode(injection) for injection in injections(simulator)]
        try:
            injected_file.parent.mkdir(parents=True, exist_ok=True)
            injected_file.write_bytes(b"".join(line + b"\n" for line in lines))
        except OSError as error:
            fail(f"simulate: {injected_file}: {error.strerror}", 2)
    if dry_run:
        print(f"simulate: {len(simulator.outcomes)} flights, {len(incidents)} incidents; nothing published")
        return
    publish_source("simulate", simulator, options, anchor=simulator.start_at, future_allowed=True)


def _start(text: str) -> tuple[date, datetime | None]:
    """The first service day, and the instant to start at if that is now."""
    if text == "now":
        now = datetime.now(UTC).replace(microsecond=0)
        return now.astimezone(airport(HUB).zone).date(), now
    day = _date("--from", text)
    if not 1970 < day.year < 2100:
        fail(f"simulate: --from lies outside 1971 to 2099: {text}", 2)
    return day, None


def _days(first_day: date, until: str | None, days: int | None) -> int:
    if until is None:
        return days or 1
    if days is not None:
        fail("simulate: give --to or --days, not both", 2)
    count = (_date("--to", until) - first_day).days
    if count < 1:
        fail(f"simulate: --to {until} is the first day left out and must be after --from {first_day}", 2)
    return count


def _date(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"simulate: {option} is a date, YYYY-MM-DD, not {text!r}", 2)
