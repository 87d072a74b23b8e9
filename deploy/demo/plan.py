"""What a demo run is: which source, which dates, how fast."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from deploy.demo.words import WORDS, Language, Words
from deploy.paths import BUILD

BLIZZARD: Final = (date(2013, 2, 7), date(2013, 2, 10))
"""Thursday to Saturday: a normal day, the blizzard Nemo, the day after."""

SIMULATED: Final = (date(2026, 3, 2), date(2026, 3, 5))

SPEEDS: Final = {"replay": 3600.0, "simulator": 3600.0}
"""Stream seconds per wall second: three days in 72 s. The job and the Lambda share two cores with everything else."""

STORM: Final = "storm:MEX:{day}T14:00-06:00:4h"
"""The simulator's days are ordinary ones: something has to happen. 14:00 to 18:00 in Mexico City, which keeps UTC-6 all
year since 2022: with the default days it reaches 149 of 756 flights; from 20:00 on it would reach 71."""

PANE_MS: Final = 60_000
"""A replayed fact falls on a whole minute; a minute of stream time is 17 ms of wall time at the default speed."""


class DemoPlan(BaseModel):
    """One run; the first date is a local departure date, `until` is exclusive."""

    model_config = ConfigDict(frozen=True)

    source: Literal["replay", "simulator"] = "replay"
    first: date
    until: date
    speed: float = Field(gt=0)
    language: Language = "en"
    folder: Path = BUILD / "demo"

    @model_validator(mode="after")
    def _some_days(self) -> DemoPlan:
        if self.until <= self.first:
            raise ValueError(f"TO {self.until} must be after FROM {self.first}: it is the first day left out")
        return self

    @classmethod
    def of(
        cls,
        source: Literal["replay", "simulator"],
        first: date | None,
        until: date | None,
        speed: float | None,
        language: Language = "en",
    ) -> DemoPlan:
        """A plan with the source's own days and speed for what is not given."""
        defaults = BLIZZARD if source == "replay" else SIMULATED
        first = first or defaults[0]
        return cls(
            source=source,
            first=first,
            until=until or (defaults[1] if first < defaults[1] else first + timedelta(days=3)),
            speed=speed or SPEEDS[source],
            language=language,
        )

    @property
    def words(self) -> Words:
        """What people are told in."""
        return WORDS[self.language]

    @property
    def incidents(self) -> list[str]:
        """What is injected, as the simulator's `--incident` reads it: on the second day, if there is one."""
        day = min(self.first + timedelta(days=1), self.until - timedelta(days=1))
        return [] if self.source == "replay" else [STORM.format(day=day)]

    @property
    def injected_path(self) -> Path:
        """The incidents with what they did, one JSON object per line."""
        return self.folder / "injected.jsonl"

    @property
    def summary_path(self) -> Path:
        """The figures of the run."""
        return self.folder / "summary.json"

    @property
    def rows_path(self) -> Path:
        """Every row that reached the KPI stream."""
        return self.folder / "kpis.parquet"

    @property
    def alerts_path(self) -> Path:
        """Every alert as the subscriber got it, one JSON object per line."""
        return self.folder / "alerts.jsonl"

    @property
    def published_path(self) -> Path:
        """The producer's own summary."""
        return self.folder / "published.json"

    def producer_arguments(self) -> list[str]:
        """What follows `python -m producers`."""
        days = ["--from", self.first.isoformat(), "--to", self.until.isoformat()]
        common = [*days, "--speed", str(self.speed), "--summary-file", str(self.published_path)]
        if self.source == "replay":
            return ["replay", *common]
        incidents = [word for text in self.incidents for word in ("--incident", text)]
        return ["simulate", *common, *incidents, "--injected-file", str(self.injected_path)]
