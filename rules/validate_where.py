"""Do a rule's overrides make sense? Conditions some row can meet, one answer per row, thresholds that work."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, product
from typing import Final

from msgspec.structs import replace

from rules.rule import Override, Rule
from rules.selector import Selector
from rules.validate import Finding, rule_problems

HALF_ROUND_THE_EARTH_KM: Final = 20_040
_FORMS: Final = {"routes": r"([A-Z]{3})-(?!\1)[A-Z]{3}", "airports": r"[A-Z]{3}", "carriers": r"[A-Z0-9]{2}"}
_OF_SCOPE: Final = {
    "route": {"routes", "airports", "stage_km", "seasons"},
    "airport": {"airports", "seasons"},
    "carrier": {"carriers", "seasons"},
}


def where_problems(rule: Rule) -> list[Finding]:
    """What is wrong with a rule's overrides, by place ("where[0].red"); what the rule itself has wrong is left out."""
    own = set(rule_problems(rule))
    problems = []
    for index, override in enumerate(rule.overrides):
        found = list(_selector_problems(rule, override.selector))
        if replace(override.rule, where="") == replace(rule, overrides=()):
            found.append(("", "it changes nothing"))
        found += [finding for finding in rule_problems(override.rule) if finding not in own]
        problems += [(f"where[{index}].{place}".rstrip("."), message) for place, message in found]
    return problems or list(_overlaps(rule.overrides, rule.scope))


def _selector_problems(rule: Rule, selector: Selector) -> Iterator[Finding]:
    given = {name for name in selector.__struct_fields__ if getattr(selector, name)}
    if not given:
        yield "", "no condition: it would be for every row, so change the rule itself"
    for name in sorted(given - _OF_SCOPE[rule.scope]):
        yield name, f"no row matches: rows of scope {rule.scope} have no {name}"
    if len(given & {"routes", "airports", "carriers"}) > 1:
        yield "routes", "routes name their airports: give one of the two"
    for kind, form in _FORMS.items():
        for name in getattr(selector, kind):
            if not re.fullmatch(form, name):
                yield kind, f"no row matches: {name!r} is none of {kind}"
    for kind in (*_FORMS, "seasons"):
        names = getattr(selector, kind)
        yield from ((kind, f"{name!r} is named twice") for name in sorted({n for n in names if names.count(n) > 1}))
    if selector.stage_km is not None:
        low, high = selector.stage_km
        if not (low < high and high > 0 and low < HALF_ROUND_THE_EARTH_KM):
            yield "stage_km", f"no row matches: no great circle is from {low:g} to below {high:g} km long"


def _overlaps(overrides: Sequence[Override], scope: str) -> Iterator[Finding]:
    """Pairs of equal weight that one row could match: which of them counts nobody could tell."""
    for (_, first), (number, second) in combinations(enumerate(overrides), 2):
        if first.weight != second.weight:
            continue
        shared = _both(first.selector, second.selector, scope)
        heavier = [one.selector for one in overrides if one.weight > first.weight]
        undecided = next((one for one in shared if not any(_covers(other, one) for other in heavier)), None)
        if undecided is not None:
            yield (
                f"where[{number}]",
                f"as specific as that for {first.selector.words}, and both match {undecided.words}:"
                " give that one of its own, or say more of either",
            )


def _both(first: Selector, second: Selector, scope: str) -> Iterable[Selector]:
    """What rows match both of two selectors of equal weight, so with the same kinds of conditions."""
    seasons = tuple(season for season in first.seasons if season in second.seasons)
    if first.seasons and not seasons:
        return []
    stage_km = None
    if first.stage_km is not None and second.stage_km is not None:
        stage_km = max(first.stage_km[0], second.stage_km[0]), min(first.stage_km[1], second.stage_km[1])
        if stage_km[0] >= stage_km[1]:
            return []
    rest = Selector(stage_km=stage_km, seasons=seasons)
    if not first.names:
        return [rest]
    kind = next(kind for kind in _FORMS if getattr(first, kind))
    shared = sorted(set(first.names) & set(second.names))
    found = [replace(rest, **{kind: (name,)}) for name in shared]
    if kind == "airports" and scope == "route":
        # A route has two ends: an override for JFK and one for LAX are both for JFK-LAX.
        ends = [(a, b) for a, b in product(first.airports, second.airports) if a != b]
        found += [replace(rest, routes=(f"{a}-{b}",)) for one, other in ends for a, b in ((one, other), (other, one))]
    return found


def _covers(heavier: Selector, rows: Selector) -> bool:
    """Whether a selector matches all rows of another, which names one place or none."""
    if heavier.names and not set(rows.names) <= set(heavier.names):
        return False
    if heavier.seasons and not (rows.seasons and set(rows.seasons) <= set(heavier.seasons)):
        return False
    if heavier.stage_km is None:
        return True
    if rows.stage_km is None:
        return False
    return heavier.stage_km[0] <= rows.stage_km[0] and rows.stage_km[1] <= heavier.stage_km[1]
