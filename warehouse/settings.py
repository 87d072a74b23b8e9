"""Where history lies: raw, clean, the star and the reports, from the environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field

HISTORY: Final = Path("build/history")
DAY: Final = ["%Y-%m-%d"]
"""How the commands read a date."""


class HistorySettings(BaseModel):
    """Folders, or `s3://bucket[/prefix]`; botocore reads AWS_ENDPOINT_URL by itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: str = Field(default="demo", pattern=r"^[a-z][a-z0-9]*$")
    raw_url: str = str(HISTORY / "raw")
    clean_url: str = str(HISTORY / "clean")
    reports_url: str = str(HISTORY / "reports")
    star_path: Path = HISTORY / "warehouse.duckdb"
    """The DuckDB file in the place of Redshift on one machine; named like no schema in it, or `star.x` is ambiguous."""

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """From SEMAFORO_<FIELD> variables; those unset or empty keep the default. Raises pydantic.ValidationError."""
        names = {name: f"SEMAFORO_{name.upper()}" for name in cls.model_fields}
        return cls.model_validate({name: environment[v] for name, v in names.items() if environment.get(v)})
