"""`python -m warehouse compact`."""

import sys
from contextlib import ExitStack
from typing import Annotated, Any

import msgspec
import typer

from warehouse.compaction.compact import compact
from warehouse.settings import HistorySettings
from warehouse.storage import Store

RawOption = Annotated[
    str | None, typer.Option("--raw", help="Raw lines: a folder or s3://…; default SEMAFORO_RAW_URL.")
]
CleanOption = Annotated[
    str | None, typer.Option("--clean", help="Clean tables: a folder or s3://…; default SEMAFORO_CLEAN_URL.")
]


def compact_command(
    raw: RawOption = None,
    clean: CleanOption = None,
    again: Annotated[bool, typer.Option("--again", help="Take every raw object, also those that are done.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Merge new raw lines into the clean tables: each fact once, corrections applied. Once more changes nothing.

    Exit 1 if there is nothing raw at all or an object cannot be read; all others are merged.
    """
    settings = HistorySettings.read()
    raw_url = raw or settings.raw_url
    with ExitStack() as stack:
        bar: list[Any] = []
        found = compact(
            Store(raw_url),
            Store(clean or settings.clean_url),
            again=again,
            begins=lambda size: bar.append(
                stack.enter_context(typer.progressbar(length=size, label="compact", file=sys.stderr))
            ),
            reads=lambda size: bar[0].update(size),
        )
    if not (found.objects or found.objects_before or found.unreadable):
        typer.echo(f"compact: no raw lines in {raw_url}", err=True)
        raise typer.Exit(1)
    typer.echo(msgspec.json.encode(found).decode() if as_json else found.said())
    for name, reason in found.unreadable.items():
        typer.echo(f"compact: {name} cannot be read: {reason}", err=True)
    if found.unreadable:
        raise typer.Exit(1)
