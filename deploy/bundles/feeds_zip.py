"""The zip of the functions that feed topics and the flights table: with the Kafka client and what reads partner files.

Apart from the other Lambda zip, 90 MB smaller unpacked: the semáforo's cold start is part of an alert's latency.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.bundles.archive import everything, sources, write_zip
from deploy.bundles.dependencies import install
from deploy.bundles.lambda_zip import PYTHON_VERSION, UNUSED
from deploy.errors import BundleError
from deploy.made_once import made_once
from deploy.paths import BUILD, ROOT

PACKAGES: Final = ("schemas", "producers", "lambdas")
REQUIREMENTS: Final = "feeds.txt"
FEEDS_ZIP: Final = "feeds.zip"

NOT_OURS: Final = (
    # Sources that no function runs.
    *("producers/sources/nycflights13/", "producers/sources/simulator/"),
    # The other zip's functions.
    *("lambdas/semaforo.py", "lambdas/sweeper.py", "lambdas/batch.py", "lambdas/metrics.py", "lambdas/quarantine.py"),
)


def build_feeds_zip() -> Path:
    """The zip, made anew only when something in it changed: packing its 108 MB takes 6 s of CPU."""
    ours: dict[str, Path | bytes] = {}
    for name in PACKAGES:
        if not (ROOT / name / "__init__.py").exists():
            raise BundleError(f"{name}/ is missing: the feeds' bundle needs it")
        ours |= sources(ROOT / name, f"{name}/")
    ours = {name: path for name, path in ours.items() if not name.startswith(NOT_OURS)}
    folder = BUILD / "feeds-bundle" / _digest(ours)
    return made_once(folder, lambda target: _write(ours, target)) / FEEDS_ZIP


def _write(ours: Mapping[str, Path | bytes], folder: Path) -> None:
    packages = everything(install(REQUIREMENTS, PYTHON_VERSION), "")
    theirs = {name: path for name, path in packages.items() if not name.startswith(UNUSED)}
    write_zip(folder / FEEDS_ZIP, {**ours, **theirs})


def _digest(ours: Mapping[str, Path | bytes]) -> str:
    digest = hashlib.sha256((ROOT / "requirements" / REQUIREMENTS).read_bytes())
    for name, content in sorted(ours.items()):
        text = content if isinstance(content, bytes) else content.read_bytes()
        digest.update(name.encode() + b"\0" + text + b"\0")
    return digest.hexdigest()[:16]
