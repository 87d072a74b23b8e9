"""The zip the Glue jobs run: our packages beside their dependencies, so that a job in a network without a way out
installs nothing. `glue_entry.py` unpacks it: dbt's project and our SQL are read as files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from deploy.bundles.archive import everything, sources, write_zip
from deploy.bundles.dependencies import install
from deploy.errors import BundleError
from deploy.paths import BUILD, ROOT

PACKAGES: Final = ("schemas", "rules", "warehouse")
PYTHON_VERSION: Final = "3.11"
"""Glue 5.0's."""

WAREHOUSE_ZIP: Final = BUILD / "bundles" / "warehouse.zip"
ENTRY_SCRIPT: Final = Path(__file__).with_name("glue_entry.py")

ENTRIES: Final = {
    "compact": "warehouse.glue.compact",
    "booking": "warehouse.glue.booking_etl",
    "star": "warehouse.glue.star",
    "report": "warehouse.glue.report",
}
"""The jobs in the order of a day, and the module each one runs."""


def build_warehouse_zip(target: Path = WAREHOUSE_ZIP) -> Path:
    """Build the zip; the same sources give the same bytes."""
    contents: dict[str, Path | bytes] = {}
    for name in PACKAGES:
        if not (ROOT / name / "__init__.py").exists():
            raise BundleError(f"{name}/ is missing: the warehouse bundle needs it")
        contents |= sources(ROOT / name, f"{name}/")
    contents |= everything(install("glue.txt", PYTHON_VERSION), "")
    return write_zip(target, contents)
