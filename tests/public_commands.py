"""What the project offers on a command line, found from the folders' command apps."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from typer.main import get_command

PROJECT = Path(__file__).parent.parent


def command_of(folder: str) -> Any:
    """The click command behind `python -m folder`; from cli.py where __main__.py only runs it."""
    home = "cli" if (PROJECT / folder / "cli.py").exists() else "__main__"
    module = importlib.import_module(f"{folder}.{home}")
    apps = [value for value in vars(module).values() if isinstance(value, typer.Typer)]
    assert len(apps) == 1, f"{folder}.{home} should hold one command app, not {len(apps)}"
    return get_command(apps[0])


def command_lines(folder: str) -> list[str]:
    """Every command line of a folder, without its options."""

    def walk(command: Any, words: str) -> Iterator[str]:
        below = getattr(command, "commands", None)
        if not below:
            yield words
        for name, child in (below or {}).items():
            if not child.hidden:
                yield from walk(child, f"{words} {name}")

    return list(walk(command_of(folder), f"python -m {folder}"))
