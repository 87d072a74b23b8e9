"""The state of an alarm by CloudWatch's documented rules, for where nobody evaluates them.

AWS, "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data". Pure: figures in, state out.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Final, Literal

from deploy.watch.alarm import Alarm, Comparison

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
Point = float | None
"""The figure of a period; None where there was none."""

EXTRA_PERIODS: Final = 2
"""CloudWatch looks further back than the evaluation periods, how far it does not promise; its examples say two."""

COMPARE: Final[dict[Comparison, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def evaluation_range(alarm: Alarm) -> int:
    """How many periods are looked at."""
    return alarm.periods + EXTRA_PERIODS


def next_state(alarm: Alarm, points: Sequence[Point], current: State) -> State:
    """The state after `points`, the figures of the evaluation range, oldest first.

    Enough figures: the newest `periods` of them decide, however old. Too few: all of them count, and what lacks is
    filled as `missing` says.
    """
    breaching = [None if point is None else COMPARE[alarm.comparison](point, alarm.threshold) for point in points]
    known = [one for one in breaching if one is not None]
    lacking = alarm.periods - len(known)
    if lacking <= 0:
        return _verdict(sum(known[-alarm.periods :]) >= alarm.breaching)
    match alarm.missing:
        case "breaching":
            return _verdict(sum(known) + lacking >= alarm.breaching)
        case "notBreaching":
            return _verdict(sum(known) >= alarm.breaching)
        case "ignore" | "missing":
            return _undecided(alarm, breaching, known, current)


def _undecided(alarm: Alarm, breaching: Sequence[bool | None], known: Sequence[bool], current: State) -> State:
    if sum(known) >= alarm.breaching:
        return "ALARM"
    if not known:
        return current if alarm.missing == "ignore" else "INSUFFICIENT_DATA"
    if not all(known):
        return "OK"
    # All that is known is bad, and too little: it counts once the oldest is as old as that many periods.
    age = len(breaching) - breaching.index(True)
    return "ALARM" if alarm.missing == "missing" and age >= alarm.breaching else current


def _verdict(raised: bool) -> State:
    return "ALARM" if raised else "OK"
