"""The solver on airlines' set partitioning problems of OR-Library, whose optima are published."""

import sys
import time
from pathlib import Path
from typing import Annotated, Final

import typer

from optimizer.mip.choose import choose
from optimizer.mip.selection import Column, Row, Selection, Stop

LARGEST_GAP: Final = 0.01


def partition(
    file: Annotated[Path, typer.Argument(help="As OR-Library has them: of each column its cost, count and rows.")],
    optimum: int = typer.Option(help="As published: 7314 for sppnw36, 27040 for sppaa06 (Hoffman and Padberg, 1993)."),
    seconds: float = typer.Option(60.0, min=0, help="For the solver."),
) -> None:
    """Cost, gap to the published optimum and time. Exit 1 if the gap is above 1 %."""
    try:
        selection = read_partition(file.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        typer.echo(f"partition: {file}: {error}", err=True)
        sys.exit(2)
    began = time.perf_counter()
    found = choose(selection, Stop(seconds=seconds))
    took = time.perf_counter() - began
    if found.chosen is None:
        typer.echo(f"partition: no answer in {took:.1f} s: {', '.join(found.fighting) or 'time is up'}", err=True)
        sys.exit(1)
    gap = found.cost_cents / optimum - 1
    size = f"{len(selection.rows)} rows, {len(selection.columns):,} columns"
    typer.echo(f"{file.name}: {size}: cost {found.cost_cents:,}, published {optimum:,}: gap {gap:.3%}; {took:.1f} s")
    if gap > LARGEST_GAP:
        typer.echo(f"partition: the gap is above {LARGEST_GAP:.0%}", err=True)
        sys.exit(1)


def read_partition(text: str) -> Selection:
    """Each row is covered exactly once. Raises ValueError for another format."""
    head, *lines = ([int(word) for word in line.split()] for line in text.splitlines() if line.strip())
    if len(head) != 2 or len(lines) != head[1] or any(len(line) != line[1] + 2 for line in lines):
        raise ValueError("not a set partitioning problem as OR-Library has them")
    columns = tuple(Column(cost, tuple((row - 1, 1) for row in rows)) for cost, _, *rows in lines)
    return Selection(columns, tuple(Row(f"row {row}", 1, 1) for row in range(1, head[0] + 1)))
