"""What the app needs from its environment; the tables' names are those of `alerts/settings.py`."""

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

Role = Literal["viewer", "operator", "admin"]
Language = Literal["en", "es"]

SHARED_NAMES: Final = {"star_path": "SEMAFORO_STAR_PATH", "kafka_bootstrap": "SEMAFORO_KAFKA_BOOTSTRAP"}
"""Variables that others read too."""


class AppSettings(BaseModel):
    """SEMAFORO_APP_<FIELD>; without a provider to sign in with it listens on loopback alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str = "127.0.0.1"
    port: int = Field(default=8055, ge=1, le=65535)
    url: str = ""
    """Where people reach the app (`https://semaforo.example`): OIDC sends them back there."""
    language: Language = "en"
    """Of whoever has not chosen one."""
    local_role: Role = "admin"
    """Of whoever sits at the machine, where nobody signs in."""

    embed_from: str = Field(default="", pattern=r"^(https?://[\w.:-]+( |$))*$")
    """The portals that may show pages in a frame of theirs, as origins with spaces between them."""

    read_every_seconds: float = Field(default=0.5, gt=0)
    """A look at the lights' versions costs the local cloud 10 ms; with the page's own second, what reaches the table is
    seen within two."""
    idle_read_every_seconds: float = Field(default=15, gt=0)
    """While no page is open: nobody waits, and a look is paid for."""
    stale_after_seconds: int = Field(default=15, ge=3)
    """A page that heard nothing for so long says so by itself."""
    kiosk_seconds: int = Field(default=20, ge=1)
    """What a wall shows before it turns on: long enough to read the tiles of an airport."""
    kpi_stream: str = ""
    """Where rows come from, for trends; "" is the stage's own."""
    trend_hours: int = Field(default=6, ge=0, le=168)
    """So far back in the stream (wall clock) trends are read when the app starts; 0 only from now on."""

    kafka_bootstrap: str = ""
    """The brokers, for the page of operations; "" where the app may not reach them."""
    star_path: Path = Path("build/history/warehouse.duckdb")
    """History: the file that `python -m warehouse star` builds. Read from SEMAFORO_STAR_PATH, as its builder does."""
    backtest_rows: Path | None = None
    """KPI rows of the past that a backtest runs on; without them those of 2013, which it makes the first time."""
    tableau_url: str = Field(default="", pattern=r"^(https://[\w.-]+(:\d+)?|http://(127\.0\.0\.1|localhost)(:\d+)?)?$")
    """The Tableau host whose view is shown, and the one host besides this server that a page may ask."""
    tableau_view: str = Field(default="", pattern=r"^(/[\w./%-]+)?$")
    """Its path: `/t/site/views/Workbook/View`."""
    tableau_client_id: str = ""
    tableau_secret_id: str = ""
    tableau_secret: SecretStr = SecretStr("")
    tableau_secret_name: str = ""
    """Of the secret in Secrets Manager that holds the connected app's, in place of it."""
    tableau_user: str = ""
    """Of all who look; "" is the name each signed in with."""
    tableau_field: str = "route"
    """What the view calls routes."""

    oidc_metadata_url: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_cookie_secret: SecretStr = SecretStr("")
    oidc_role_claim: str = "semaforo_role"
    """The claim of the identity token that names the role; anything else than a role is nobody."""

    @property
    def signs_in(self) -> bool:
        """Whether people have to say who they are."""
        return bool(self.oidc_metadata_url)

    @property
    def shows_tableau(self) -> bool:
        """Whether a view is connected."""
        return bool(self.tableau_url)

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        if self.signs_in and not (
            self.url and self.oidc_client_id and self.oidc_client_secret and self.oidc_cookie_secret
        ):
            raise ValueError("to sign people in, SEMAFORO_APP_URL and all of SEMAFORO_APP_OIDC_* are needed")
        if not self.signs_in and not is_loopback(self.address):
            raise ValueError(
                f"without SEMAFORO_APP_OIDC_METADATA_URL nobody signs in, so it does not listen on {self.address}: "
                "only on loopback"
            )
        secret = self.tableau_secret.get_secret_value() or self.tableau_secret_name
        if self.shows_tableau and not (
            self.tableau_view and self.tableau_client_id and self.tableau_secret_id and secret
        ):
            raise ValueError("to show a Tableau view, its path and the connected app's ids and secret are needed")
        return self

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ, /, **given: object) -> Self:
        """From the environment; what is `given` wins. Raises pydantic.ValidationError."""
        names = {name: SHARED_NAMES.get(name, f"SEMAFORO_APP_{name.upper()}") for name in cls.model_fields}
        found = {name: environment[variable] for name, variable in names.items() if environment.get(variable)}
        return cls.model_validate({**found, **given})


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach it."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
