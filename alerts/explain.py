"""Why a light is what it is, and who was told: from the log alone, whatever the rules say today."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from alerts.decide import Action
from alerts.history import Said
from alerts.items import LogEntry
from alerts.messages import evidence_line, plain, pooled_line, stake_line
from rules.basis import Basis
from rules.durations import format_duration
from rules.rule import Rule
from schemas.lights import Pooled
from schemas.rows import KpiRow

NO_SUMMARIES: Final[Mapping[str, Sequence[Said]]] = {}
PATH_LENGTH: Final = 5
"""Transitions of the same rule shown before the one that is explained."""


def explain(entry: LogEntry, log: Sequence[LogEntry], summaries: Sequence[Said] = ()) -> str:
    """One transition: evidence and its terms, thresholds, cost, the way there, the decisions. `log` is its entity's.

    `summaries`: those of the storm it is grouped under, that came after it.
    """
    transition, rule, row = entry.transition, entry.rule, entry.row
    evidence = transition.evidence
    terms = f"{rule.kpi.formula} = {evidence.numerator:,} / {evidence.denominator:,}{_scale(rule)}"
    facts = [
        ("alert", entry.alert_id),
        ("event time", f"{_instant(transition.at)}, revision {transition.revision}"),
        ("rule", f"{transition.rule} {transition.rule_version}: {_rule(rule)}"),
        ("evidence", evidence_line(rule, evidence)),
        ("terms", terms),
        *([("pooled", _pooled(evidence.pooled))] if evidence.pooled else []),
        *([("beside", _beside(entry.basis))] if entry.basis and entry.basis.beside else []),
        *([("modelled", f"{evidence.modelled_facts} modelled facts in the value")] if evidence.modelled else []),
        ("row", f"{row.scope} {row.entity} {row.window}, {row.events} events{_flown_by(row)}"),
        ("thresholds", _thresholds(rule)),
        ("reason", transition.reason),
        ("money", stake_line(transition.severity)),
        ("runbook", transition.runbook),
        ("told", _told(entry, summaries)),
    ]
    lines = [
        plain(f"{transition.to_light} {transition.entity} {rule.title.en} (was {transition.from_light})"),
        *(f"  {label:<11} {plain(text)}" for label, text in facts),
        "  the way here",
        *(f"    {plain(line)}" for line in _way(entry, log)),
        "  decisions",
        *(f"    {plain(f'{at} {action}: {why}')}" for at, action, why in entry.decisions),
    ]
    return "\n".join(lines)


def standing(log: Sequence[LogEntry]) -> dict[str, LogEntry]:
    """Of a log up to some instant: the entry that put each rule's light where it stands then, by rule."""
    return {entry.transition.rule: entry for entry in log}


def standing_text(
    entity: str, at: datetime, log: Sequence[LogEntry], summaries: Mapping[str, Sequence[Said]] = NO_SUMMARIES
) -> str:
    """All lights of an entity at an instant, each explained, or that there were none yet. `summaries` by alert id."""
    entries = standing(log)
    head = f"{plain(entity)} at {_instant(at)}"
    if not entries:
        return f"{head}: no light had changed yet, so all were GREY or not known"
    return "\n\n".join(
        [
            f"{head}: {len(entries)} lights",
            *(explain(entry, log, summaries.get(entry.alert_id, ())) for entry in entries.values()),
        ]
    )


def _flown_by(row: KpiRow) -> str:
    return f", flown by {', '.join(row.flown_by)}" if row.flown_by else ""


def _pooled(pooled: Pooled) -> str:
    return (
        f"{pooled_line(pooled)}; {pooled.ahead:.1f} flights expected in the coming 12 h, each to miss with"
        f" {pooled.miss:.0f} %"
    )


def _beside(basis: Basis) -> str:
    """For example "JFK-LAX 28d of 2013-02-08 20:00:00 UTC, JFK 3h of …, JFK 3h before of …"."""
    return ", ".join(f"{key[1]} {key[2]} of {_instant(row.at)}" for key, row in basis.beside.items())


def _rule(rule: Rule) -> str:
    age = f", rows at most {format_duration(rule.max_age)} old" if rule.max_age is not None else ""
    return (
        f"for {format_duration(rule.hold)}, dwell {format_duration(rule.dwell)}, at least {rule.min_n} {rule.n_of}"
        f"{age}{f', confidence {rule.confidence:g}' if rule.confidence else ''}"
    )


def _scale(rule: Rule) -> str:
    return f", x {rule.kpi.scale:g}" if rule.kpi.scale != 1 else ""


def _thresholds(rule: Rule) -> str:
    limits, unit = rule.thresholds, rule.unit
    side = "below" if rule.sign > 0 else "above"
    return (
        f"amber {side} {limits.amber:g} {unit}, red {side} {limits.red:g} {unit}; "
        f"amber ends at {limits.recover_amber:g}, red at {limits.recover_red:g}"
    )


def _way(entry: LogEntry, log: Sequence[LogEntry]) -> list[str]:
    before = [one for one in log if one.transition.rule == entry.transition.rule]
    shown = [one for one in before if one.transition.at <= entry.transition.at][-PATH_LENGTH:]
    lines = [f"{_instant(t.at)}  {t.from_light} to {t.to_light}: {t.reason}" for t in (one.transition for one in shown)]
    if entry.episode is not None:
        lasted = entry.transition.at - entry.episode.since_at
        hours = format_duration(timedelta(minutes=lasted // timedelta(minutes=1)))
        lines.append(
            f"in trouble since {_instant(entry.episode.since_at)} ({hours}), about US$ {entry.episode.usd:,.0f}"
            + (" (modelled)" if entry.episode.modelled else "")
        )
    return lines


def _told(entry: LogEntry, summaries: Sequence[Said]) -> str:
    if entry.sent_at is None:
        said = [(action, reason) for _, action, reason in entry.decisions if action not in ("amended", "acknowledged")]
        action, reason = said[-1]
        if action == Action.GROUP and summaries:
            first = summaries[0]
            return (
                f"{', '.join(entry.transition.audience)}, in the summary {first.alert_id} of"
                f" {first.decided_at:%Y-%m-%d %H:%M:%S} UTC with {first.lights} lights"
                + ("" if first.sent_at else ", which waits to be sent")
            )
        waits = action in (Action.SEND, "released", "repeat", "escalation")
        return "nobody yet: it waits to be sent" if waits else f"nobody: {reason}"
    latency_ms = (entry.sent_at - entry.transition.ingested_at) / timedelta(milliseconds=1)
    return (
        f"{', '.join(entry.transition.audience)}, published {entry.sent_at:%Y-%m-%d %H:%M:%S} UTC, "
        f"{latency_ms:,.0f} ms after the newest event reached Kafka"
    )


def _instant(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC"
