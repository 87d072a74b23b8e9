"""Where things lie in the work tree; every path of this package is derived here."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
BUILD: Final = ROOT / "build"
"""Ignored by git; holds only what can be made again."""

DEFAULT_STATE: Final = ROOT / ".local"
"""State, pids and logs of the local stack unless told otherwise; ignored by git."""

PYTHON: Final = ROOT / ".venv" / "bin" / "python"
CLOUD_PYTHON: Final = ROOT / ".venv-cloud" / "bin" / "python"
"""The local cloud runs Lambdas on its interpreter, so what a bundle lacks is missed here too."""

FLINK_POM: Final = ROOT / "flink_jobs" / "format" / "pom.xml"
FLINK_JAR: Final = ROOT / "flink_jobs" / "format" / "target" / "semaforo-flink.jar"
