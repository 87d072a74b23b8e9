"""Does a rule make sense? Thresholds against direction, bounds against kind, every light reachable."""

import math
from collections.abc import Iterator
from datetime import timedelta

from rules.pooled_features import MISS_FEATURES, RISK_FEATURES
from rules.rule import Rule
from rules.severity import double_counts
from schemas.kpis import KPIS
from schemas.measures import POSITION
from schemas.rows import WINDOWS_OF_SCOPE

# The key a problem is about, and what is wrong.
Finding = tuple[str, str]


def rule_problems(rule: Rule) -> list[Finding]:
    """Everything that contradicts itself or the contracts; empty if the rule can be evaluated."""
    if rule.kpi_name not in KPIS:
        return [("kpi", f"unknown KPI {rule.kpi_name!r}; known: {', '.join(KPIS)}")]
    return [
        *_contract_problems(rule),
        *_evidence_problems(rule),
        *_time_problems(rule),
        *_threshold_problems(rule),
        *([("severity", fault)] if (fault := double_counts(rule)) else []),
    ]


def _contract_problems(rule: Rule) -> Iterator[Finding]:
    if rule.kpi.direction == "neither":
        yield "kpi", f"{rule.kpi_name} has no good direction: it can be shown, not judged"
    if rule.window not in WINDOWS_OF_SCOPE[rule.scope]:
        windows = ", ".join(WINDOWS_OF_SCOPE[rule.scope])
        yield "window", f"no row ever comes for {rule.scope} {rule.window}; there are: {windows}"
    elif rule.window not in rule.kpi.windows:
        yield "window", f"{rule.kpi_name} is not read over {rule.window}; windows: {', '.join(rule.kpi.windows)}"


def _evidence_problems(rule: Rule) -> Iterator[Finding]:
    if rule.n_of not in POSITION:
        yield "n_of", f"unknown measure {rule.n_of!r}"
    if rule.model:
        if rule.confidence is not None or rule.spread is not None:
            yield "confidence", "pooled evidence weighs chance itself, so it takes no confidence and no spread"
        if rule.model.kpi != rule.kpi_name or rule.scope != "route" or rule.window != "24h":
            yield "evidence", f"the model speaks of {rule.model.kpi} of a route over 24h alone"
        if set(rule.model.miss.weights) != set(MISS_FEATURES):
            yield "evidence", "the model was fitted for another release: it weighs other features"
        yield from (("evidence", f"the model's trees: {fault}") for fault in rule.model.risk.faults(len(RISK_FEATURES)))
    elif rule.kpi.kind == "proportion":
        if rule.confidence is None:
            yield "kpi", f"{rule.kpi_name} is a proportion: its rule needs a confidence"
        if rule.spread is not None:
            yield "spread", f"{rule.kpi_name} is a proportion: its bound needs no spread"
    elif rule.spread is None or rule.confidence is None:
        yield "kpi", f"{rule.kpi_name} is no proportion: its rule needs a confidence and the spread of one {rule.n_of}"
    elif not rule.spread > 0 or not math.isfinite(rule.spread):
        yield "spread", f"spread {rule.spread:g} is not a standard deviation"
    elif not 0 <= rule.skew < math.inf:
        yield "skew", f"skew {rule.skew:g} is not a skewness towards the bad side"
    if rule.confidence is not None and not 0.5 < rule.confidence < 1:
        yield "confidence", f"confidence {rule.confidence:g} is not between 0.5 and 1"
    if rule.against is not None:
        yield from _against_problems(rule, rule.against)


def _against_problems(rule: Rule, against: str) -> Iterator[Finding]:
    if against not in KPIS:
        yield "against", f"unknown KPI {against!r}; known: {', '.join(KPIS)}"
    elif against == rule.kpi_name or rule.model:
        yield "against", "there is nothing to compare"
    elif KPIS[against].unit != rule.kpi.unit or rule.window not in KPIS[against].windows:
        yield "against", f"{against} is in {KPIS[against].unit} over {', '.join(KPIS[against].windows)}"


def _time_problems(rule: Rule) -> Iterator[Finding]:
    if rule.dwell <= timedelta():
        yield "dwell", "a rule without dwell may change at every row"
    if rule.max_age is not None and rule.max_age <= timedelta():
        yield "max_age", "no row is younger than that: every light would be grey"


def _threshold_problems(rule: Rule) -> Iterator[Finding]:
    limits = rule.thresholds
    written = {"amber": limits.amber, "red": limits.red}
    written |= {"recover_amber": limits.recover_amber, "recover_red": limits.recover_red}
    infinite = [key for key, value in written.items() if not math.isfinite(value)]
    if infinite:
        yield from ((key, f"{key} is not a number to compare with") for key in infinite)
        return
    # For each pair: the first must lie on the bad side of the second.
    better = "higher" if rule.sign > 0 else "lower"
    for bad, good, strictly in (
        ("red", "amber", True),
        ("red", "recover_red", False),
        ("amber", "recover_amber", False),
        ("recover_red", "recover_amber", False),
    ):
        if rule.worse(written[good], written[bad]) or (strictly and written[good] == written[bad]):
            must = "be beyond" if strictly else "not be better than"
            yield bad, f"{better} is better: {bad} {written[bad]:g} must {must} {good} {written[good]:g}"
    lowest, highest = (0.0, 100.0) if rule.model else _range(rule)
    judged = "risk" if rule.model else rule.kpi_name
    worst, best = (lowest, highest) if rule.sign > 0 else (highest, lowest)
    if not rule.worse(worst, limits.red):
        yield "red", f"RED is unreachable: no {judged} is beyond {limits.red:g}"
    if rule.worse(best, limits.recover_amber):
        yield "recover_amber", f"GREEN is unreachable: no {judged} comes back past {limits.recover_amber:g}"


def _range(rule: Rule) -> tuple[float, float]:
    """What can be compared: a proportion lies in [0, scale], a sum of positive measures is never negative, a difference
    of two KPIs can be anything."""
    kpi = rule.kpi
    if rule.against:
        return -math.inf, math.inf
    if kpi.kind == "proportion":
        return 0.0, kpi.scale
    return (0.0 if all(weight > 0 for weight in kpi.numerator.values()) else -math.inf), math.inf
