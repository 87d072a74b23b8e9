"""Which thresholds are for a row: those of the most specific override that matches it, else the rule's own.

An override is looked up by its route, airport or carrier and only then tried, so that a thousand of them cost a row no
more than the few that name its entity. When another one takes over, as a season begins, a light stays as it is and what
was pending starts anew, as after an edit of the rule.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from rules.rule import Override, Rule
from rules.selector import airports_of
from schemas.rows import KpiRow

_NONE: Final[tuple[Override, ...]] = ()


def places_of(row: KpiRow) -> tuple[str, ...]:
    """Every name under which an override may be for a row."""
    return (row.entity, *airports_of(row)) if row.scope == "route" else (row.entity,)


class Choice:
    """A rule and its overrides, indexed."""

    def __init__(self, rule: Rule) -> None:
        # What judges a row travels with its light into the log: without the overrides of a thousand other routes.
        self._rule = msgspec.structs.replace(rule, overrides=())
        self._named: dict[str, tuple[Override, ...]] = {}
        unnamed = []
        for override in rule.overrides:
            if not override.selector.names:
                unnamed.append(override)
            for name in override.selector.names:
                self._named[name] = _heaviest_first((*self._named.get(name, _NONE), override))
        self._unnamed = _heaviest_first(unnamed)

    def rule_for(self, row: KpiRow, places: Iterable[str]) -> Rule:
        """The rule as it is for this row; `places` are the row's `places_of`."""
        best: Override | None = None
        for place in places:
            for override in self._named.get(place, _NONE):
                if best is not None and override.weight <= best.weight:
                    break
                if override.selector.suits(row):
                    best = override
                    break
        if best is not None:
            return best.rule
        # Whatever names a place weighs more than what names none.
        for override in self._unnamed:
            if override.selector.suits(row):
                return override.rule
        return self._rule


def rule_for(rule: Rule, row: KpiRow) -> Rule:
    """The rule as it is for this row, found by trying every override: what `Choice` must come to."""
    matching = [override for override in rule.overrides if override.selector.matches(row)]
    if not matching:
        return msgspec.structs.replace(rule, overrides=())
    return max(matching, key=lambda override: override.weight).rule


def _heaviest_first(overrides: Iterable[Override]) -> tuple[Override, ...]:
    return tuple(sorted(overrides, key=lambda override: -override.weight))
