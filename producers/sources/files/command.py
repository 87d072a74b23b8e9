"""`python -m producers files`: flights from JSON lines and CSV files with Aeroméxico's field names."""

import sys
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from producers.command import fail, publish_source
from producers.options import Options, publishing
from producers.publish import FUTURE_TOLERANCE
from producers.sources.files.line import Defaults
from producers.sources.files.reading import UnreadableFileError
from producers.sources.files.source import MAX_LINES, FilesSource, Reject
from producers.sources.files.words import currency_code

SHOWN_REJECTS = 20


@publishing
def files(
    paths: Annotated[list[Path], typer.Argument(help="CSV or JSON lines; one line a flight.", metavar="PATH...")],
    check: Annotated[bool, typer.Option("--check", help="Only validate; nothing is published.")] = False,
    rejects_file: Annotated[Path | None, typer.Option(help="Write the lines left out here, as JSON lines.")] = None,
    currency: Annotated[str, typer.Option("--moneda", help="Currency of lines that name none.")] = "MXN",
    units_per_usd: Annotated[
        str | None, typer.Option("--tipo-cambio", metavar="RATE", help="Units of it per US$ where a line says nothing.")
    ] = None,
    source_name: Annotated[
        str, typer.Option("--source", help="Name of the upstream system, part of the ids.")
    ] = "files",
    max_lines: Annotated[int, typer.Option(min=1, help="Most lines to hold in memory.")] = MAX_LINES,
    *,
    options: Options,
) -> None:
    """Publish flights from files with Aeroméxico's field names (origen, destino, numero_vuelo, retraso, …).

    A bad line is reported with its number and reason and left out. Exit code 0: every line was read (and sent); 1: some
    were left out, or sending failed; 2: a file cannot be read, or an option is wrong.
    """
    try:
        source = FilesSource(
            paths,
            Defaults(source_name, currency_code(currency), _rate(units_per_usd)),
            max_lines=max_lines,
            not_after=datetime.now(UTC) + FUTURE_TOLERANCE,
        )
    except (UnreadableFileError, ValueError) as error:
        fail(f"files: {error}", 2)
    _report(source, rejects_file)
    if not check and source.total():
        publish_source("files", source, options)
    print(f"files: {source.lines} lines, {source.total()} events, {len(source.rejects)} lines left out")
    if source.rejects:
        raise typer.Exit(1)


def _rate(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        rate = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"--tipo-cambio is units of the currency per US$, such as 18.50, not {text!r}") from None
    if not (rate.is_finite() and 0 < rate < 10**7):
        raise ValueError(f"--tipo-cambio must be a positive number, not {text}")
    return rate


def _report(source: FilesSource, rejects_file: Path | None) -> None:
    for note in source.notes:
        print(note, file=sys.stderr)
    for reject in source.rejects[:SHOWN_REJECTS]:
        print(reject, file=sys.stderr)
    if len(source.rejects) > SHOWN_REJECTS:
        where = f"all in {rejects_file}" if rejects_file else "--rejects-file lists all"
        print(f"… and {len(source.rejects) - SHOWN_REJECTS} more; {where}", file=sys.stderr)
    if rejects_file:
        _write(rejects_file, source.rejects)


def _write(path: Path, rejects: list[Reject]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(msgspec.json.encode(reject) + b"\n" for reject in rejects))
    except OSError as error:
        fail(f"files: {path}: {error.strerror}", 2)
