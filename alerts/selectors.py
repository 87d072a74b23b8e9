"""Which alerts a route of the routing tree or a silence speaks of."""

from fnmatch import fnmatchcase
from typing import Final, Literal

import msgspec

from schemas.lights import Light, Transition
from schemas.rows import ends_of

SEVERITY_BUCKETS: Final = ((100_000, "very-high"), (10_000, "high"), (1_000, "medium"), (0, "low"))
"""US$ per hour, for selectors and filter policies that cannot name a figure."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What selectors look at. `scope` is "stage" for what concerns no light."""

    scope: str
    entity: str
    rule: str
    light: Light
    severity: str
    audience: tuple[str, ...] = ()

    @property
    def airports(self) -> list[str]:
        """Those a route touches, or the airport itself."""
        return ends_of(self.entity) if self.scope in ("route", "airport") else []


class Selector(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All fields that are given must match, each by one of its patterns ("JFK-*"); an empty one matches everything."""

    rule: tuple[str, ...] = ()
    scope: tuple[Literal["route", "airport", "carrier", "stage"], ...] = ()
    airport: tuple[str, ...] = ()
    carrier: tuple[str, ...] = ()
    route: tuple[str, ...] = ()
    light: tuple[Light, ...] = ()
    severity: tuple[Literal["low", "medium", "high", "very-high"], ...] = ()
    audience: tuple[str, ...] = ()

    def matches(self, subject: Subject) -> bool:
        """Whether the subject is meant."""
        scope, entity = subject.scope, subject.entity
        return (
            _any(self.rule, [subject.rule])
            and _any(self.scope, [scope])
            and _any(self.airport, subject.airports)
            and _any(self.carrier, [entity] if scope == "carrier" else [])
            and _any(self.route, [entity] if scope == "route" else [])
            and _any(self.light, [subject.light])
            and _any(self.severity, [subject.severity])
            and _any(self.audience, subject.audience)
        )

    @property
    def everything(self) -> bool:
        """Whether it leaves nothing out."""
        return self == Selector()

    def __str__(self) -> str:
        given = msgspec.to_builtins(self)
        return " ".join(f"{name}={','.join(values)}" for name, values in given.items() if values) or "everything"


def subject_of(transition: Transition, audience: tuple[str, ...] | None = None) -> Subject:
    """Of a transition; `audience` in place of its own where it goes to others."""
    return Subject(
        scope=transition.scope,
        entity=transition.entity,
        rule=transition.rule,
        light=transition.to_light,
        severity=severity_bucket(transition.severity.usd_per_hour),
        audience=transition.audience if audience is None else audience,
    )


def severity_bucket(usd_per_hour: float) -> str:
    """The bucket of an amount."""
    return next((name for least, name in SEVERITY_BUCKETS if usd_per_hour >= least), "low")


def _any(patterns: tuple[str, ...], values: list[str] | tuple[str, ...]) -> bool:
    return not patterns or any(fnmatchcase(value, pattern) for value in values for pattern in patterns)
