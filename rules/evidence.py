"""What a row says about a rule's KPI, and whether that is enough to say anything."""

from datetime import datetime
from typing import NamedTuple

from rules.durations import format_duration
from rules.mean_bound import mean_reach
from rules.pooled_features import Context, Pool, pool
from rules.rule import Positions, Rule
from rules.wilson import wilson_bounds
from schemas.lights import Evidence, Recent
from schemas.rows import KpiRow


class Weighed(NamedTuple):
    """The evidence, and the reason why it carries no light ("" if it carries one)."""

    evidence: Evidence
    doubt: str


def weigh(rule: Rule, row: KpiRow, context: Context, now: datetime, recent: Recent | None = None) -> Weighed:
    """Numerator, denominator, n, value and bounds of the rule's KPI in a row; doubt if inconsistent, old or thin.

    A rule with a model pools: the route's own row says what the value is, and the model how likely it is in a bad
    stretch, by the rows in `context` and when what the row holds came (`recent`). Its `min_n` counts the last 28 days,
    since a night without flights takes nothing from what is known of a route. `now` is wall time, compared with
    `row.ingested_at` alone: in a replay event time lies years back.
    """
    numerator, denominator = _sum(rule.numerator, row), _sum(rule.denominator, row)
    pooled = pool(row, context, recent) if rule.model and recent else None
    n = _known(rule, pooled) if pooled else row.measures[rule.n_position]
    doubt = _inconsistent(rule, numerator, denominator, n) or _stale(rule, row, now) or _thin(rule, denominator, n)
    value, lower, upper = _value_and_bounds(rule, row, numerator, denominator, n)
    if value is None and not doubt and not pooled:
        doubt = f"no {rule.kpi.times or rule.kpi_name} in the window"
    against = rule.other_kpi.value(row) if rule.other_kpi else None
    if rule.against and against is None and not doubt:
        doubt = f"no {rule.against} in the window"
    evidence = Evidence(
        kpi=rule.kpi_name,
        scope=row.scope,
        entity=row.entity,
        window=row.window,
        at=row.at,
        numerator=numerator,
        denominator=denominator,
        n=n,
        value=value,
        lower=lower,
        upper=upper,
        confidence=rule.confidence,
        against=against,
        modelled_facts=_modelled_facts(rule, row),
        pooled=rule.model.judge(pooled) if rule.model and pooled else None,
    )
    return Weighed(evidence, doubt)


def judged(rule: Rule, evidence: Evidence) -> tuple[float | None, float | None]:
    """What is compared with the thresholds, and the kindest it may be: the risk of pooled evidence, else the value, or
    what it is beyond the KPI it is compared with."""
    if evidence.pooled:
        return evidence.pooled.risk, evidence.pooled.risk
    if evidence.value is None or (rule.against and evidence.against is None):
        return None, None
    bound = evidence.upper if rule.sign > 0 else evidence.lower
    kindest = evidence.value if bound is None else bound
    beyond = evidence.against or 0.0
    return evidence.value - beyond, kindest - beyond


def _sum(positions: Positions, row: KpiRow) -> int:
    measures = row.measures
    total = 0
    for position, weight in positions:
        total += weight * measures[position]
    return total


def _inconsistent(rule: Rule, numerator: int, denominator: int, n: int) -> str:
    """Numbers that no set of flights can make: an unmatched correction, or a defect upstream."""
    if n < 0 or denominator < 0:
        return f"inconsistent evidence: {n} {rule.n_of}, denominator {denominator}"
    if rule.kpi.kind == "proportion" and not 0 <= numerator <= denominator:
        return f"inconsistent evidence: {numerator} of {denominator}"
    return ""


def _stale(rule: Rule, row: KpiRow, now: datetime) -> str:
    if rule.max_age is None or now - row.ingested_at <= rule.max_age:
        return ""
    age = format_duration(now - row.ingested_at)
    return f"stale evidence: {age} old, the rule accepts {format_duration(rule.max_age)}"


def _known(rule: Rule, pooled: Pool) -> int:
    row = pooled.month or pooled.own
    return row.measures[rule.n_position]


def _thin(rule: Rule, denominator: int, n: int) -> str:
    if n < rule.min_n:
        return f"too little evidence: {n} {rule.n_of}, the rule asks for {rule.min_n}"
    if rule.model:
        return ""
    return "" if denominator else f"too little evidence: nothing to divide by ({rule.kpi.formula})"


def is_thin(rule: Rule, row: KpiRow) -> bool:
    """Whether `weigh` finds too little evidence for a rule without a model, which takes it much longer to say."""
    return row.measures[rule.n_position] < rule.min_n or not _sum(rule.denominator, row)


def _value_and_bounds(
    rule: Rule, row: KpiRow, numerator: int, denominator: int, n: int
) -> tuple[float | None, float | None, float | None]:
    if denominator <= 0:
        return None, None, None
    kpi = rule.kpi
    value = kpi.value(row) if kpi.times else kpi.scale * numerator / denominator
    if value is None or rule.z is None:
        return value, None, None
    if rule.spread is not None and n > 0:
        reach = mean_reach(rule.spread, rule.skew, n, rule.z)
        return value, value - reach, value + reach
    if kpi.kind != "proportion" or not 0 <= numerator <= denominator:
        return value, None, None
    lower, upper = wilson_bounds(numerator, denominator, rule.z)
    return value, kpi.scale * lower, kpi.scale * upper


def _modelled_facts(rule: Rule, row: KpiRow) -> int:
    measures = row.measures
    total = 0
    for position in rule.modelled_positions:
        total += measures[position]
    return total
