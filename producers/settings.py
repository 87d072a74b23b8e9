"""What the publisher needs from its environment."""

import os
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, Json


class Settings(BaseModel):
    """Where to publish. `kafka_properties` goes to librdkafka as it stands (TLS, SASL), as JSON in the environment.

    `kafka_login`: "iam" is MSK's way, by whatever role the environment has; "none" the local brokers'.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: str = Field(default="demo", pattern=r"^[a-z][a-z0-9]*$")
    kafka_bootstrap: str = Field(default="", min_length=0)
    kafka_properties: Json[dict[str, str]] = Field(default_factory=dict)
    kafka_login: Literal["iam", "none"] = "none"

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """From SEMAFORO_<FIELD> variables; those unset or empty keep the default. Raises pydantic.ValidationError."""
        names = {name: f"SEMAFORO_{name.upper()}" for name in cls.model_fields}
        return cls.model_validate({name: environment[v] for name, v in names.items() if environment.get(v)})
