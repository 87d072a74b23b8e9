"""Red hours held against bad ones: how often red was right, what it found, what it missed."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from rules.realised import Realised
from rules.truth import Bools, Truth


class Held(NamedTuple):
    """One rule's red and bad hours, by entity and hour, as far as it is known what was; and of the firm episodes it
    found how many hours after their begin it was red."""

    entities: list[str]
    red: Bools
    bad: Bools
    episodes: int
    delays: list[int]

    @property
    def right(self) -> float | None:
        """Of the red hours those that were bad."""
        return float((self.red & self.bad).sum() / self.red.sum()) if self.red.any() else None

    @property
    def found(self) -> float | None:
        """Of the firm episodes those with a red hour."""
        return len(self.delays) / self.episodes if self.episodes else None

    @property
    def delay_hours(self) -> float | None:
        """The median."""
        return float(np.median(self.delays)) if self.delays else None

    @property
    def missed(self) -> Bools:
        """Bad and not red."""
        return self.bad & ~self.red

    @property
    def false(self) -> Bools:
        """Red and not bad."""
        return self.red & ~self.bad


def hold(red_of: Mapping[str, Bools], was: Truth | Realised) -> Held:
    """`red_of`: of each entity whether it was red, by hour; one without any never was."""
    entities = was.routes if isinstance(was, Truth) else was.entities
    hours = was.bad.shape[1]
    red = np.zeros_like(was.bad)
    for number, entity in enumerate(entities):
        if entity in red_of:
            red[number] = red_of[entity][:hours]
    delays = []
    for episode in was.episodes:
        lit = np.flatnonzero(red[episode.route, episode.begin : episode.end])
        if len(lit):
            delays.append(int(lit[0]))
    return Held(entities, red, was.bad, len(was.episodes), delays)
