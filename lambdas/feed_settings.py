"""What the functions that feed topics and the flights table need from their environment."""

import os
from collections.abc import Mapping
from typing import Final, Literal, Self

from botocore.config import Config
from pydantic import BaseModel, ConfigDict, Field

# A bucket or table in the same region answers in 5-50 ms; what four attempts do not settle is delivered again.
FEED_AWS_CONFIG: Final = Config(
    connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4}, max_pool_connections=16
)


class KafkaSettings(BaseModel):
    """Where the brokers are: an SSM parameter says it, since their addresses are known only when they run.

    `kafka_login`: "iam" is MSK's way, "none" the local brokers'.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: str = Field(default="demo", pattern=r"^[a-z][a-z0-9]*$")
    kafka_bootstrap_parameter: str = Field(min_length=1)
    kafka_login: Literal["iam", "none"] = "none"

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """From SEMAFORO_<FIELD> variables; those unset or empty keep the default. Raises pydantic.ValidationError."""
        names = {name: f"SEMAFORO_{name.upper()}" for name in cls.model_fields}
        return cls.model_validate({name: environment[v] for name, v in names.items() if environment.get(v)})


class FlightsSettings(BaseModel):
    """The look-up table of flights."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    flights_table: str = Field(min_length=1)

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """From SEMAFORO_FLIGHTS_TABLE. Raises pydantic.ValidationError."""
        return cls.model_validate({"flights_table": environment.get("SEMAFORO_FLIGHTS_TABLE", "")})
