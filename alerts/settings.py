"""What the alert store, the sender and the operator's commands need from their environment."""

import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Self

from botocore.config import Config
from pydantic import BaseModel, ConfigDict, Field, model_validator

# A table or topic in the same region answers in 5-10 ms. Four attempts with the SDK's back-off ride out a throttled
# second; what takes longer goes back to the stream (which keeps the order) or to the sweeper.
AWS_CONFIG = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=16,
    # What is written is made here and typed; checking it again took a third of a call's CPU.
    parameter_validation=False,
    # The SDK's own is put together anew for every call, from 17 parts: a sixth of a call's CPU.
    user_agent="semaforo",
)


class AlertSettings(BaseModel):
    """Names default to those of the stage's resources; a deployed function is told them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: str = Field(default="demo", pattern=r"^[a-z][a-z0-9]*$")
    lights_table: str
    light_log_table: str
    outbox_table: str
    delivery_table: str
    alerts_topic_arn: str = ""
    alert_age_limit_minutes: int = Field(default=60, ge=0)
    """A transition whose event time lies further back is not sent; 0 lifts the limit, in a stage made for replays."""
    modelled_alerts: bool = False
    """Whether evidence that is modelled, in whole or in part, may reach people."""
    resend_after_seconds: int = Field(default=90, ge=0)
    """A semáforo may run for 60 s (its function's timeout): an alert that waits for longer has no worker any more.
    Sooner, the sweeper would send beside a slow worker what that one is about to send."""

    app_url: str = Field(default="", pattern=r"^(https?://[\w.:/-]*[\w])?$")
    """Where people reach the app, without a slash at the end: each message then ends in a link to its alert."""
    routing_file: str = ""
    """The routing tree; "" for the one that is shipped, `alerts/routing.toml`."""
    storm_routes: int = Field(default=5, ge=0)
    """So many routes of one airport in alarm within `storm_window_minutes` are one cause; 0: never."""
    storm_network_routes: int = Field(default=20, ge=0)
    """So many routes anywhere are the network's, unless one airport has four fifths of them; 0: never."""
    storm_window_minutes: int = Field(default=10, ge=1)
    """Event time, so that a replay at any speed groups what happened together."""
    storm_settle_seconds: int = Field(default=5, ge=0)
    """How long a summary waits for the rest: what one event does to a network comes over several shards and batches."""
    storm_update_minutes: int = Field(default=30, ge=1)
    """A storm that grew or shrank is told again so often; at once when it doubled."""
    silence_grace_minutes: int = Field(default=0, ge=0)
    """After so long without any row the inputs count as silent; 0 where rows come now and then, as in a demo."""

    @model_validator(mode="before")
    @classmethod
    def _name_tables(cls, given: Any) -> Any:
        stage = given.get("stage", "demo")
        names = {f"{name.replace('-', '_')}_table": f"semaforo-{stage}-{name}" for name in TABLES}
        return {**names, **given}

    @property
    def age_limit(self) -> timedelta | None:
        """None where any age is sent."""
        return timedelta(minutes=self.alert_age_limit_minutes) if self.alert_age_limit_minutes else None

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """From SEMAFORO_<FIELD> variables; those unset or empty keep the default. Raises pydantic.ValidationError."""
        names = {name: f"SEMAFORO_{name.upper()}" for name in cls.model_fields}
        return cls.model_validate({name: environment[v] for name, v in names.items() if environment.get(v)})


TABLES = ("lights", "light-log", "outbox", "delivery")
