"""Why a light is what it is, in one line of words: what the evidence says, then what is still awaited."""

from rules.evidence import judged
from rules.rule import Rule
from schemas.lights import Evidence, Light, LightState, Pooled
from schemas.rows import KpiRow


def reason(
    rule: Rule, row: KpiRow, before: LightState, claimed: Light, evidence: Evidence, doubt: str, wait: str
) -> str:
    """For example "4 of 11 = 36.4 %, at most 56.2 % at 90 %: beyond red 70; RED pending for 10m of 45m".

    Thresholds of an override are marked so: "beyond red 65 (thresholds for airport MEX, summer)"."""
    words = doubt or f"{evidence_words(rule, evidence)}: {_verdict(rule, before.light, claimed, evidence)}"
    if rule.where:
        words += f" (thresholds for {rule.where})"
    if wait:
        words += f"; {wait}"
    return f"amended, revision {row.revision}: {words}" if row.at == before.at else words


def evidence_words(rule: Rule, evidence: Evidence) -> str:
    """The value with its terms, and the bound that counts: the kind one."""
    value, unit = evidence.value, rule.kpi.unit
    if evidence.pooled:
        return f"{pooled_words(evidence.pooled)}: risk {evidence.pooled.risk:.0f} %"
    if value is None:
        return f"no value from {evidence.n} {rule.n_of}"
    counted = f"{value:.1f} {unit} over {evidence.n} {rule.n_of}"
    if rule.kpi.kind == "proportion":
        counted = f"{evidence.numerator} of {evidence.denominator} = {value:.1f} {unit}"
    if evidence.against is not None:
        counted += f", {rule.against} {evidence.against:.1f} {unit}"
    value, kindest = judged(rule, evidence)
    if value is None or kindest is None or evidence.lower is None:
        return counted
    beyond = f"{value:+.1f} {unit}, " if evidence.against is not None else ""
    side = "at most" if rule.sign > 0 else "at least"
    return f"{counted}, {beyond}{side} {kindest:.1f} {unit} at {100 * (rule.confidence or 0):g} %"


def pooled_words(pooled: Pooled) -> str:
    """For example "2 of its own 9 flights of 12 h on time, LGA 38 of 92 in 3 h, ATL none closed in 3 h"."""
    own, *airports = pooled.parts
    words = [f"{own.met} of its own {own.of} flights of {own.hours} h on time"]
    words += [
        f"{one.entity} {f'{one.met} of {one.of}' if one.of else 'none closed'} in {one.hours} h" for one in airports
    ]
    return ", ".join(words)


def _verdict(rule: Rule, light: Light, claimed: Light, evidence: Evidence) -> str:
    limits = rule.thresholds
    if claimed is Light.RED:
        return f"not back past {limits.recover_red:g}" if light is Light.RED else f"beyond red {limits.red:g}"
    if claimed is Light.AMBER:
        if light in (Light.AMBER, Light.RED):
            return f"not back past {limits.recover_amber:g}"
        return f"beyond amber {limits.amber:g}"
    if light in (Light.AMBER, Light.RED):
        return f"back past {limits.recover_amber:g}"
    value, _ = judged(rule, evidence)
    if value is not None and not evidence.pooled and rule.worse(value, limits.amber):
        return f"worse than amber {limits.amber:g}, but chance could explain it"
    return f"not beyond amber {limits.amber:g}"
