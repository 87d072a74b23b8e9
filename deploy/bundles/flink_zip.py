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

SERVICES: Final = ("kinesis", "sts")
"""What the job calls. The descriptions of AWS's other 400 services are 18 of a zip's 35 MB."""

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
    packages = everything(install("flink-zip.txt", PYTHON_VERSION), PACKAGES_FOLDER)
    contents |= {name: path for name, path in packages.items() if not _describes_another_service(name)}
    return write_zip(target, contents)


def _describes_another_service(name: str) -> bool:
    data = f"{PACKAGES_FOLDER}botocore/data/"
    service, slash, _rest = name.removeprefix(data).partition("/")
    return name.startswith(data) and bool(slash) and service not in SERVICES
