"""What a rule is asked in, in the reader's words: the unit of its thresholds, what its evidence counts."""

from rules.rule import Rule
from schemas.kpis import KPIS
from streamlit_app.reason_es import COUNTED
from streamlit_app.words import Speech


def unit_text(rule: Rule, say: Speech) -> str:
    """ "%", "% risk", "% beyond Break-even load factor"."""
    if rule.model:
        return say["unit_risk"]
    unit = say["unit_points"] if rule.kpi.unit == "points" else rule.kpi.unit
    return say("unit_beyond", unit=unit, kpi=say.kpi(KPIS[rule.against])) if rule.against else unit


def evidence_needed(rule: Rule, say: Speech) -> str:
    """ "20 flights"."""
    counted = rule.n_of.replace("_", " ") if say.language == "en" else COUNTED.get(rule.n_of, rule.n_of)
    return f"{rule.min_n} {counted}"
