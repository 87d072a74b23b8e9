"""Simulated days beside real ones: September to December 2013, each day simulated from what was known before it."""

import sys
from datetime import date
from typing import Final

import numpy as np
import polars as pl
import typer

from optimizer import flights_2013
from optimizer.day.calibration import AirportCalibration, calibrations
from optimizer.day.plan import planned
from optimizer.day.simulate import recovered_share, simulate
from optimizer.flights import of_table

WARM_UP: Final = date(2013, 6, 1)
FIRST: Final = date(2013, 9, 1)
UNTIL: Final = date(2014, 1, 1)
LEARN_DAYS: Final = 28
"""Before FIRST: how often aircraft's lateness is recovered is taken from them."""
WORST_KS: Final = 0.08
"""Of the three origins, arrival delay; measured 0.043 to 0.053 when it was made."""


def simulation(
    samples: int = typer.Option(20, min=1, help="Days simulated for each real one."),
    seed: int = typer.Option(1, help="Of all luck."),
) -> None:
    """Distances between simulated and real arrival delays, and minutes brought along by late aircraft, by airport.

    Exit 1 if an origin's arrival delays differ by more than 0.08 (Kolmogorov-Smirnov).
    """
    rows = flights_2013.flights(flights_2013.data_folder()).filter(pl.col("day") >= WARM_UP)
    flights = of_table(rows)
    plan, first = planned(flights), (FIRST - date(1970, 1, 1)).days
    learnt_from = np.arange(first - LEARN_DAYS, first)
    recovered = recovered_share(flights, plan, learnt_from, samples=samples, seed=seed)
    days = np.arange(first, (UNTIL - date(1970, 1, 1)).days)
    chosen, simulated = simulate(flights, plan, days, samples=samples, seed=seed, recovered=recovered)
    found = calibrations(flights, plan, chosen, simulated)
    typer.echo(f"{len(chosen):,} flights, {samples} samples; {recovered:.0%} of lateness from aircraft is recovered")
    typer.echo(f"{'':17}{'real / simulated':^40}{'distance, min (KS)':^51}")
    heads = ("late", "disrupted", "brought along", "arrival", "odd and even days", "late aircraft")
    typer.echo(f"{'':10}{'flights':>8}" + "".join(f"{head:>16}" for head in heads))
    for one in found:
        typer.echo(_line(one))
    worst = max(one.arrival.ks for one in found if one.end == "origin")
    if worst > WORST_KS:
        typer.echo(f"simulation: an origin's arrival delays differ by {worst:.3f}, more than {WORST_KS}", err=True)
        sys.exit(1)


def _line(one: AirportCalibration) -> str:
    pairs = [f"{one.late[0]:.1f} / {one.late[1]:.1f}", f"{one.disrupted[0]:.1%} / {one.disrupted[1]:.1%}"]
    pairs.append(f"{one.brought[0]:.2f} / {one.brought[1]:.2f}")
    distances = [f"{of.minutes:.2f} ({of.ks:.3f})" for of in (one.arrival, one.chance, one.late_aircraft)]
    place = f"{'from' if one.end == 'origin' else 'to'} {one.airport}"
    return f"{place:10}{one.flights:8,}" + "".join(f"{text:>16}" for text in [*pairs, *distances])
