"""`python -m alerts.try_rules FOLDER`: let rules judge a stage beside those in force, before they are published.

Nobody is told and nothing is stored: the rows of the KPI stream are judged here by both, and what differs is reported.
With `--promote` the rules are then put in force, unless they would have told more than `--at-most` alerts more.
"""

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import boto3
import msgspec
import typer

from alerts.documents import ConflictError, Documents
from alerts.history import History
from alerts.kpi_stream import KpiStream
from alerts.live_catalog import FRESH_FOR, LiveCatalog, publish
from alerts.output import as_json_lines
from alerts.settings import AWS_CONFIG, AlertSettings
from alerts.shadow import Compared, Shadow
from rules.bundle import Bundle, pack, unpack
from rules.durations import parse_duration
from rules.load import Catalog, load_catalog
from rules.problems import CatalogError
from schemas.errors import ContractError, Transient
from schemas.lights import Light

LOOK_EVERY_SECONDS: Final = 1.0
"""Kinesis lets a shard be read five times a second by all readers together; the semáforo's own reader has its own."""
SHOWN: Final = 12


def _length(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def try_rules(
    folder: Annotated[Path, typer.Argument(help="A folder of rule files.", exists=True, file_okay=False)],
    lasts: Annotated[str, typer.Option("--for", help="how long rows are judged, as 30m or 2h")] = "30m",
    back: Annotated[
        str, typer.Option(help="begin with what the stream has kept of so long, as 6h; both then begin with no light")
    ] = "0s",
    promote: Annotated[bool, typer.Option("--promote", help="put the rules in force afterwards")] = False,
    at_most: Annotated[int, typer.Option(min=0, help="alerts more than by those in force; with more, none is put")] = 0,
    stream: Annotated[str, typer.Option(help="the KPI stream; by default the stage's")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines instead of text, a rule each")] = False,
) -> None:
    """Judge a stage's rows by other rules, beside those in force, and say what differs.

    Exit 1 if the rules do not pass, could not judge a row, or would have told too many alerts; 2 if AWS is away.
    """
    settings, length, reach = AlertSettings.read(), _length(lasts), _length(back)
    dynamodb: Any = boto3.client("dynamodb", config=AWS_CONFIG)
    documents = Documents(dynamodb, settings)
    try:
        files = pack(folder)
        catalog = _in_force(documents)
        since = _now() - reach if reach else None
        rows = KpiStream(boto3.client("kinesis"), stream or f"semaforo-{settings.stage}-route-kpis", since)
        shadow = Shadow(catalog, unpack(files), [] if reach else History(dynamodb, settings).lights())
        _watch(rows, shadow, _now() + length)
        _report(shadow, rows, as_json)
        if promote and _fit(shadow, at_most):
            _promote(documents, files, catalog.version, settings)
            typer.echo(f"{settings.stage}: in force within {FRESH_FOR.seconds} s", err=as_json)
        elif promote or shadow.defects:
            raise typer.Exit(1)
    except CatalogError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        raise typer.Exit(1) from None
    except (ContractError, ConflictError) as error:
        print(f"try_rules: {error}", file=sys.stderr)
        raise typer.Exit(1) from None
    except Transient as error:
        print(f"try_rules: {error}", file=sys.stderr)
        raise typer.Exit(2) from None


def _in_force(documents: Documents) -> Catalog:
    return LiveCatalog(documents, load_catalog(), _now, say=lambda _line: None).current()


def _watch(stream: KpiStream, shadow: Shadow, until: datetime) -> None:
    """What was there before is judged whole, however short the time."""
    while not stream.caught_up or _now() < until:
        for arrived in stream.look():
            shadow.judge(arrived.rows, arrived.at)
        if stream.caught_up and _now() < until:
            time.sleep(LOOK_EVERY_SECONDS)


def _promote(documents: Documents, files: Bundle, tried_beside: str, settings: AlertSettings) -> None:
    """Raises ConflictError if others came in force meanwhile: beside those nobody has tried them."""
    if _in_force(documents).version != tried_beside:
        raise ConflictError(f"other rules came in force in {settings.stage} meanwhile: try again")
    publish(documents, files, _now())


def _fit(shadow: Shadow, at_most: int) -> bool:
    if shadow.rows == 0:
        print("try_rules: no row came: nothing was tried, nothing is put in force", file=sys.stderr)
    elif shadow.defects:
        print(f"try_rules: not put in force: {len(shadow.defects)} rows could not be judged", file=sys.stderr)
    elif (more := shadow.more_told()) > at_most:
        print(f"try_rules: not put in force: {more} alerts more, at most {at_most}", file=sys.stderr)
    else:
        return True
    return False


def _report(shadow: Shadow, stream: KpiStream, as_json: bool) -> None:
    compared = shadow.compared()
    if as_json:
        as_json_lines(msgspec.to_builtins(one) for one in compared)
        return
    typer.echo(f"{shadow.rows:,} rows, {stream.unreadable} records unreadable; in force -> tried")
    for one in compared:
        if one.changed or one.differs or one.told_in_force != one.told_tried:
            typer.echo(_words(one))
    for defect in shadow.defects[:SHOWN]:
        typer.echo(f"  could not be judged: {defect}")
    typer.echo(f"{shadow.more_told()} alerts more, before silences and storms")


def _words(one: Compared) -> str:
    lines = [
        f"{one.rule}: {_lights(one.in_force)} -> {_lights(one.tried)}; told {one.told_in_force} -> {one.told_tried}"
    ]
    lines += [f"  {d.entity}: {d.in_force or 'no rule'} -> {d.tried or 'no rule'}" for d in one.differs[:SHOWN]]
    if (more := len(one.differs) - SHOWN) > 0:
        lines.append(f"  and {more} more")
    return "\n".join(lines)


def _lights(counted: dict[Light, int]) -> str:
    return ", ".join(f"{count} {light}" for light, count in counted.items()) or "none"


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    typer.run(try_rules)
