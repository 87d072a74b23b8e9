"""What the functions need from their environment beside what `alerts` needs."""

import os
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict


class SemaforoSettings(BaseModel):
    """`partial_failures`: "report" to AWS, which then delivers again from the lowest failed record; "raise" where the
    report is ignored (the local cloud), so that the whole batch comes again and nothing of it is lost."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quarantine_queue_url: str
    partial_failures: Literal["report", "raise"] = "report"

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """From SEMAFORO_<FIELD> variables; those unset or empty keep the default. Raises pydantic.ValidationError."""
        names = {name: f"SEMAFORO_{name.upper()}" for name in cls.model_fields}
        return cls.model_validate({name: environment[v] for name, v in names.items() if environment.get(v)})


class LightLogFeedSettings(BaseModel):
    """`light_log_delivery` names the Firehose stream; `partial_failures` as the semáforo's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    light_log_delivery: str
    partial_failures: Literal["report", "raise"] = "report"

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """From SEMAFORO_<FIELD> variables; those unset or empty keep the default. Raises pydantic.ValidationError."""
        names = {name: f"SEMAFORO_{name.upper()}" for name in cls.model_fields}
        return cls.model_validate({name: environment[v] for name, v in names.items() if environment.get(v)})
