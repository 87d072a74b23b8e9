"""Does a transition reach people? The one step between a transition and the outbox; each answer has its reason."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from rules.durations import format_duration
from rules.notice import notice
from schemas.lights import Transition


class Action(StrEnum):
    """What is done about a transition. HELD ones stand in the outbox, with their text, and are not sent."""

    SEND = "send"
    HOLD = "hold"
    LOG = "log"


class Decision(msgspec.Struct, frozen=True):
    """An action and why."""

    action: Action
    reason: str


def decide(transition: Transition, now: datetime, *, age_limit: timedelta | None, modelled_alerts: bool) -> Decision:
    """Only what is news to people is sent, in time, and modelled evidence only where the stage allows it."""
    news = notice(transition)
    if not news.send:
        return Decision(Action.LOG, news.reason)
    age = now - transition.at
    if age_limit is not None and age > age_limit:
        old, limit = format_duration(timedelta(minutes=age // timedelta(minutes=1))), format_duration(age_limit)
        return Decision(Action.HOLD, f"{news.reason}, but {old} old: the stage sends nothing older than {limit}")
    if transition.evidence.modelled and not modelled_alerts:
        return Decision(Action.HOLD, f"{news.reason}, but the evidence is modelled: this stage sends none of that")
    return Decision(Action.SEND, news.reason)
