"""US$ per hour at stake on an entity, with its terms; each rule names those that price its trouble.

Terms that hold the same money twice do not stand together (`double_counts`): a block minute's cost is fuel, crew and
maintenance, which the row's own costs hold too; what the law makes the airline pay back is the fare that a flight which
was not flown did not earn.
"""

from collections.abc import Callable
from typing import Final

from rules.evidence import judged
from rules.rule import Rule, Term
from schemas.kpis import KPIS, REVENUE, combine
from schemas.lights import Evidence, Severity
from schemas.measures import MEASURES, POSITION
from schemas.rows import WINDOW_LENGTH, KpiRow

# Direct operating cost of a block minute of US passenger airlines: Airlines for America, 2019.
USD_PER_BLOCK_MINUTE: Final = 74.24
_CENTS: Final = 100
_HOURS: Final = {window: length.total_seconds() / 3600 for window, length in WINDOW_LENGTH.items()}
_MONEY: Final = {measure.name for measure in MEASURES if measure.unit == "us_cents"}
# KPIs whose numerator is money, but for compensation, which is a term of its own.
_PRICED: Final = {
    kpi.name
    for kpi in KPIS.values()
    if kpi.times is None and kpi.numerator.keys() <= _MONEY - {"compensation_exposure"}
}
_WITH_A_PRICE: Final = _PRICED | {"load_factor", "completion", "fuel_intensity"}
_DELAY: Final = POSITION["arrival_delay_minutes"]
_BLOCK: Final = POSITION["block_minutes"]
_SCHEDULED_BLOCK: Final = POSITION["scheduled_block_minutes"]
_COMPENSATION: Final = POSITION["compensation_exposure"]
_MODELLED_MONEY: Final = POSITION["modelled_money"]
# What a flight earns less what it would not cost if it were cancelled; crew and maintenance go on.
_CONTRIBUTION: Final = {**REVENUE, "fuel_cost": -1, "airport_cost": -1}


def severity(rule: Rule, row: KpiRow, evidence: Evidence) -> Severity:
    """The rule's terms, each >= 0, in US$ per hour of the window.

    delay              minutes late at arrival x US$ per block minute
    overrun            block minutes beyond schedule, over all flights, x the same
    compensation       what the law makes the airline owe passengers
    lost_contribution  what the value lacks to the amber threshold, priced (`_lost_cents`)

    All but the last say what the entity's trouble costs, whatever the rule's KPI. The result is marked as modelled if
    modelled money is in it, or a loss that was worked out from a modelled value, such as passengers.
    """
    hours = _HOURS[row.window]
    usd: dict[str, float] = {term: max(0.0, _USD[term](rule, row, evidence)) / hours for term in rule.severity}
    lost = usd.get("lost_contribution", 0.0)
    money = usd.get("compensation", 0.0) + lost
    return Severity(
        usd_per_hour=sum(usd.values()),
        terms=usd,
        modelled=(money > 0 and row.measures[_MODELLED_MONEY] > 0) or (lost > 0 and evidence.modelled),
    )


def double_counts(rule: Rule) -> str:
    """Why the rule's terms may not stand together, or "lost_contribution" not at all; "" if they may."""
    terms, name = set(rule.severity), rule.kpi_name
    if "lost_contribution" in terms and (name not in _WITH_A_PRICE or rule.model):
        return f"a shortfall of {name} has no price: lost_contribution would always be 0"
    if {"delay", "overrun"} <= terms:
        return "delay and overrun price the same minutes"
    if "lost_contribution" in terms and terms & {"delay", "overrun"} and name in _PRICED:
        return (
            f"the costs in {name} hold the minutes' fuel, crew and maintenance: lost_contribution counts them already"
        )
    if {"lost_contribution", "compensation"} <= terms and name == "completion":
        return "compensation holds the fares of flights not flown: lost_contribution counts them already"
    return ""


def _lost_cents(rule: Rule, row: KpiRow, evidence: Evidence) -> float:
    """What the shortfall against the amber threshold costs, in US cents; 0 where a shortfall has no price.

    Money (margin, unit spread) is its own price. A passenger-km that was not sold costs the row's own yield, for an
    empty seat saves next to nothing. A flight that was not operated costs the row's contribution per operated flight:
    revenue without fuel and airport cost; where none was operated, nobody knows that. Fuel burnt beyond the threshold
    costs the row's own price.
    """
    kpi = rule.kpi
    value, _ = judged(rule, evidence)
    if value is None or evidence.pooled or kpi.times is not None or not rule.worse(value, rule.thresholds.amber):
        return 0.0
    shortfall = abs(rule.thresholds.amber - value) / kpi.scale * evidence.denominator
    return shortfall * _price_cents(kpi.name, row)


def _price_cents(kpi: str, row: KpiRow) -> float:
    """US cents per unit of the KPI's denominator."""
    if kpi in _PRICED:
        return 1.0
    if kpi == "load_factor":
        return _per(row["ticket_revenue"], row["passenger_km"])
    if kpi == "completion":
        return _per(combine(_CONTRIBUTION, row), row["operated"])
    return _per(row["fuel_cost"], row["fuel_kg"]) if kpi == "fuel_intensity" else 0.0


def _per(cents: int, count: int) -> float:
    return cents / count if count > 0 else 0.0


_USD: Final[dict[Term, Callable[[Rule, KpiRow, Evidence], float]]] = {
    "delay": lambda rule, row, _: row.measures[_DELAY] * rule.usd_per_block_minute,
    "overrun": lambda rule, row, _: (row.measures[_BLOCK] - row.measures[_SCHEDULED_BLOCK]) * rule.usd_per_block_minute,
    "compensation": lambda rule, row, _: row.measures[_COMPENSATION] / _CENTS,
    "lost_contribution": lambda rule, row, evidence: _lost_cents(rule, row, evidence) / _CENTS,
}
