"""`python -m warehouse as-of`: the lights of a route at an instant, as then known and as known now."""

from datetime import UTC, datetime
from typing import Annotated, Final

import duckdb
import msgspec
import typer
from rich.console import Console
from rich.table import Table

from warehouse.as_of import AsOf, Stood, StoodLight, UnknownRouteError, as_of
from warehouse.settings import HistorySettings

_STYLE: Final = {"RED": "bold red", "AMBER": "yellow", "GREEN": "green", "GREY": "bright_black"}


def instant(text: str) -> datetime:
    """An ISO 8601 instant; without a zone it is UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text}: not an instant like 2013-02-08T20:00") from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def as_of_command(
    route: Annotated[str, typer.Argument(help="As in JFK-LAX.")],
    time: Annotated[datetime, typer.Argument(parser=instant, metavar="TIME", help="ISO 8601, UTC unless it says.")],
    rule: Annotated[str | None, typer.Option(help="Only this rule's light.")] = None,
    known_at: Annotated[
        datetime | None,
        typer.Option(parser=instant, metavar="TIME", help="As known at this instant of the wall clock, not at TIME."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON, rows whole.")] = False,
) -> None:
    """The lights, rows and rule versions that stood at TIME for a route, as then known and as known now.

    Exit 2 for a route, rule or time that is none; 1 if nothing is known by then or there is no star.
    """
    try:
        found = as_of(HistorySettings.read().star_path, route.upper(), time, rule=rule, known_at=known_at)
    except UnknownRouteError as error:
        typer.echo(f"as-of: {error}", err=True)
        raise typer.Exit(2) from None
    except LookupError as error:
        typer.echo(f"as-of: {error}", err=True)
        raise typer.Exit(2 if rule else 1) from None
    except (FileNotFoundError, duckdb.Error) as error:
        typer.echo(f"as-of: {error}", err=True)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    _show(found, Console(width=None if Console().is_terminal else 160))


def _show(found: AsOf, console: Console) -> None:
    known = {
        "live": "as known at that moment",
        "replay": f"as processed when the first later row came, {found.cutoff or 'never'}",
        "given": f"as known at {found.cutoff}",
    }[found.clock]
    console.print(f"[bold]{found.route}[/] at {found.at:%Y-%m-%d %H:%M:%S} UTC, {known}:")
    console.print(_table(found.then))
    _print_rows(found.then, console)
    if not found.differences:
        console.print("As known now: the same.")
        return
    console.print("As known now:")
    console.print(_table(found.now))
    _print_rows(found.now, console)
    for line in found.differences:
        console.print(f"  {line}", markup=False, soft_wrap=True)


def _print_rows(stood: Stood, console: Console) -> None:
    for row in stood.rows:
        console.print(
            f"  row {row['kpi_window']} of {row['true_at']:%Y-%m-%d %H:%M:%S}, revision {row['revision']}, known at "
            f"{row['known_at']:%Y-%m-%d %H:%M:%S}: {row['flights']} flights, {row['arrivals_on_time']} on time",
            markup=False,
            soft_wrap=True,
        )


def _table(stood: Stood) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("light", "rule", "version", "since", "KPI", "value", "bounds", "n", "amber / red"):
        table.add_column(heading, no_wrap=True)
    for light in stood.lights:
        table.add_row(f"[{_STYLE[light.light]}]{light.light}[/]", *_cells(light))
    if not stood.lights:
        table.add_row("none turned yet", *[""] * 8)
    return table


def _cells(light: StoodLight) -> tuple[str, ...]:
    return (
        *(light.rule, light.rule_version, f"{light.since_at:%Y-%m-%d %H:%M}", light.kpi),
        _number(light.value),
        f"{_number(light.lower)} to {_number(light.upper)}",
        str(light.n),
        f"{_number(light.amber)} / {_number(light.red)}",
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
