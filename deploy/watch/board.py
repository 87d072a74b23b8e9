"""All alarms of a stage as they stand, and what is to be told when they change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from deploy.watch.alarm import Alarm, Paging
from deploy.watch.alarms import ALARMS, DEPLOYING, PAGES
from deploy.watch.evaluate import State, evaluation_range, next_state
from deploy.watch.figures import Figures
from deploy.watch.rule import alarms_of, holds

SUPPRESSOR_WAIT_SECONDS: Final = 10
"""A page waits so long for `deploying`, which is raised before a deployment begins."""

SUPPRESSOR_EXTENSION_SECONDS: Final = 300
"""So long after a deployment what it stirred up may settle."""


@dataclass(frozen=True)
class Change:
    """A page that is to be told: it is raised, or over. `causes` are the alarms that stand behind it."""

    page: Paging
    state: State
    causes: tuple[Alarm, ...]


class Board:
    """Alarms that are measured here, by name, and the pages over them; alarms not measured are never raised.

    Measured `since` then: what was before lacks because nobody looked, and breaches nothing.
    """

    def __init__(
        self, values: Mapping[str, str], alarms: Mapping[str, Alarm] = ALARMS, since: float = float("-inf")
    ) -> None:
        self._values = values
        self._since = since
        self._alarms = alarms
        self.states: dict[str, State] = dict.fromkeys({**ALARMS, **alarms}, "INSUFFICIENT_DATA")
        self.pages: dict[str, State] = dict.fromkeys(PAGES, "OK")
        # A page is raised by its alarms alone: with none of them measured it never is.
        self._possible = [paging for paging in PAGES.values() if not alarms.keys().isdisjoint(alarms_of(paging.rule))]
        self._told: dict[str, State] = dict.fromkeys(PAGES, "OK")
        self._raised_at: dict[str, float] = {}
        self._deployed_at = float("-inf")

    def look(self, figures: Figures, now: float) -> list[Change]:
        """Judge all alarms by the figures of periods that are over; the pages to be told now."""
        for name, alarm in self._alarms.items():
            if alarm.missing == "breaching" and now < self._since + alarm.period_seconds * (
                evaluation_range(alarm) + 1
            ):
                continue
            signal = alarm.signal.filled(self._values)
            points = figures.points(signal, alarm.period_seconds, now, evaluation_range(alarm))
            self.states[name] = next_state(alarm, points, self.states[name])
        for paging in self._possible:
            raised = holds(paging.rule, {**self.states, **self.pages})
            if raised and self.pages[paging.name] != "ALARM":
                self._raised_at[paging.name] = now
            self.pages[paging.name] = "ALARM" if raised else "OK"
        if self.states[DEPLOYING.name] == "ALARM":
            self._deployed_at = now
        return list(self._to_tell(now))

    def _too_early(self, alarm: Alarm, now: float) -> bool:
        seconds = alarm.period_seconds * (evaluation_range(alarm) + 1)
        return alarm.missing == "breaching" and now < self._since + seconds

    def _to_tell(self, now: float) -> Iterator[Change]:
        """As a composite's actions with a suppressor: held back while it is raised and for its extension after."""
        if now < self._deployed_at + SUPPRESSOR_EXTENSION_SECONDS:
            return
        for name, state in self.pages.items():
            if self._told[name] == state:
                continue
            if state == "ALARM" and now < self._raised_at[name] + SUPPRESSOR_WAIT_SECONDS:
                continue
            self._told[name] = state
            named = alarms_of(PAGES[name].rule)
            causes = [self._alarms[n] for n in named if n in self._alarms and self.states[n] == "ALARM"]
            yield Change(PAGES[name], state, tuple(causes))
