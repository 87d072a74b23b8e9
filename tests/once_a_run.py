"""What takes seconds to make and is only read is made once a run, whichever worker asks first."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.made_once import made_once


def once_a_run(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder of that name, which all workers share; `make` fills it, named otherwise until it is whole."""
    own = factory.getbasetemp()
    root = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = root / name / "made"  # a parent of its own, whose lock no other name waits for
    folder.parent.mkdir(exist_ok=True)
    return made_once(folder, make)
