"""One change of a light explained in Spanish, beside `alerts/explain.py`, which says it in English: the same facts in
the same order. What people did and why stands as they wrote it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from alerts.explain import PATH_LENGTH
from alerts.items import LogEntry
from alerts.messages import WORDS, evidence_line, stake_line
from rules.durations import format_duration
from rules.rule import Rule
from streamlit_app.reason_es import reason_es

_WIDTH: Final = 14


def explained_es(entry: LogEntry, log: Sequence[LogEntry]) -> str:
    """`log` is all of the entity, oldest first."""
    change, rule, evidence = entry.transition, entry.rule, entry.transition.evidence
    lights = WORDS["es"]
    facts = [
        ("alerta", entry.alert_id),
        ("hora", f"{_instant(change.at)}, revisión {change.revision}"),
        ("regla", f"{change.rule} {change.rule_version}: {_asks(rule)}"),
        ("evidencia", evidence_line(rule, evidence, "es")),
        ("términos", f"{rule.kpi.formula} = {evidence.numerator:,} / {evidence.denominator:,}"),
        *([("modelado", f"{evidence.modelled_facts} hechos modelados en el valor")] if evidence.modelled else []),
        ("umbrales", _thresholds(rule)),
        ("motivo", reason_es(change.reason)),
        ("dinero", stake_line(change.severity, "es")),
        ("guía", change.runbook),
    ]
    before = [one.transition for one in log if one.transition.rule == change.rule and one.transition.at <= change.at]
    way = [
        f"{_instant(one.at)}  {lights[one.from_light]} a {lights[one.to_light]}: {reason_es(one.reason)}"
        for one in before[-PATH_LENGTH:]
    ]
    return "\n".join(
        [
            f"{lights[change.to_light]} {change.entity} {rule.title.es} (antes {lights[change.from_light]})",
            *(f"  {name:<{_WIDTH}} {text}" for name, text in facts),
            "  cómo llegó",
            *(f"    {line}" for line in way),
            "  decisiones",
            *(f"    {at} {action}: {why}" for at, action, why in entry.decisions),
        ]
    )


def _asks(rule: Rule) -> str:
    age = f", renglones de a lo más {format_duration(rule.max_age)}" if rule.max_age is not None else ""
    sure = f", confianza {rule.confidence:g}" if rule.confidence else ""
    return (
        f"debe durar {format_duration(rule.hold)}, a lo más un cambio en {format_duration(rule.dwell)}, al menos"
        f" {rule.min_n} {rule.n_of}{age}{sure}"
    )


def _thresholds(rule: Rule) -> str:
    limits, side = rule.thresholds, "debajo de" if rule.sign > 0 else "arriba de"
    return (
        f"ámbar {side} {limits.amber:g} {rule.unit}, rojo {side} {limits.red:g} {rule.unit}; el ámbar termina en"
        f" {limits.recover_amber:g}, el rojo en {limits.recover_red:g}"
    )


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
