"""US$ per hour at stake on an entity: delay, compensation and lost contribution, with their terms."""

from typing import Final

from rules.rule import Rule
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
_PRICED: Final = {kpi.name for kpi in KPIS.values() if kpi.numerator.keys() <= _MONEY - {"compensation_exposure"}}
_DELAY: Final = POSITION["arrival_delay_minutes"]
_COMPENSATION: Final = POSITION["compensation_exposure"]
_MODELLED_MONEY: Final = POSITION["modelled_money"]
# What a flight earns less what it would not cost if it were cancelled; crew and maintenance go on.
_CONTRIBUTION: Final = {**REVENUE, "fuel_cost": -1, "airport_cost": -1}


def severity(rule: Rule, row: KpiRow, evidence: Evidence) -> Severity:
    """Delay minutes x US$ per block minute + compensation exposure + lost contribution, per hour of the window.

    Every term is >= 0 and whatever the rule's KPI: they say what the route's trouble costs, not the rule. Lost
    contribution alone depends on the KPI: (amber threshold - value) x denominator is what its numerator lacks, and
    `_lost_cents` prices that. The result is marked as modelled if modelled money is in it, or a loss that was worked
    out from a modelled value, such as passengers.
    """
    hours = _HOURS[row.window]
    delay = max(0, row.measures[_DELAY]) * rule.usd_per_block_minute / hours
    compensation = max(0, row.measures[_COMPENSATION]) / _CENTS / hours
    lost = max(0.0, _lost_cents(rule, row, evidence)) / _CENTS / hours
    return Severity(
        usd_per_hour=delay + compensation + lost,
        terms={"delay": delay, "compensation": compensation, "lost_contribution": lost},
        modelled=(compensation + lost > 0 and row.measures[_MODELLED_MONEY] > 0) or (lost > 0 and evidence.modelled),
    )


def _lost_cents(rule: Rule, row: KpiRow, evidence: Evidence) -> float:
    """What the shortfall against the amber threshold costs, in US cents; 0 where a shortfall has no price.

    Money (margin, unit spread) is its own price. A passenger-km that was not sold costs the row's own yield, for an
    empty seat saves next to nothing. A flight that was not operated costs the row's contribution per operated flight:
    revenue without fuel and airport cost; where none was operated, nobody knows that.
    """
    kpi = rule.kpi
    if evidence.value is None or kpi.times is not None or not rule.worse(evidence.value, rule.thresholds.amber):
        return 0.0
    shortfall = abs(rule.thresholds.amber - evidence.value) / kpi.scale * evidence.denominator
    if kpi.name in _PRICED:
        return shortfall
    if kpi.name == "load_factor":
        return shortfall * _per(row["ticket_revenue"], row["passenger_km"])
    if kpi.name == "completion":
        return shortfall * _per(combine(_CONTRIBUTION, row), row["operated"])
    return 0.0


def _per(cents: int, count: int) -> float:
    return cents / count if count > 0 else 0.0
