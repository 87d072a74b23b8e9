"""`python -m producers replay`."""

from datetime import date, datetime
from typing import Annotated

import typer

from producers.command import fail, publish_source
from producers.options import Options, publishing
from producers.sources.nycflights13.dataset import DatasetMissingError
from producers.sources.nycflights13.replay import DEFAULT_SEED, DatesError, NycFlights


def parse_date(text: str) -> date:
    """YYYY-MM-DD. Raises typer.BadParameter."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a local date, no instant
    except ValueError:
        raise typer.BadParameter(f"{text!r}: a date like 2013-02-07") from None


FromOption = Annotated[
    date, typer.Option("--from", parser=parse_date, metavar="DATE", help="First local departure date.")
]
ToOption = Annotated[
    date, typer.Option("--to", parser=parse_date, metavar="DATE", help="Local departure date to stop before.")
]


@publishing
def replay(
    first: FromOption,
    until: ToOption,
    seed: Annotated[int, typer.Option("--seed", help="Of the modelled passengers and money.")] = DEFAULT_SEED,
    *,
    options: Options,
) -> None:
    """Replay the real flights from New York of 2013, with the instants of 2013."""
    try:
        source = NycFlights(first, until, seed)
    except DatesError as wrong:
        fail(f"replay: {wrong}", 2)
    except DatasetMissingError as missing:
        fail(f"replay: {missing}", 1)
    publish_source("replay", source, options)
