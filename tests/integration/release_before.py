"""A release of the KPI job as it might have been before this one: a measure less, and a version less of a schema."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from deploy.local.jars import flink_jar
from deploy.local.job import KpiJob
from deploy.paths import ROOT
from schemas.measures import MEASURE_NAMES

ADDED_MEASURE: Final = MEASURE_NAMES[-1]
ADDED_SCHEMA: Final = "PassengerFeedback.v2.avsc"
_LINE: Final = f'"{ADDED_MEASURE}", "count", "provenance", "FlightOperation", "operation facts that are modelled"'
_CHANGES: Final = {
    "schemas/measures.py": (f"    Measure({_LINE}),\n", ""),
    "flink_jobs/sql/01_messages.sql": ("        recommend INT,\n", ""),
    "flink_jobs/sql/05_flight_operations.sql": (
        f",\n    IF(source = ${{text_modelled}}, 1, 0) AS {ADDED_MEASURE}\n",
        "\n",
    ),
    "flink_jobs/sql/06_passenger_feedback.sql": ("recommend ", "CAST(NULL AS INT) "),
}


class ReleaseJob(KpiJob):
    """The job of a stack, by the code in another folder."""

    def __init__(self, state_dir: Path, release: Path) -> None:
        super().__init__(state_dir)
        self._release = release

    def command(self) -> list[str]:
        """Run in its folder, from which `-m` takes the code."""
        return ["env", f"--chdir={self._release}", *super().command()]


def make_release_before(folder: Path) -> Path:
    """The folder with that release's code; AssertionError where this release no longer reads as the changes expect."""
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    shutil.copytree(ROOT / "flink_jobs", folder / "flink_jobs", ignore=shutil.ignore_patterns("format"))
    target = folder / "flink_jobs" / "format" / "target"
    target.mkdir(parents=True)
    shutil.copy(flink_jar(), target)
    (folder / "schemas" / "avro" / ADDED_SCHEMA).unlink()
    for name, (old, new) in _CHANGES.items():
        text = (folder / name).read_text()
        assert old in text, f"{name} has no {old!r}"
        (folder / name).write_text(text.replace(old, new))
    return folder
