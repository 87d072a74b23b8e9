"""The zip the Glue jobs run: our packages beside their dependencies, so that a job in a network without a way out
installs nothing. `glue_entry.py` unpacks it: dbt's project and our SQL are read as files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from deploy.bundles.archive import everything, sources, write_zip
from deploy.bundles.dependencies import install
from deploy.errors import BundleError
from deploy.paths import BUILD, ROOT

PACKAGES: Final = ("schemas", "rules", "warehouse")
PYTHON_VERSION: Final = "3.11.7"
"""Glue 5.0 has a 3.11; without its last figure pip takes it for 3.11.0, which a dependency of dbt's refuses."""

LOCK: Final = "glue.txt"
ENTRY_SCRIPT: Final = Path(__file__).with_name("glue_entry.py")

ENTRIES: Final = {
    "compact": "warehouse.glue.compact",
    "booking": "warehouse.glue.booking_etl",
    "star": "warehouse.glue.star",
    "report": "warehouse.glue.report",
}
"""The jobs in the order of a day, and the module each one runs."""


def build_warehouse_zip(target: Path | None = None) -> Path:
    """The zip, made anew only when something in it changed: its 220 MB take 50 s of CPU to pack."""
    ours: dict[str, Path] = {}
    for name in PACKAGES:
        if not (ROOT / name / "__init__.py").exists():
            raise BundleError(f"{name}/ is missing: the warehouse bundle needs it")
        ours |= sources(ROOT / name, f"{name}/")
    digest = hashlib.sha256((ROOT / "requirements" / LOCK).read_bytes())
    for name, path in sorted(ours.items()):
        digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    made = target or BUILD / "bundles" / f"warehouse-{digest.hexdigest()[:16]}.zip"
    if not made.exists():
        write_zip(made, {**ours, **everything(install(LOCK, PYTHON_VERSION), "")})
    return made
