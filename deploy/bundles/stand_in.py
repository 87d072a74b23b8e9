"""What stands in a bundle's place where templates are only looked at: building one takes minutes and an index.

A folder with such templates says so, and is not deployed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from deploy.bundles.archive import write_zip
from deploy.errors import DeployError
from deploy.paths import BUILD

STAND_IN: Final = BUILD / "bundles" / "stand-in.zip"
MARK: Final = "without-bundles"
"""A file beside the templates."""


def stand_in() -> Path:
    """A zip with nothing in it that would run."""
    return write_zip(STAND_IN, {"stand-in.txt": b"templates only: nothing here runs\n"})


def refuse_stand_ins(assembly: Path) -> None:
    """DeployError for templates that were synthesised without their bundles."""
    if (assembly / MARK).exists():
        raise DeployError(
            f"{assembly} has templates alone: `python -m deploy synth --bundles` builds what they would deploy"
        )
