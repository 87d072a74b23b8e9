"""The alarm that stands on a light, and what people know of it: told, held back and by what, acknowledged.

Written in the same transaction as the light itself, so no alarm stands without it; the sweeper goes through those that
are open and does what is due by wall clock: sends what is held back no longer, repeats, escalates.
"""

from datetime import datetime, timedelta

import msgspec

from alerts.decide import Action, Decision
from alerts.documents import KEPT, Document, Key
from alerts.entity import ALARMS
from schemas.lights import Alert, Light, Transition

OPEN_KIND = "light"


class Acknowledged(msgspec.Struct, frozen=True):
    """Who took it on, and when."""

    by: str
    at: datetime
    comment: str = ""


class OpenLight(msgspec.Struct, frozen=True, kw_only=True):
    """One alarm. `alert` is what people got or would have got; None only before the first alarm.

    `action` and `by` say how it stands: SEND; SILENCE by a silence; INHIBIT by an entity; GROUP by a storm; HOLD.
    `storm` is the storm that lists it, told or not. `told_at` counts for repeats, `first_told_at` for escalation.
    """

    alert: Alert | None = None
    log_sk: str = ""
    light: Light = Light.GREEN
    action: Action = Action.LOG
    by: str = ""
    reason: str = ""
    storm: str = ""
    first_told_at: datetime | None = None
    told_at: datetime | None = None
    repeats: int = 0
    escalated: int = 0
    acknowledged: Acknowledged | None = None

    @property
    def alarm(self) -> bool:
        """Whether it stands."""
        return self.light in ALARMS

    @property
    def told(self) -> bool:
        """Whether anyone was told of it."""
        return self.alarm and self.action is Action.SEND


NOTHING = OpenLight()


def light_key(scope: str, entity: str, rule: str) -> Key:
    """Where the alarm of a light is kept."""
    return Key(f"light#{scope}#{entity}", rule)


def after(before: OpenLight, transition: Transition, decision: Decision, alert: Alert, log_sk: str) -> OpenLight:
    """How the light stands after a transition that is news, by the decision about it.

    A worsening begins anew: who acknowledged AMBER has not seen RED. Easing keeps what was known.
    """
    storm = decision.by if decision.action is Action.GROUP else before.storm
    if transition.to_light not in ALARMS:
        return OpenLight(light=transition.to_light, action=decision.action, storm=storm, reason=decision.reason)
    told_at = alert.decided_at if decision.action is Action.SEND else None
    eases = before.alarm and transition.to_light is Light.AMBER
    return OpenLight(
        alert=alert,
        log_sk=log_sk,
        light=transition.to_light,
        action=decision.action,
        by=decision.by,
        reason=decision.reason,
        storm=storm if before.alarm or decision.action is Action.GROUP else "",
        first_told_at=before.first_told_at or told_at if eases else told_at,
        told_at=told_at,
        acknowledged=before.acknowledged if eases else None,
    )


def stored(document: Document, light: OpenLight, now: datetime) -> Document:
    """The document with the light as it is now; one that is over needs the sweeper no more."""
    if light.alarm:
        return document.written(light, OPEN_KIND)
    return document.written(light, "", now + KEPT)


def due(last_at: datetime | None, every: timedelta | None, now: datetime) -> bool:
    """Whether it is time again."""
    return last_at is not None and every is not None and now - last_at >= every
