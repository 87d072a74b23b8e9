"""What the commands print: tables for people, JSON lines for programs; and how they stop."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NoReturn

import msgspec
import typer
from rich.console import Console
from rich.table import Table


def as_json_lines(records: Iterable[Any]) -> None:
    """One line each."""
    for record in records:
        typer.echo(msgspec.json.encode(record).decode())


def as_table(table: Table) -> None:
    """Piped into a file or grep, a line must not be cut at 80 columns."""
    Console(width=None if sys.stdout.isatty() else 240).print(table)


def stop(message: str, code: int) -> NoReturn:
    """Say why and end with this exit code."""
    typer.echo(message, err=True)
    raise SystemExit(code)


def instant_of(text: str, option: str) -> datetime:
    """The UTC instant of ISO 8601 text; without an offset it is UTC."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not an ISO 8601 instant", param_hint=option) from None
    return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
