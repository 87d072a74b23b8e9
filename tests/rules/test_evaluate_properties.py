"""What holds for every series of rows: thousands of random ones, for every kind of rule."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from rules.evaluate import FLAP_WINDOW, claim, evaluate, retrace
from rules.evidence import weigh
from rules.notice import is_notifiable
from rules.rule import Rule
from schemas.lights import Evidence, Light, LightState, Transition
from schemas.rows import KpiRow
from tests.rules.making import DELAY, HOUR, MINUTE, PUNCTUALITY, START, delayed, late, rule

GREEN, AMBER, RED, GREY = Light.GREEN, Light.AMBER, Light.RED, Light.GREY
BADNESS = {GREEN: 0, GREY: 1, AMBER: 2, RED: 3}


class Step(NamedTuple):
    """One row, when it was looked at, and what it did."""

    row: KpiRow
    now: datetime
    before: LightState
    after: LightState
    transition: Transition | None


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Punctuality (higher is better, bounded) or delay (lower is better, bounded or not), with any times."""
    base = draw(st.sampled_from([PUNCTUALITY, DELAY]))
    gap = draw(st.sampled_from([0, 3, 5]))
    up = base is PUNCTUALITY
    spread = None if up else draw(st.sampled_from([None, 8.0]))
    limits = base.thresholds
    return rule(
        base,
        recover_amber=limits.amber + gap if up else limits.amber - gap,
        recover_red=limits.red + gap if up else limits.red - gap,
        confidence=draw(st.sampled_from([0.6, 0.8, 0.95])) if up or spread else None,
        spread=spread,
        skew=draw(st.sampled_from([0.0, 3.0])),
        min_n=draw(st.integers(1, 12)),
        hold=draw(st.sampled_from([0, 10, 30, 60])) * MINUTE,
        dwell=draw(st.sampled_from([1, 60, 180])) * MINUTE,
        max_age=draw(st.sampled_from([None, 15 * MINUTE])),
    )


def is_punctuality(one: Rule) -> bool:
    return one.kpi_name == "on_time_arrival"


@st.composite
def rows_of(draw: st.DrawFn, one: Rule, most: int = 60) -> list[tuple[KpiRow, datetime]]:
    """Rows in order with revisions now and then, moods that last (or random evidence would never mature), some thin,
    some impossible, some stale. Seven bytes a row, drawn at once: one by one, draws took six times what is tested."""
    count = draw(st.integers(1, most))
    drawn = draw(st.binary(min_size=7 * count, max_size=7 * count))
    rows: list[tuple[KpiRow, datetime]] = []
    after, revision, mood = timedelta(), 0, 0
    for turns, to_mood, amends, minutes, size, sways, odd in zip(*[iter(drawn)] * 7, strict=True):
        if not rows or turns >= 205:
            mood = to_mood % 11
        if rows and amends >= 230:
            revision += 1
        else:
            after, revision = after + (1 + minutes % 40) * MINUTE, 0
        n = size // 2 % 32 - 1 if size % 2 else 20
        quality = min(10, max(0, mood + (0, 1, -1)[sways % 3])) / 10
        wrong = odd >= 248
        if is_punctuality(one):
            a_row = late(n + 1 if wrong else round(max(n, 0) * quality), n, after, revision=revision)
        else:
            a_row = delayed(round(max(n, 0) * 30 * (1 - quality)), n, after, revision=revision)
        age = 20 * MINUTE if odd % 5 == 4 else timedelta()
        rows.append((a_row, a_row.ingested_at + age))
    return rows


def run(one: Rule, rows: Sequence[tuple[KpiRow, datetime]]) -> list[Step]:
    steps, state = [], LightState()
    for a_row, now in rows:
        after, transition = evaluate(one, a_row, {}, state, now)
        steps.append(Step(a_row, now, state, after, transition))
        state = after
    return steps


Case = tuple[Rule, list[tuple[KpiRow, datetime]]]
series = rules().flatmap(lambda one: st.tuples(st.just(one), rows_of(one)))


def firmly_beyond(one: Rule, evidence: Evidence, threshold: float) -> bool:
    """The kindest reading is worse than the threshold: said here in other words than in the code."""
    assert evidence.value is not None
    if one.kpi.direction == "lower is better":
        return (evidence.value if evidence.lower is None else evidence.lower) > threshold
    return (evidence.value if evidence.upper is None else evidence.upper) < threshold


def at_least(one: Rule, evidence: Evidence, threshold: float) -> bool:
    assert evidence.value is not None
    return evidence.value <= threshold if one.kpi.direction == "lower is better" else evidence.value >= threshold


def speaks_for(one: Rule, step: Step, before: Light, after: Light) -> bool:
    """Whether a row's evidence supports, by itself, a change between two lights."""
    evidence, doubt = weigh(one, step.row, {}, step.now)
    limits = one.thresholds
    if after is GREY:
        return bool(doubt)
    if doubt:
        return False
    if after is RED:
        return firmly_beyond(one, evidence, limits.red)
    if after is AMBER:
        return (
            at_least(one, evidence, limits.recover_red) if before is RED else firmly_beyond(one, evidence, limits.amber)
        )
    return at_least(one, evidence, limits.amber if before in (GREY, GREEN) else limits.recover_amber)


@given(series)
@settings(max_examples=150)
def test_no_change_without_evidence_for_it_in_every_row_of_its_time(
    case: Case,
) -> None:
    one, rows = case
    steps = run(one, rows)
    for index, step in enumerate(steps):
        if step.transition is None:
            continue
        before, after = step.transition.from_light, step.transition.to_light
        assert speaks_for(one, step, before, after)
        if (before, after) == (GREEN, GREY):
            continue
        # Back to the first row of the time: all must agree, and together they must span it.
        for earlier in reversed(steps[: index + 1]):
            assert speaks_for(one, earlier, before, after)
            if step.row.at - earlier.row.at >= one.hold:
                break
        else:
            raise AssertionError("the rows do not span the rule's time")


@given(series)
@settings(max_examples=150)
def test_never_green_on_thin_stale_or_inconsistent_evidence(case: Case) -> None:
    one, rows = case
    for step in run(one, rows):
        if step.after.light is GREEN:
            assert weigh(one, step.row, {}, step.now).doubt == ""
            assert step.after.evidence is not None
            assert step.after.evidence.n >= one.min_n


@given(series)
@settings(max_examples=150)
def test_at_most_one_change_per_dwell_and_one_message(case: Case) -> None:
    one, rows = case
    changes = [step.transition for step in run(one, rows) if step.transition]
    bound = [t for t in changes if (t.from_light, t.to_light) != (GREEN, GREY)]
    assert all(late.at - early.at >= one.dwell for early, late in pairwise(bound))
    assert all(t in bound for t in changes if is_notifiable(t))
    assert len({t.alert_id for t in changes}) == len(changes)


@given(series)
def test_states_and_changes_form_one_story(case: Case) -> None:
    one, rows = case
    happened: list[datetime] = []
    for step in run(one, rows):
        before, after, transition = step.before, step.after, step.transition
        assert (transition is None) == (before.light is after.light)
        assert (after.at, after.revision) == (step.row.at, step.row.revision)
        if transition:
            assert (transition.from_light, transition.to_light) == (before.light, after.light)
            assert after.pending is None
            happened.append(transition.at)
        assert list(after.recent_transitions_at) == [at for at in happened if step.row.at - at < FLAP_WINDOW]
        if after.pending:
            assert after.pending is not after.light
            assert after.leaving_since_at is not None
            assert after.pending_since_at is not None
            assert after.leaving_since_at <= after.pending_since_at <= step.row.at


@given(series)
def test_the_past_is_retraced_with_the_same_lights_and_changes(case: Case) -> None:
    one, rows = case
    state = LightState()
    for step in run(one, rows):
        state, transition = retrace(one, step.row, {}, state, step.now)
        assert transition == step.transition
        assert state == structs.replace(step.after, evidence=None, severity=None, reason="")


@given(series, st.randoms(use_true_random=True))
def test_rows_that_come_again_or_too_late_change_nothing(case: Case, luck: Random) -> None:
    one, rows = case
    once = run(one, rows)
    noisy = []
    for index, arrived in enumerate(rows):
        noisy += [arrived, *luck.sample(rows[: index + 1], min(2, index + 1))]
    again = run(one, noisy)
    assert again[-1].after == once[-1].after
    assert [s.transition for s in again if s.transition] == [s.transition for s in once if s.transition]


@given(rules(), st.sampled_from(list(Light)), st.integers(1, 60), st.data())
def test_worse_evidence_never_claims_a_better_light(one: Rule, light: Light, n: int, data: st.DataObject) -> None:
    if is_punctuality(one):
        fewer, more = sorted((data.draw(st.integers(0, n)), data.draw(st.integers(0, n))))
        bad, good = late(fewer, n), late(more, n)
    else:
        fewer, more = sorted((data.draw(st.integers(0, 2000)), data.draw(st.integers(0, 2000))))
        bad, good = delayed(more, n), delayed(fewer, n)
    claims = [claim(one, light, weigh(one, a_row, {}, START).evidence) for a_row in (bad, good)]
    assert BADNESS[claims[0]] >= BADNESS[claims[1]]


@given(rules(), st.integers(1, 60), st.data())
def test_no_evidence_is_firmly_bad_and_recovered_at_once(one: Rule, n: int, data: st.DataObject) -> None:
    a_row = (
        late(data.draw(st.integers(0, n)), n) if is_punctuality(one) else delayed(data.draw(st.integers(0, 2000)), n)
    )
    evidence, limits = weigh(one, a_row, {}, START).evidence, one.thresholds
    assert not (firmly_beyond(one, evidence, limits.red) and at_least(one, evidence, limits.recover_red))
    assert not (firmly_beyond(one, evidence, limits.amber) and at_least(one, evidence, limits.recover_amber))


@given(rules(), st.binary(min_size=60, max_size=60), st.sampled_from([GREEN, AMBER, GREY]))
def test_evidence_that_stays_bad_is_not_talked_away_by_swinging(one: Rule, swings: bytes, light: Light) -> None:
    """Each row is firmly beyond amber, some are beyond red: after twice `for` and the dwell the light says so."""
    red, amber = (late(0, 40), late(28, 50)) if is_punctuality(one) else (delayed(2000, 40), delayed(600, 40))
    one = rule(one, min_n=1, max_age=None, **({"confidence": 0.9} if one.confidence else {}))
    state = LightState(light=light, since_at=START - HOUR, last_transition_at=START - HOUR, rule_version=one.version)
    for number, swing in enumerate(swings):
        measures = (red if swing % 2 else amber).measures
        a_row = KpiRow("route", "JFK-LAX", "24h", START + 10 * number * MINUTE, 0, START, 1, measures)
        state, _ = evaluate(one, a_row, {}, state, START)
        if a_row.at - START > max(2 * one.hold, one.dwell) + 20 * MINUTE:
            assert state.light in (AMBER, RED)


@given(rules(), st.sampled_from([AMBER, RED]))
def test_no_light_is_stuck_once_all_is_well(one: Rule, light: Light) -> None:
    one = rule(one, min_n=1, max_age=None)
    state = LightState(light=light, since_at=START, last_transition_at=START, rule_version=one.version)
    for number in range(40):
        a_row = late(9, 10, 10 * number * MINUTE) if is_punctuality(one) else delayed(10, 10, 10 * number * MINUTE)
        state, _ = evaluate(one, a_row, {}, state, START)
    assert state.light is GREEN
