"""The solver on set partitioning problems of airlines whose optima are known: OR-Library's, or made so."""

import sys
import time
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from optimizer.mip.choose import choose
from optimizer.mip.selection import Column, Row, Selection, Stop

LARGEST_GAP: Final = 0.01
ROWS: Final = 200
COLUMNS: Final = 4_000
LONGEST_DUTY_LEGS: Final = 8


def partition(
    file: Annotated[
        Path | None, typer.Argument(help="As OR-Library has them: of each column its cost, count and rows.")
    ] = None,
    optimum: int = typer.Option(
        0, help="As published: 7314 for sppnw36, 27040 for sppaa06 (Hoffman and Padberg, 1993)."
    ),
    seconds: float = typer.Option(60.0, min=0, help="For the solver."),
    seed: int = typer.Option(1, help="Of the problem that is made up where no file is given."),
) -> None:
    """Cost, gap to the known optimum and time; without a file of a made-up problem. Exit 1 if the gap is above 1 %."""
    name = "made up" if file is None else file.name
    try:
        selection, known = planted(seed) if file is None else (read_partition(file.read_text("ascii")), optimum)
    except (OSError, ValueError) as error:
        typer.echo(f"partition: {name}: {error}", err=True)
        sys.exit(2)
    began = time.perf_counter()
    found = choose(selection, Stop(seconds=seconds))
    took = time.perf_counter() - began
    if found.chosen is None:
        typer.echo(f"partition: no answer in {took:.1f} s: {', '.join(found.fighting) or 'time is up'}", err=True)
        sys.exit(1)
    gap = found.cost_cents / known - 1 if known else found.gap
    size = f"{len(selection.rows)} rows, {len(selection.columns):,} columns"
    typer.echo(f"{name}: {size}: cost {found.cost_cents:,}, known {known:,}: gap {gap:.3%}; {took:.1f} s")
    if gap > LARGEST_GAP:
        typer.echo(f"partition: the gap is above {LARGEST_GAP:.0%}", err=True)
        sys.exit(1)


def read_partition(text: str) -> Selection:
    """Each row is covered exactly once. Raises ValueError for another format."""
    head, *lines = ([int(word) for word in line.split()] for line in text.splitlines() if line.strip())
    if len(head) != 2 or len(lines) != head[1] or any(len(line) != line[1] + 2 for line in lines):
        raise ValueError("not a set partitioning problem as OR-Library has them")
    columns = [(cost, [row - 1 for row in rows]) for cost, _, *rows in lines]
    return _selection(head[0], columns)


def planted(seed: int) -> tuple[Selection, int]:
    """A problem and its optimum: each row has a price, some columns that cover all rows once cost exactly the prices of
    their rows, and all others more, so that nothing is cheaper by the duality of linear programs."""
    luck = np.random.default_rng(seed)
    prices = luck.integers(50, 400, ROWS)
    order = luck.permutation(ROWS)
    cuts = np.sort(luck.choice(np.arange(1, ROWS), ROWS // 4, replace=False))
    best = [list(part) for part in np.split(order, cuts)]
    columns = [(int(prices[part].sum()), part) for part in best]
    while len(columns) < COLUMNS:
        part = list(luck.choice(ROWS, int(luck.integers(1, LONGEST_DUTY_LEGS + 1)), replace=False))
        columns.append((int(prices[part].sum() + luck.integers(0, 60)), part))
    return _selection(ROWS, columns), int(prices.sum())


def _selection(rows: int, columns: list[tuple[int, list[int]]]) -> Selection:
    made = tuple(Column(cost, tuple((int(row), 1) for row in part)) for cost, part in columns)
    return Selection(made, tuple(Row(f"row {row}", 1, 1) for row in range(1, rows + 1)))
