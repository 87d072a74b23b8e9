"""What all sessions look at: the lights, the alarms that stand, the silences, as one reader last saw them."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Final

import msgspec

from alerts.entity import EntityLights
from alerts.open_lights import OpenLight
from alerts.silences import Silence
from rules.rule import Rule

LightKey = tuple[str, str]
"""An entity ("route#JFK-LAX") and a rule."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One look. `version` counts the looks that found something new; `changed_in` says which of them last changed an
    entity, its alarms included.

    `read_at` is when the reader last had an answer (None: never), `problem` why it has none now ("": it has).
    """

    version: int = 0
    entities: Mapping[str, EntityLights] = MappingProxyType({})
    changed_in: Mapping[str, int] = MappingProxyType({})
    alarms: Mapping[LightKey, OpenLight] = MappingProxyType({})
    silences: tuple[Silence, ...] = ()
    rules: Mapping[str, Rule] = MappingProxyType({})
    read_at: datetime | None = None
    problem: str = ""

    def changed_since(self, version: int) -> list[EntityLights]:
        """The entities that are not as they were at that version."""
        return [self.entities[key] for key, at in self.changed_in.items() if at > version and key in self.entities]

    @cached_property
    def newest_row_at(self) -> datetime | None:
        """Event time up to which anything is known. Every page asks with every pulse."""
        return max((row.at for one in self.entities.values() for row in one.rows.values()), default=None)


NOTHING_READ: Final = Snapshot()
