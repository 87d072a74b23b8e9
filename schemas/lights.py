"""What rules decide and people read: lights, the state behind them, transitions and alerts.

These are stored (DynamoDB, the warehouse) and sent (SNS), so they are part of the contract. Rules make them
(`rules/evaluate.py`), alerts keep and deliver them.
"""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

import msgspec

from schemas.rows import Scope, Window

AlertKind = Literal["alert", "amendment", "released", "repeat", "escalation", "summary"]


class Light(StrEnum):
    """The semáforo. GREY: too little or too old evidence to say anything; never shown as GREEN."""

    GREEN = "GREEN"
    AMBER = "AMBER"
    RED = "RED"
    GREY = "GREY"


# Worst first, for sorting; grey stands between amber and green: unknown is not fine.
WORST_FIRST: Final[dict[Light, int]] = {Light.RED: 0, Light.AMBER: 1, Light.GREY: 2, Light.GREEN: 3}


class Part(msgspec.Struct, frozen=True):
    """What one entity brings into pooled evidence: of the `of` facts of its last `hours`, `met` were as they should
    be."""

    entity: str
    hours: int
    met: int
    of: int


class Pooled(msgspec.Struct, frozen=True, kw_only=True):
    """Pooled evidence: how likely the route is in a bad stretch, and what says so.

    `risk` is a probability in %; `risk_alone` what it would be if nothing were known of its airports. `ahead` flights
    are expected in the coming twelve hours, and each of them to miss with `miss` %. `parts`: the route's last twelve
    hours first, then its airports.
    """

    risk: float
    risk_alone: float | None
    ahead: float
    miss: float
    parts: tuple[Part, ...]


class Hour(msgspec.Struct, frozen=True, array_like=True):
    """What came in one hour, the `hour`th since the epoch: flights, missed ones, departures, late ones."""

    hour: int
    counts: tuple[float, float, float, float]


class Recent(msgspec.Struct, frozen=True):
    """What a trailing 24 h row holds, by the hour it came (`rules/recent.py`); oldest hour first.

    `unplaced` was there at the first row; from hour `until` on it is spread over the hours.
    """

    until: int
    unplaced: tuple[float, float, float, float]
    hours: tuple[Hour, ...]


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What a light stands on: the KPI's exact terms in its window and the bounds of its value.

    `value`, `lower` and `upper` are in the KPI's unit; bounds are None where none applies. `n` is the sample the rule's
    minimum speaks of (flights, departures, responses …). `modelled_facts` > 0 marks a value that is partly modelled.
    With `pooled` evidence its risk decides about the light, and the value is only what it is about. `against` is the
    value of the KPI that this one is compared with in the same row: what the one is beyond the other decides.
    """

    kpi: str
    scope: Scope
    entity: str
    window: Window
    at: datetime
    numerator: int
    denominator: int
    n: int
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    confidence: float | None = None
    against: float | None = None
    modelled_facts: int = 0
    pooled: Pooled | None = None

    @property
    def modelled(self) -> bool:
        """Whether any part of the value was modelled."""
        return self.modelled_facts > 0


class Severity(msgspec.Struct, frozen=True, kw_only=True):
    """US$ per hour at stake, with the terms that make it up (US$ per hour each).

    `modelled`: some of it rests on modelled money or traffic, and must be shown as such.
    """

    usd_per_hour: float
    terms: dict[str, float] = {}
    modelled: bool = False


class LightState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What `evaluate` remembers of one rule on one entity between rows.

    `light` is in force since `since_at` (None before the first decision). `pending` is the light that would come next
    if it lasted from `pending_since_at` for the rule's `for`; `leaving_since_at` <= `pending_since_at` is since when
    the evidence has spoken for any light on that side of the one in force (first AMBER, then RED).
    `last_transition_at` is where the dwell counts from. (`at`, `revision`) is the newest row that was looked at: older
    and equal ones change nothing. `flaps` counts the transitions of the last 24 h of event time. `where` says which
    override of the rule was for that row, as in "airport MEX, summer"; "" is the rule itself. `recent` is kept where
    evidence is pooled.
    """

    light: Light = Light.GREY
    since_at: datetime | None = None
    pending: Light | None = None
    pending_since_at: datetime | None = None
    leaving_since_at: datetime | None = None
    last_transition_at: datetime | None = None
    at: datetime | None = None
    revision: int = 0
    recent_transitions_at: tuple[datetime, ...] = ()
    rule_version: str = ""
    evidence: Evidence | None = None
    severity: Severity | None = None
    reason: str = ""
    where: str = ""
    recent: Recent | None = None

    @property
    def flaps(self) -> int:
        """Transitions in the last 24 h of event time."""
        return len(self.recent_transitions_at)


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one light. Its id is deterministic, so that a replay makes the same one. `where`: of LightState."""

    rule: str
    rule_version: str
    scope: Scope
    entity: str
    window: Window
    at: datetime
    revision: int
    from_light: Light
    to_light: Light
    evidence: Evidence
    severity: Severity
    reason: str
    where: str = ""
    audience: tuple[str, ...] = ()
    runbook: str = ""
    ingested_at: datetime
    previous_since_at: datetime | None = None

    @property
    def alert_id(self) -> str:
        """Route, rule, rule version, `at` and light (`design`: ids are deterministic), as 24 hex digits."""
        text = "|".join((self.scope, self.entity, self.rule, self.rule_version, self.at.isoformat(), self.to_light))
        return hashlib.sha256(text.encode()).hexdigest()[:24]


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One light of a group: what it shows now, since when (event time), and the log entry of that change."""

    scope: Scope
    entity: str
    rule: str
    light: Light
    usd_per_hour: float
    modelled: bool
    at: datetime
    alert_id: str
    audience: tuple[str, ...] = ()


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Alarms with one cause: "airport JFK", "carrier B6", "network", "no rows".

    `number` counts the summaries about it, from 1,
    `lights` counts routes by the worst light each shows now, `usd_per_hour` adds up the largest stake of each route,
    `worst` holds the dearest of them; all of them stand in the log under `storm_id`.
    """

    storm_id: str
    cause: str
    number: int
    lights: dict[Light, int]
    entities: int
    usd_per_hour: float
    modelled: bool
    worst: tuple[Member, ...]


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A transition as people get it: the JSON body of the SNS message.

    `ingested_at` is when the event behind it reached Kafka, `decided_at` when the rule spoke, both wall clock;
    `transition.at` is event time. `modelled`: the light's own value rests on modelled facts; whether the money does,
    `transition.severity.modelled` says. `kind`: "alert"; "amendment" where a corrected row changed the light of the
    same instant; "released", "repeat" and "escalation" tell of the alarm `about` again; a "summary" tells of a `group`,
    and its `transition` is that of its dearest member.
    """

    alert_id: str
    stage: str
    transition: Transition
    subject: str
    text: str
    text_es: str
    decided_at: datetime
    modelled: bool
    kind: AlertKind = "alert"
    about: str = ""
    audience: tuple[str, ...] = ()
    group: Group | None = None


class StageNotice(msgspec.Struct, frozen=True, kw_only=True):
    """What concerns the stage and no light: no row has come since `silent_since_at` ("outage"), or they come again."""

    alert_id: str
    stage: str
    kind: Literal["outage", "outage over"]
    subject: str
    text: str
    text_es: str
    decided_at: datetime
    silent_since_at: datetime
    audience: tuple[str, ...] = ()
