"""What following the top action would have been worth on held-out days, beside doing nothing and two plain policies."""

import sys
from datetime import date
from typing import Final

import numpy as np
import typer

from optimizer.actions.days_2013 import RECOVERED, read_days
from optimizer.actions.effect import Interval, Totals, interval
from optimizer.actions.follow import carriers, followed
from optimizer.airline.prices import Prices

FIRST: Final = "2013-09-01"
UNTIL: Final = "2014-01-01"
LEAST_FLIGHTS: Final = 20
"""Of a carrier and day."""


def actions(
    first: str = typer.Option(FIRST, "--from", help="First day; what the model was made with ends before September."),
    until: str = typer.Option(UNTIL, "--until", help="The day after the last."),
    every: int = typer.Option(8, min=1, help="Each so manieth day; 1 for all."),
) -> None:
    """US$ and points of A14 a day against doing nothing, over all carriers of a day, with 95 % intervals between days.

    Exit 1 if the top action does not beat doing nothing on margin and on A14 beyond chance.
    """
    start, end = ((date.fromisoformat(text) - date(1970, 1, 1)).days for text in (first, until))
    read = read_days(start, end)
    by_policy: dict[str, list[tuple[float, ...]]] = {}
    count: dict[str, int] = {}
    seconds: list[float] = []
    flights = 0
    for day in range(start, end, every):
        sums: dict[str, tuple[float, ...]] = {}
        for carrier in carriers(read, day, LEAST_FLIGHTS):
            found = followed(read, day, carrier, recovered=RECOVERED, prices=Prices())
            seconds += found.seconds["top action"]
            for name, total in found.by_policy.items():
                sums[name] = tuple(np.add(sums.get(name, (0.0,) * 6), _numbers(total)))
                count[name] = count.get(name, 0) + found.actions[name]
        nothing = sums["nothing"]
        flights += round(nothing[-1])
        for name, numbers in sums.items():
            by_policy.setdefault(name, []).append((*np.subtract(numbers, nothing)[:-1], nothing[-1]))
        typer.echo(f"{date.fromordinal(date(1970, 1, 1).toordinal() + day)}", err=True)
    typer.echo(f"{flights:,} flights on {len(by_policy['nothing'])} days; against doing nothing, a day:")
    heads = ("US$", "points of A14", "points of completion", "misconnected", "t of CO2")
    typer.echo(f"{'':18}{'actions':>8}" + "".join(f"{head:>27}" for head in heads))
    best: list[Interval] = []
    for name, rows in by_policy.items():
        values = np.array(rows)
        per_flight = 100 / values[:, -1]
        columns = [values[:, 0], values[:, 1] * per_flight, values[:, 2] * per_flight, values[:, 3], values[:, 4]]
        spans = [interval(column) for column in columns]
        actions_a_day = count[name] / len(rows)
        typer.echo(f"{name:18}{actions_a_day:8.1f}" + "".join(f"{_text(span):>27}" for span in spans))
        best = spans if name == "top action" else best
    median, slow = np.quantile(seconds, (0.5, 0.99))
    typer.echo(f"a recommendation takes {median:.2f} s, at most {slow:.2f} s in 99 of 100 of {len(seconds):,}")
    missed = [what for what, span in zip(("margin", "A14"), best, strict=False) if span.low <= 0]
    if missed:
        typer.echo(f"actions: no better than doing nothing beyond chance on {' and '.join(missed)}", err=True)
        sys.exit(1)


def _numbers(total: Totals) -> tuple[float, ...]:
    """Margin in US$, on time, operated, misconnected, t of CO2, legs."""
    cost = float(total.cost_cents[0]) / 100
    counts = (float(total.on_time[0]), float(total.operated[0]), float(total.misconnected[0]))
    return (-cost, *counts, float(total.co2_kg[0]) / 1000, float(total.legs))


def _text(span: Interval) -> str:
    return f"{span.mean:,.2f} ({span.low:,.2f} to {span.high:,.2f})"
