"""`python -m warehouse catalogue`: what the templates say of the clean tables."""

from typing import Annotated

import typer

from warehouse.catalogue import CATALOGUE_FILE, as_file, catalogue


def show_catalogue(
    write: Annotated[bool, typer.Option("--write", help="Put them where the templates read them.")] = False,
) -> None:
    """The clean tables' columns in the types of Glue, Athena and Redshift.

    Exit code 1 if what the templates read is not that; `--write` mends it.
    """
    if write:
        CATALOGUE_FILE.write_bytes(as_file())
    for table in catalogue():
        typer.echo(f"{table.name}: {table.comment}")
        for column in table.columns:
            typer.echo(f"  {column.name} {column.type}")
    if not CATALOGUE_FILE.exists() or CATALOGUE_FILE.read_bytes() != as_file():
        typer.echo(f"catalogue: {CATALOGUE_FILE.name} says something else; --write mends it", err=True)
        raise typer.Exit(1)
