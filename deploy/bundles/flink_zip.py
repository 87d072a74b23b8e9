"""The zip Managed Flink runs: an entry, our packages beside their dependencies, and the one jar.

The runtime brings PyFlink with pandas, numpy and pyarrow of its own versions; carried along, ours would break it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from deploy.bundles.archive import everything, sources, write_zip
from deploy.bundles.dependencies import install
from deploy.errors import BundleError
from deploy.paths import BUILD, FLINK_JAR, ROOT

PYTHON_VERSION: Final = "3.12"
PACKAGES: Final = ("schemas", "flink_jobs")
FLINK_ZIP: Final = BUILD / "bundles" / "flink.zip"

# Managed Flink's run options name these three, relative to the zip's root.
ENTRY: Final = "main.py"
JAR: Final = f"lib/{FLINK_JAR.name}"
PACKAGES_FOLDER: Final = "packages/"

_ENTRY_SOURCE: Final = '''\
"""Where Managed Flink enters: the packages beside this file, then the job."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "packages"))

from flink_jobs.route_kpis import main

main()
'''


def build_flink_zip(target: Path = FLINK_ZIP, jar: Path = FLINK_JAR) -> Path:
    """Build the zip from the sources and the built jar; the same inputs give the same bytes."""
    if not jar.exists():
        raise BundleError(f"{jar} is missing: `make setup` builds it")
    contents: dict[str, Path | bytes] = {ENTRY: _ENTRY_SOURCE.encode(), JAR: jar}
    for name in PACKAGES:
        contents |= sources(ROOT / name, f"{PACKAGES_FOLDER}{name}/")
    contents |= everything(install("flink-zip.txt", PYTHON_VERSION), PACKAGES_FOLDER)
    return write_zip(target, contents)
