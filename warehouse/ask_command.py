"""`python -m warehouse ask`: put a named question to the star."""

import sys
from datetime import date, datetime
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated

import duckdb
import typer

from warehouse.answer import NoStar, Span, ask, open_star, whole_span
from warehouse.answer_formats import Format, written
from warehouse.questions import UnknownQuestion, question, questions
from warehouse.settings import DAY, HistorySettings


def ask_question(
    name: Annotated[str | None, typer.Argument(help="Which question; --list has them all.")] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=DAY, help="Flights of this date on; the star's first else.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=DAY, help="… to before this one; the star's last included else.")
    ] = None,
    kind: Annotated[Format, typer.Option("--format", help="Parquet needs --out.")] = Format.TABLE,
    out: Annotated[Path | None, typer.Option(dir_okay=False, help="A file to write in place of the terminal.")] = None,
    listed: Annotated[bool, typer.Option("--list", help="The questions, and what one row of each is.")] = False,
) -> None:
    """Answer a named question from the star (SEMAFORO_STAR_PATH); its SQL is `warehouse/questions/<name>.sql`.

    Exit 2 if there is no such question or no star yet, 1 if the star cannot answer it.
    """
    if listed:
        _list()
        return
    if name is None:
        raise typer.BadParameter("which question? `--list` has them all", param_hint="NAME")
    if kind is Format.PARQUET and out is None:
        raise typer.BadParameter("parquet is no text: give --out FILE", param_hint="--format")
    try:
        asked = question(name)
        with open_star(HistorySettings.read().star_path) as star:
            span = _span(star, first, until)
            answer = ask(star, asked, span)
    except (UnknownQuestion, NoStar) as missing:
        typer.echo(f"ask: {missing}", err=True)
        raise typer.Exit(2) from None
    except duckdb.Error as error:
        typer.echo(f"ask: the star cannot answer {name}: {str(error).splitlines()[0]}", err=True)
        raise typer.Exit(1) from None
    if not answer.height:
        typer.echo(f"ask: nothing between {span.first} and {span.until}", err=True)
    width = get_terminal_size().columns if out is None and sys.stdout.isatty() else None
    data = written(answer, kind, width)
    if out is None:
        typer.echo(data.decode(), nl=False)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(data)
    except OSError as error:
        typer.echo(f"ask: {out}: {error.strerror}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{answer.height:,} rows in {out}", err=True)


def _span(star: duckdb.DuckDBPyConnection, first: datetime | None, until: datetime | None) -> Span:
    whole = whole_span(star)
    span = Span(_date(first) or whole.first, _date(until) or whole.until)
    if span.first >= span.until:
        raise typer.BadParameter(f"--from {span.first} --to {span.until}: not a range of dates")
    return span


def _date(given: datetime | None) -> date | None:
    return given.date() if given else None


def _list() -> None:
    longest = max(map(len, questions()))
    for one in questions().values():
        typer.echo(f"{one.name:<{longest}}  {one.text}\n{'':<{longest}}  {one.one_row_per.split('. ')[0]}")
