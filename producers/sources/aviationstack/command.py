"""`python -m producers aviationstack`: flights from AviationStack's API, within its monthly quota."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from producers.airports import airport
from producers.command import fail, publish_source
from producers.options import Options, publishing
from producers.publish import FUTURE_TOLERANCE
from producers.sources.aviationstack.client import BASE_URL, Client
from producers.sources.aviationstack.errors import KeyRefused
from producers.sources.aviationstack.key import access_key
from producers.sources.aviationstack.quota import USAGE_FILE, Quota
from producers.sources.aviationstack.source import AviationStackSource, Question
from schemas.events import check_airline

SHOWN_REJECTS = 20
FREE_PLAN_REQUESTS = 100


@publishing
def aviationstack(
    date: Annotated[
        list[datetime] | None,
        typer.Option(formats=["%Y-%m-%d"], help="Local date of flights, may be repeated; else those of now."),
    ] = None,
    airports: Annotated[str, typer.Option(help="Airports of departure, IATA: MEX,GDL; else all.")] = "",
    airlines: Annotated[str, typer.Option(help="Airlines, IATA: AM,5D; else all.")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Most flights to ask for; 100 are one request.")] = None,
    quota: Annotated[int, typer.Option(min=0, help="Most requests a month (UTC), over all runs.")] = FREE_PLAN_REQUESTS,
    usage_file: Annotated[Path, typer.Option(help="Where the month's requests are counted.")] = USAGE_FILE,
    patience_seconds: Annotated[float, typer.Option(min=1, help="How long to try for one page.")] = 180,
    timeout_seconds: Annotated[float, typer.Option(min=0.1, help="How long to wait for one answer.")] = 20,
    base_url: Annotated[str, typer.Option(envvar="SEMAFORO_AVIATIONSTACK_URL", help="https only.")] = BASE_URL,
    check: Annotated[bool, typer.Option("--check", help="Only read and report; nothing is published.")] = False,
    rejects_file: Annotated[Path | None, typer.Option(help="Write the flights left out here, as JSON lines.")] = None,
    *,
    options: Options,
) -> None:
    """Publish flights from AviationStack's /v1/flights; codeshares once, as the flight that is flown.

    The key comes from SEMAFORO_AVIATIONSTACK_KEY, or by the name in SEMAFORO_AVIATIONSTACK_SECRET from Secrets Manager.
    A flight that cannot be used is reported and left out. Exit code 0: all was read (and sent); 1: some flights were
    left out, the quota or the patience ended first, or sending failed; 2: an option or the key is wrong.
    """
    try:
        question = Question(tuple(f"{day:%Y-%m-%d}" for day in date or ()), _airports(airports), _airlines(airlines))
        client = Client(
            access_key(),
            Quota(usage_file, quota),
            base_url=base_url,
            timeout_seconds=timeout_seconds,
            patience_seconds=patience_seconds,
        )
    except ValueError as error:
        fail(f"aviationstack: {error}", 2)
    try:
        source = AviationStackSource(
            client, question, most_flights=limit, not_after=datetime.now(UTC) + FUTURE_TOLERANCE, read=_progress
        )
    except KeyRefused as error:
        fail(f"aviationstack: the key is refused: {error}", 2)
    except OSError as error:
        fail(f"aviationstack: {usage_file}: {error.strerror}", 2)
    _report(source, rejects_file)
    if not check and source.total():
        publish_source("aviationstack", source, options)
    print(
        f"aviationstack: {source.flights} flights read, {source.codeshares} of them codeshares, {source.total()} "
        f"events, {len(source.rejects)} left out; {Quota(usage_file, quota).used()} of {quota} requests used this month"
    )
    if source.stopped:
        fail(f"aviationstack: not all was read: {source.stopped}", 1)
    if source.rejects:
        raise typer.Exit(1)


def _airports(text: str) -> tuple[str, ...]:
    codes = tuple(code for code in re.split(r"[,\s]+", text.upper()) if code)
    for code in codes:
        airport(code)
    return codes


def _airlines(text: str) -> tuple[str, ...]:
    codes = tuple(code for code in re.split(r"[,\s]+", text.upper()) if code)
    for code in codes:
        check_airline("--airlines", code)
    return codes


def _progress(flights: int, total: int) -> None:
    print(f"aviationstack: {flights} flights read, {total} in this answer", file=sys.stderr)


def _report(source: AviationStackSource, rejects_file: Path | None) -> None:
    for reject in source.rejects[:SHOWN_REJECTS]:
        print(reject, file=sys.stderr)
    if len(source.rejects) > SHOWN_REJECTS:
        where = f"all in {rejects_file}" if rejects_file else "--rejects-file lists all"
        print(f"… and {len(source.rejects) - SHOWN_REJECTS} more; {where}", file=sys.stderr)
    if rejects_file is None:
        return
    try:
        rejects_file.parent.mkdir(parents=True, exist_ok=True)
        rejects_file.write_bytes(b"".join(msgspec.json.encode(reject) + b"\n" for reject in source.rejects))
    except OSError as error:
        fail(f"aviationstack: {rejects_file}: {error.strerror}", 2)
