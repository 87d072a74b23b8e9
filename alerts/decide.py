"""Does a transition reach people? The one step between a transition and the outbox; each answer has its reason.

In this order: is it news; is it in time; may the stage say it; does it end something nobody was told of; is it
silenced; is its airport, or all who fly it, red for the same reason; is it one of many with one cause. What is left is
sent at once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from alerts.selectors import subject_of
from alerts.silences import Silence, silencing
from rules.durations import format_duration
from rules.notice import notice
from schemas.lights import Light, Transition

if TYPE_CHECKING:
    from alerts.open_lights import OpenLight


class Action(StrEnum):
    """What is done about a transition. All but LOG stand in the outbox, with their text; only SEND ones are sent."""

    SEND = "send"
    GROUP = "group"
    INHIBIT = "inhibit"
    SILENCE = "silence"
    HOLD = "hold"
    LOG = "log"


class Decision(msgspec.Struct, frozen=True):
    """An action and why. `by`: the silence, entity or storm it is held back by; "age" where it came too late."""

    action: Action
    reason: str
    by: str = ""


TOO_OLD = "age"
_ALARMS = (Light.AMBER, Light.RED)


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision looks at beside the transition. `red` holds what inhibits it, by name, with the rule that
    is red there, for the KPI group of the transition (`Reds.of_route`)."""

    age_limit: timedelta | None
    modelled_alerts: bool
    silences: Sequence[Silence] = ()
    red: Mapping[str, str] = {}


def decide(transition: Transition, before: "OpenLight", around: Circumstances, now: datetime) -> Decision:
    """The decision but for grouping (`causes.py`). `before` is what people know of this light so far."""
    news = notice(transition)
    if not news.send:
        return Decision(Action.LOG, news.reason)
    age = now - transition.at
    if around.age_limit is not None and age > around.age_limit:
        old, limit = format_duration(timedelta(minutes=age // timedelta(minutes=1))), format_duration(around.age_limit)
        reason = f"{news.reason}, but {old} old: the stage sends nothing older than {limit}"
        return Decision(Action.HOLD, reason, TOO_OLD)
    if transition.evidence.modelled and not around.modelled_alerts:
        return Decision(Action.HOLD, f"{news.reason}, but the evidence is modelled: this stage sends none of that")
    unheard = before.first_told_at is None and before.action not in (Action.SEND, Action.GROUP)
    if before.alarm and transition.to_light not in _ALARMS and unheard:
        return Decision(before.action, f"{news.reason}; nobody was told of the alarm: {before.reason}", before.by)
    if silence := silencing(around.silences, subject_of(transition), now):
        return Decision(Action.SILENCE, f"{news.reason}, {silence.words(now)}", silence.silence_id)
    if transition.scope == "route" and transition.to_light in _ALARMS and not before.told:
        for name, rule in around.red.items():
            return Decision(Action.INHIBIT, f"{news.reason}, but {name} is RED on {rule}: one cause, one alarm", name)
    if before.alarm and before.action is Action.GROUP and not _worse(transition):
        return Decision(Action.GROUP, f"{news.reason}; the storm {before.by} lists it", before.by)
    return Decision(Action.SEND, news.reason)


def joins(transition: Transition, decision: Decision) -> bool:
    """Whether it is one of those that are counted by cause: alarms that would go out, new or worse."""
    return decision.action is Action.SEND and transition.to_light in _ALARMS and _worse(transition)


def _worse(transition: Transition) -> bool:
    return not (transition.from_light is Light.RED and transition.to_light is Light.AMBER) and (
        transition.to_light in _ALARMS
    )
