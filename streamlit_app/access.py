"""Who may see and do what: the one place that decides. Every query and action takes an `Actor` and asks here first."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, cast, get_args

import msgspec

from schemas.errors import SemaforoError
from streamlit_app.settings import AppSettings, Role


class Permission(StrEnum):
    """What can be allowed."""

    READ = "read"
    """Lights, alerts, their log."""
    ACT = "act"
    """Acknowledge, snooze, silence, end a silence."""
    AUDIT = "audit"
    """Who did what."""


PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    "viewer": frozenset({Permission.READ}),
    "operator": frozenset({Permission.READ, Permission.ACT}),
    "admin": frozenset(Permission),
}


class Actor(msgspec.Struct, frozen=True):
    """Somebody, by a name that stands in the log, and what they are."""

    name: str
    role: Role

    def may(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.role]


class NotAllowedError(SemaforoError):
    """The actor's role does not allow this."""


class NotSignedInError(SemaforoError):
    """Nobody is signed in, or no longer."""


class NoRoleError(NotSignedInError):
    """Somebody is signed in, but their provider gives them no role of ours; `name` is who."""

    def __init__(self, name: str, claim: str) -> None:
        super().__init__(f"the sign-in of {name} names no role in {claim!r}")
        self.name = name


def require(actor: Actor, permission: Permission) -> None:
    """Raises NotAllowedError."""
    if not actor.may(permission):
        raise NotAllowedError(f"{actor.name} is {actor.role} and may not {permission.value}")


def actor_of(claims: Mapping[str, Any], settings: AppSettings, now: datetime) -> Actor:
    """Who an identity token speaks of. Raises NotSignedInError: none, or expired; NoRoleError: without a role of ours.

    The token's own `exp` counts: the cookie it travels in lives for 30 days, whatever the provider said.
    """
    if not claims.get("is_logged_in", bool(claims)):
        raise NotSignedInError("nobody is signed in")
    expires = claims.get("exp")
    if not isinstance(expires, int | float) or datetime.fromtimestamp(expires, tz=UTC) <= now:
        raise NotSignedInError("the sign-in has expired")
    name = str(claims.get("email") or claims.get("preferred_username") or claims.get("sub") or "")
    if not name:
        raise NotSignedInError("the sign-in names nobody")
    said = claims.get(settings.oidc_role_claim)
    roles = [role for role in (said if isinstance(said, list | tuple) else [said]) if role in get_args(Role)]
    if not roles:
        raise NoRoleError(name, settings.oidc_role_claim)
    best = max(roles, key=lambda role: len(PERMISSIONS[cast(Role, role)]))
    return Actor(name, cast(Role, best))
