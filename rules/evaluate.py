"""The life of a light: what a new KPI row makes of it.

                 firmly bad for `for`                     firmly worse for `for`
    GREEN ─────────────────────────────▶ AMBER ─────────────────────────────▶ RED
      ▲  ▲        back past recover_amber  │ ▲        back past recover_red     │
      │  └─────────────────────────────────┘ └──────────────────────────────────┤
      │                                                back past recover_amber  │
      └─────────────────────────────────────────────────────────────────────────┘
    any of them ──── evidence thin, old or inconsistent ────▶ GREY ──── enough evidence for `for` ────▶ any of them

In force     the light people see. It changes by a `Transition` only.
Claimed      the light that the newest row's evidence speaks for (`claim`), given the one in force.
Pending      the claim differs from the light in force and has not lasted for `for` yet, or waits for the dwell.

Firmly bad: the kind-side bound of the value is beyond the threshold, so that chance alone does not explain it: a
proportion's Wilson bound, a mean's by the spread of one flight. Pooled evidence's risk weighs chance itself. Recovery
asks less: the value itself has come back past the recovery threshold. A bound there would leave lights stuck (at 90 %,
9 of 10 flights on time cannot prove 80 %), the bare threshold would make them flap; and as the bound is always kinder
than the value, no row is firmly bad and recovered at once.

Dwell: each transition waits until `dwell` after the one before, worsening to RED included, so there is at most one per
rule, entity and dwell. One exception: GREEN does not outlive its evidence. It turns GREY with the first row that cannot
carry it, and that transition neither waits for a dwell nor starts one, so that it delays no bad news.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from rules.durations import format_duration
from rules.evidence import is_thin, judged, weigh
from rules.pooled_features import Context
from rules.reason import reason
from rules.recent import follow
from rules.rule import Rule
from rules.severity import severity
from schemas.lights import Evidence, Light, LightState, Recent, Severity, Transition
from schemas.rows import KpiRow

GREEN, AMBER, RED, GREY = Light.GREEN, Light.AMBER, Light.RED, Light.GREY
FLAP_WINDOW: Final = timedelta(hours=24)
_BADNESS: Final = {GREEN: 0, AMBER: 1, RED: 2}


def evaluate(
    rule: Rule, row: KpiRow, context: Context, state: LightState, now: datetime
) -> tuple[LightState, Transition | None]:
    """The state after this row, and the transition if the light changed.

    Pure. `context` holds the newest rows of the route's airports and carrier; `now` is wall time, used for staleness
    alone: all else is event time. A row that is not newer by (at, revision) than the state changes nothing: the
    very same state comes back. A higher revision of the newest `at` amends it: it is judged like any newer row.
    Raises ValueError for a row of a scope or window that the rule does not read.
    """
    step = _step(rule, row, context, state, now)
    if step is None:
        return state, None
    stake = severity(rule, row, step.evidence)
    why = reason(rule, row, state, step.claimed, step.evidence, step.doubt, step.wait)
    after = _after(rule, row, state, step, step.evidence, stake, why)
    return after, _transition(rule, row, state, step, stake, why) if step.changes else None


def retrace(
    rule: Rule, row: KpiRow, context: Context, state: LightState, now: datetime
) -> tuple[LightState, Transition | None]:
    """`evaluate` for millions of rows of the past, of which nobody sees more than light and transition.

    The state after has no evidence, stake or reason, which no judgement looks at; a transition is the same. Saves a
    quarter of the time, and most of it where a light stays GREY for want of evidence.
    """
    if state.light is GREY and not rule.model and _is_newer(rule, row, state) and is_thin(rule, row):
        return _still_grey(rule, row, state), None
    step = _step(rule, row, context, state, now)
    if step is None:
        return state, None
    after = _after(rule, row, state, step)
    if not step.changes:
        return after, None
    stake = severity(rule, row, step.evidence)
    why = reason(rule, row, state, step.claimed, step.evidence, step.doubt, step.wait)
    return after, _transition(rule, row, state, step, stake, why)


def stays(rule: Rule, row: KpiRow, context: Context, state: LightState, now: datetime) -> bool:
    """Whether `evaluate` makes no transition: `retrace` for whoever asks that of thousands of contexts."""
    step = _step(rule, row, context, state, now)
    return step is None or not step.changes


class _Step(NamedTuple):
    """What a row makes of a light."""

    evidence: Evidence
    doubt: str
    recent: Recent | None
    claimed: Light
    pending_since_at: datetime
    leaving_since_at: datetime
    wait: str
    changes: bool


def _step(rule: Rule, row: KpiRow, context: Context, state: LightState, now: datetime) -> _Step | None:
    """None for a row that is not newer."""
    if not _is_newer(rule, row, state):
        return None
    recent = follow(state.recent, row) if rule.model else None
    evidence, doubt = weigh(rule, row, context, now, recent)
    claimed = GREY if doubt else claim(rule, state.light, evidence)
    pending_since_at, leaving_since_at = _since(rule, state, claimed, row.at)
    wait = _wait(rule, state, claimed, pending_since_at, row.at)
    changes = claimed is not state.light and not wait
    return _Step(evidence, doubt, recent, claimed, pending_since_at, leaving_since_at, wait, changes)


def _is_newer(rule: Rule, row: KpiRow, state: LightState) -> bool:
    if (row.scope, row.window) != (rule.scope, rule.window):
        raise ValueError(f"{rule.id} reads {rule.scope} {rule.window}, not {row.scope} {row.window}")
    return state.at is None or (row.at, row.revision) > (state.at, state.revision)


def _still_grey(rule: Rule, row: KpiRow, state: LightState) -> LightState:
    return LightState(
        since_at=state.since_at or row.at,
        last_transition_at=state.last_transition_at,
        at=row.at,
        revision=row.revision,
        recent_transitions_at=_of_the_day(state, row),
        rule_version=rule.version,
        where=rule.where,
    )


def _of_the_day(state: LightState, row: KpiRow) -> tuple[datetime, ...]:
    before = state.recent_transitions_at
    return tuple(at for at in before if row.at - at < FLAP_WINDOW) if before else before


def _after(
    rule: Rule,
    row: KpiRow,
    state: LightState,
    step: _Step,
    evidence: Evidence | None = None,
    stake: Severity | None = None,
    why: str = "",
) -> LightState:
    changes, wait = step.changes, step.wait
    of_the_day = _of_the_day(state, row)
    starts_dwell = changes and not _at_once(state.light, step.claimed)
    return LightState(
        light=step.claimed if changes else state.light,
        since_at=row.at if changes else state.since_at or row.at,
        pending=step.claimed if wait else None,
        pending_since_at=step.pending_since_at if wait else None,
        leaving_since_at=step.leaving_since_at if wait else None,
        last_transition_at=row.at if starts_dwell else state.last_transition_at,
        at=row.at,
        revision=row.revision,
        recent_transitions_at=(*of_the_day, row.at) if changes else of_the_day,
        rule_version=rule.version,
        evidence=evidence,
        severity=stake,
        reason=why,
        where=rule.where,
        recent=step.recent,
    )


def _transition(rule: Rule, row: KpiRow, state: LightState, step: _Step, stake: Severity, why: str) -> Transition:
    return Transition(
        rule=rule.id,
        rule_version=rule.version,
        scope=row.scope,
        entity=row.entity,
        window=row.window,
        at=row.at,
        revision=row.revision,
        from_light=state.light,
        to_light=step.claimed,
        evidence=step.evidence,
        severity=stake,
        reason=why,
        where=rule.where,
        audience=rule.audience,
        runbook=rule.runbook,
        ingested_at=row.ingested_at,
        previous_since_at=state.since_at,
    )


def claim(rule: Rule, light: Light, evidence: Evidence) -> Light:
    """The light that evidence without doubt speaks for, given the one in force; GREY if it has no value.

    The one in force stays where the evidence proves neither harm nor recovery. From GREY nothing is in force: then a
    value on the good side of amber is GREEN, and one on the bad side that chance could explain is GREY still.
    """
    limits = rule.thresholds
    value, kindest = judged(rule, evidence)
    if value is None or kindest is None:
        return GREY
    if light is not RED and rule.worse(kindest, limits.red):
        return RED
    if light is RED and rule.worse(value, limits.recover_red):
        return RED
    if light in (AMBER, RED):
        return AMBER if rule.worse(value, limits.recover_amber) else GREEN
    if rule.worse(kindest, limits.amber):
        return AMBER
    return GREY if light is GREY and rule.worse(value, limits.amber) else GREEN


def _since(rule: Rule, state: LightState, claimed: Light, at: datetime) -> tuple[datetime, datetime]:
    """Since when the evidence has spoken for the claimed light or beyond, and for any light on its side.

    AMBER then RED are one side of GREEN: a claim that rises to RED starts RED's clock and leaves AMBER's running; one
    that falls back goes on by AMBER's. A rule that was changed measures anew.
    """
    pending, since_at, leaving_at = state.pending, state.pending_since_at, state.leaving_since_at
    if pending is None or since_at is None or leaving_at is None or state.rule_version != rule.version:
        return at, at
    if claimed is state.light:
        return at, at
    if claimed is pending:
        return since_at, leaving_at
    if _side(state.light, claimed) != _side(state.light, pending):
        return at, at
    return (at if _further(state.light, claimed, pending) else leaving_at), leaving_at


def _side(light: Light, target: Light) -> int:
    """Of another light: -1 better, 1 worse, 0 GREY. From GREY, GREEN is better and the others are worse."""
    if target is GREY:
        return 0
    return 1 if _BADNESS[target] > _BADNESS.get(light, 0) else -1


def _further(light: Light, target: Light, than: Light) -> bool:
    start = _BADNESS.get(light, 0)
    return abs(_BADNESS[target] - start) > abs(_BADNESS[than] - start)


def _at_once(light: Light, claimed: Light) -> bool:
    """GREEN does not outlive its evidence."""
    return light is GREEN and claimed is GREY


def _wait(rule: Rule, state: LightState, claimed: Light, since_at: datetime, at: datetime) -> str:
    """What the claimed light still waits for; "" if nothing."""
    if claimed is state.light or _at_once(state.light, claimed):
        return ""
    if at - since_at < rule.hold:
        return f"{claimed} pending for {format_duration(at - since_at)} of {format_duration(rule.hold)}"
    last_at = state.last_transition_at
    if last_at is not None and at - last_at < rule.dwell:
        return f"{claimed} waits for the dwell: the last change was {format_duration(at - last_at)} ago"
    return ""
