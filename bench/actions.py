"""What following the top action would have been worth on held-out days, beside doing nothing and two plain policies.

A14 counts from what is published, and longer block times publish later arrivals: nobody lands sooner. So A14 is told
twice, by the times that a policy publishes and by those that stood when seats were sold; policies are held against each
other by the second, and by margin as published, which flatters longer block times.
"""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import msgspec
import numpy as np
import typer
from numpy.typing import NDArray

from optimizer.actions.days_2013 import RECOVERED, Days, read_days
from optimizer.actions.effect import Interval, Totals, interval
from optimizer.actions.follow import Followed, carriers, followed
from optimizer.airline.prices import Prices

FIRST: Final = "2013-09-01"
UNTIL: Final = "2014-01-01"
LEAST_FLIGHTS: Final = 20
"""Of a carrier and day."""
HEADS: Final = ("US$", "points of A14", "points of completion", "misconnected", "t of CO2", "points of A14 as sold")
IN_POINTS: Final = (1, 2, 5)
OURS: Final = "top action"

Rows = dict[str, NDArray[np.float64]]


def actions(
    first: str = typer.Option(FIRST, "--from", help="First day; what the model was made with ends before September."),
    until: str = typer.Option(UNTIL, "--until", help="The day after the last."),
    every: int = typer.Option(8, min=1, help="Each so manieth day; 1 for all."),
    skip: int = typer.Option(0, min=0, help="So many days later: another part of the same days."),
    kept: Annotated[
        Path | None, typer.Option(help="Days are kept in this file, and those that it holds are not played again.")
    ] = None,
) -> None:
    """US$ and points of A14 a day against doing nothing, over all carriers of a day, with 95 % intervals between days.

    Exit 1 if the top action does not beat doing nothing and both plain policies, on margin and on A14 by the times that
    were sold, beyond chance.
    """
    start, end = ((date.fromisoformat(text) - date(1970, 1, 1)).days for text in (first, until))
    read = read_days(start, end)
    known = _known(kept)
    for day in (one for one in range(start + skip, end, every) if one not in known):
        known[day] = _day(read, day)
        typer.echo(f"{date.fromordinal(date(1970, 1, 1).toordinal() + day)}", err=True)
        if kept is not None:
            with kept.open("ab") as lines:
                lines.write(msgspec.json.encode(known[day]) + b"\n")
    played = [known[day] for day in range(start + skip, end, every)]
    days, seconds = [one.by_policy for one in played], [second for one in played for second in one.seconds]
    count = {name: sum(one.actions[name] for one in played) for name in days[0]}
    rows, flights = _against_nothing(days)
    typer.echo(f"{flights:,} flights on {len(days)} days; against doing nothing, a day:")
    typer.echo(f"{'':18}{'actions':>8}" + "".join(f"{head:>27}" for head in HEADS))
    for name, values in rows.items():
        spans = "".join(f"{_text(interval(column)):>27}" for column in values.T)
        typer.echo(f"{name:18}{count[name] / len(days):8.1f}{spans}")
    missed = []
    for name, values in rows.items():
        if name == OURS:
            continue
        margin, a14 = (interval(rows[OURS][:, column] - values[:, column]) for column in (0, 5))
        typer.echo(f"{OURS} against {name}: US$ {_text(margin)}, points of A14 as sold {_text(a14)}")
        missed += [f"{what} of {name}" for what, span in (("margin", margin), ("A14", a14)) if span.low <= 0]
    median, slow = np.quantile(seconds, (0.5, 0.99))
    typer.echo(f"a recommendation takes {median:.2f} s, at most {slow:.2f} s in 99 of 100 of {len(seconds):,}")
    if missed:
        typer.echo(f"actions: no better beyond chance than {' and '.join(missed)}", err=True)
        sys.exit(1)


class Played(msgspec.Struct):
    """A day, over all carriers: figures and actions by policy, and how long each recommendation took."""

    day: int
    by_policy: dict[str, tuple[float, ...]]
    actions: dict[str, int]
    seconds: list[float]


def _known(kept: Path | None) -> dict[int, Played]:
    if kept is None or not kept.exists():
        return {}
    found = [msgspec.json.decode(line, type=Played) for line in kept.read_bytes().splitlines()]
    return {one.day: one for one in found}


def _day(read: Days, day: int) -> Played:
    played = Played(day, {}, {}, [])
    for carrier in carriers(read, day, LEAST_FLIGHTS):
        found = followed(read, day, carrier, recovered=RECOVERED, prices=Prices())
        played.seconds += found.seconds[OURS]
        for name, total in found.by_policy.items():
            before = played.by_policy.get(name, (0.0,) * 7)
            played.by_policy[name] = tuple(float(one) for one in np.add(before, _numbers(name, total, found)))
            played.actions[name] = played.actions.get(name, 0) + found.actions[name]
    return played


def _numbers(name: str, total: Totals, found: Followed) -> tuple[float, ...]:
    """Margin in US$, on time, operated, misconnected, t of CO2, on time by the times that were sold, legs."""
    cost = float(total.cost_cents[0]) / 100
    counts = (float(total.on_time[0]), float(total.operated[0]), float(total.misconnected[0]))
    return (-cost, *counts, float(total.co2_kg[0]) / 1000, found.on_time_as_sold[name], float(total.legs))


def _against_nothing(days: list[dict[str, tuple[float, ...]]]) -> tuple[Rows, int]:
    """`[day, HEADS]` of each policy, and how many flights there were."""
    legs = np.array([day["nothing"][-1] for day in days])
    rows: Rows = {}
    for name in days[0]:
        rows[name] = np.array([np.subtract(day[name], day["nothing"])[:-1] for day in days])
        rows[name][:, IN_POINTS] *= 100 / legs[:, None]
    return rows, round(float(legs.sum()))


def _text(span: Interval) -> str:
    return f"{span.mean:,.2f} ({span.low:,.2f} to {span.high:,.2f})"
