"""From what a replay left in raw to a report: each step a command of its own, as anybody would type it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from deploy.errors import PartError
from deploy.local.cloud import LocalCloud
from deploy.paths import ROOT


class Step(NamedTuple):
    """One command after `python -m warehouse`, and what is said while it runs."""

    words: str
    arguments: tuple[str, ...]


def steps(first: date, until: date, day: date, bookings: int) -> list[Step]:
    """In the order in which they need each other; `day` is the day of the report."""
    days = ("--from", first.isoformat(), "--to", until.isoformat())
    return [
        Step("every offset of every topic is in raw", ("raw", "check")),
        Step("the booking system's tables", ("booking", "migrate")),
        Step(f"{bookings:,} bookings", ("booking", "load", "--bookings", str(bookings), *days)),
        Step("bookings to raw and clean, nobody's name among them", ("booking", "etl")),
        Step("raw to clean", ("compact",)),
        Step("clean to star", ("star",)),
        Step("live rows and lights against clean", ("parity", *days)),
        Step("the report", ("report", "--date", day.isoformat())),
    ]


def run_steps(
    planned: Sequence[Step], environment: Mapping[str, str], folder: Path, say: Callable[[str], None]
) -> None:
    """Run them one after the other; PartError with the last words of the one that fails."""
    folder.mkdir(parents=True, exist_ok=True)
    for step in planned:
        say(step.words)
        log_path = folder / f"{'-'.join(word for word in step.arguments[:2] if word[0] != '-')}.log"
        with log_path.open("wb") as log:
            done = subprocess.run(
                [sys.executable, "-m", "warehouse", *step.arguments],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode != 0:
            raise PartError(f"warehouse {' '.join(step.arguments[:2])}", f"ended with {done.returncode}", log_path)


def keep_report(cloud: LocalCloud, bucket: str, folder: Path) -> None:
    """Copy what lies in the bucket of reports, which goes with the stack."""
    s3 = cloud.client("s3")
    for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        target = folder / entry["Key"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read())
