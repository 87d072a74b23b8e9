"""The list: complete, within what CloudWatch takes, each alarm with its page and its runbook; and what it raises."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.watch.alarm import RUNBOOKS, Alarm, Increase, Metric, Ratio
from deploy.watch.alarms import ALARMS, BUDGET_RUNBOOK, DEPLOYING, PAGES
from deploy.watch.board import SUPPRESSOR_EXTENSION_SECONDS, Board, Change
from deploy.watch.evaluate import COMPARE, evaluation_range
from deploy.watch.figures import Figures
from deploy.watch.rule import alarms_of, holds
from schemas.metrics import METRICS, NAMESPACE

ROOT = Path(__file__).parents[3]
NAMES = {
    "stage": "demo",
    "account": "1",
    "region": "r",
    "partition": "aws",
    "app_load_balancer": "app/x",
    "app_target_group": "y",
}
OPERATIONS = (
    *("broker-loss", "zone-loss", "poison-flood", "replay-after-a-bug", "rule-rollback", "schema-change"),
    *("restore-from-savepoint", "restore-tables", "region-move"),
)
START = 1_700_000_000 // 86_400 * 86_400.0


def sections(page: str) -> set[str]:
    """The headings of a page of runbooks, as links name them."""
    return set(re.findall(r"^## ([\w-]+)$", (ROOT / RUNBOOKS / f"{page}.md").read_text(encoding="utf-8"), re.MULTILINE))


def test_every_alarm_has_its_runbook_and_every_section_its_alarm() -> None:
    wanted = {alarm.runbook for alarm in ALARMS.values()} | {BUDGET_RUNBOOK}
    wanted |= {f"{RUNBOOKS}/operations.md#{name}" for name in OPERATIONS}
    pages = [path.stem for path in (ROOT / RUNBOOKS).glob("*.md")]
    assert {f"{RUNBOOKS}/{page}.md#{name}" for page in pages for name in sections(page)} == wanted


def test_a_section_says_what_it_means_and_what_to_do() -> None:
    for path in (ROOT / RUNBOOKS).glob("*.md"):
        for section in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            assert len(section.split()) > 30, f"{path.name}: {section.split()[0]}"


def test_every_alarm_pages_once() -> None:
    raising = Counter(
        name
        for paging in PAGES.values()
        for name in alarms_of(re.sub(r'NOT (\([^()]*\)|ALARM\("[^"]*"\))', "", paging.rule))
        if name in ALARMS
    )
    assert set(ALARMS) - set(raising) == {DEPLOYING.name}
    assert set(raising.values()) == {1}


def test_a_page_looks_only_at_pages_before_it() -> None:
    known = set(ALARMS)
    for name, paging in PAGES.items():
        assert set(alarms_of(paging.rule)) <= known
        known.add(name)
        assert holds(paging.rule, dict.fromkeys(known, "OK")) is False
        assert len(paging.rule) < 9_000, "CloudWatch takes 10,240 characters, with our longer names"
        assert len(alarms_of(paging.rule)) <= 100


def test_cloudwatch_takes_them() -> None:
    for alarm in ALARMS.values():
        assert 1 <= alarm.breaching <= alarm.periods, alarm.name
        assert alarm.period_seconds in (10, 20, 30) or alarm.period_seconds % 60 == 0, alarm.name
        longest = 7 * 86_400 if alarm.period_seconds >= 3_600 else 86_400
        assert alarm.period_seconds * alarm.periods <= longest, alarm.name
        assert len(alarm.reason) > 16, alarm.name
        for metric in alarm.metrics:
            assert len(metric.dimensions) <= 30, alarm.name
            sees = 3 * 3_600 if metric.across else longest  # Metrics Insights sees three hours
            assert alarm.period_seconds * alarm.periods <= sees, alarm.name


def test_our_own_metrics_are_in_their_list_with_their_dimensions() -> None:
    for alarm in ALARMS.values():
        for metric in alarm.metrics:
            if metric.namespace == NAMESPACE:
                assert set(metric.dimensions) == {"stage", *METRICS[metric.name].dimensions}


def put(figures: Figures, alarm: Alarm, at: float, figure: float) -> None:
    """Measurements that make `figure` the alarm's of the period that begins at `at`."""
    signal = alarm.signal.filled(NAMES)
    match signal:
        case Metric():
            figures.put(signal.namespace, signal.name, signal.dimensions, at, figure)
        case Ratio(top, bottom, scale):
            figures.put(bottom.namespace, bottom.name, bottom.dimensions, at, 1_000)
            figures.put(top.namespace, top.name, top.dimensions, at, figure * 1_000 / scale)
        case Increase(counter):
            known = figures.points(counter, alarm.period_seconds, at, 1)[0] or 0
            figures.put(counter.namespace, counter.name, counter.dimensions, at, known + figure)


def beyond(alarm: Alarm) -> tuple[float, float]:
    """A figure that is within the threshold and one that is not."""
    step = max(abs(alarm.threshold) * 0.01, 0.01)
    below, above = alarm.threshold - step, alarm.threshold + step
    return (below, above) if COMPARE[alarm.comparison](above, alarm.threshold) else (above, below)


@pytest.mark.parametrize("alarm", ALARMS.values(), ids=lambda alarm: alarm.name)
def test_each_is_raised_beyond_its_threshold_and_is_over_again(alarm: Alarm) -> None:
    good, bad = beyond(alarm)
    board, figures, seconds = Board(NAMES, {alarm.name: alarm}), Figures(10**9), alarm.period_seconds
    now = START
    told: list[Change] = []

    def after(count: int, figure: float) -> str:
        nonlocal now
        for _ in range(count):
            put(figures, alarm, now, figure)
            now += seconds
            told.extend(board.look(figures, now + 1))
            told.extend(board.look(figures, now + 12))
        return board.states[alarm.name]

    assert after(evaluation_range(alarm), good) == "OK"
    if alarm.breaching > 1:
        assert after(alarm.breaching - 1, bad) == "OK", "one fewer than it takes"
    assert after(1, bad) == "ALARM"
    assert after(alarm.periods, good) == "OK"
    if alarm is DEPLOYING or "latency-burn" in alarm.name:
        return  # the one pages nobody; the others page in pairs, below
    assert [change.state for change in told] == ["ALARM", "OK"], "a message, and one that it is over"
    assert told[0].causes == (alarm,)


def board_with(*names: str) -> tuple[Board, Figures]:
    return Board(NAMES, {name: ALARMS[name] for name in (*names, DEPLOYING.name)}), Figures()


def told_after(board: Board, figures: Figures, figures_by_alarm: Mapping[str, float], start: float) -> list[Change]:
    for name, figure in figures_by_alarm.items():
        put(figures, ALARMS[name], start, figure)
    return [change for later in (61, 75) for change in board.look(figures, start + later)]


def test_one_cause_pages_once() -> None:
    """A partition without a leader stops the job: what is told is the brokers."""
    board, figures = board_with("brokers-offline-partitions", "brokers-under-replicated-1", "job-down")
    bad = {"brokers-offline-partitions": 2, "brokers-under-replicated-1": 4, "job-down": 90_000}
    assert [change.page.name for change in told_after(board, figures, bad, START)] == ["page-brokers"]
    assert board.states["job-down"] == "ALARM", "raised, and told by nobody"
    healed = {"brokers-offline-partitions": 0, "brokers-under-replicated-1": 0, "job-down": 90_000}
    told = told_after(board, figures, healed, START + 60)
    assert {(change.page.name, change.state) for change in told} == {("page-brokers", "OK"), ("page-kpi-job", "ALARM")}


def test_a_deployment_pages_nobody_and_what_it_leaves_behind_does() -> None:
    board, figures = board_with("job-down")
    figures_now = {"job-down": 90_000, DEPLOYING.name: 1}
    assert told_after(board, figures, figures_now, START) == []
    for minute in range(1, SUPPRESSOR_EXTENSION_SECONDS // 60):
        still = {"job-down": 90_000.0, DEPLOYING.name: 0}
        assert told_after(board, figures, still, START + 60 * minute) == []
    later = told_after(board, figures, {"job-down": 90_000}, START + SUPPRESSOR_EXTENSION_SECONDS + 60)
    assert [change.page.name for change in later] == ["page-kpi-job"]


def test_what_was_before_anybody_looked_is_no_dead_man() -> None:
    """Five minutes without an invocation raise it; they are counted from when the watch began, and two more."""
    gone = ALARMS["sweeper-gone"]
    board, figures = Board(NAMES, {gone.name: gone}, since=START), Figures()
    told = [board.look(figures, START + 60 * minute + 1) for minute in range(8)]
    assert told == [[]] * 8
    assert board.states[gone.name] == "INSUFFICIENT_DATA"
    assert [board.look(figures, START + 481), board.look(figures, START + 495)][1][0].causes == (gone,)


def test_slow_notifications_page_only_while_it_goes_on() -> None:
    """1 % may be slow. 15 % of an hour's is 15 times that: a page, unless the last five minutes are well."""
    board, figures = board_with("latency-burn-1h", "latency-burn-5m")
    hour = ALARMS["latency-burn-1h"]
    put(figures, hour, START, 15)
    told = [change for later in (1, 12) for change in board.look(figures, START + 3_600 + later)]
    assert board.states["latency-burn-1h"] == "ALARM"
    assert told == [], "it happened at the hour's beginning"
    put(figures, ALARMS["latency-burn-5m"], START + 3_600, 15)
    put(figures, hour, START + 3_660, 15)
    told = [change for later in (1, 12) for change in board.look(figures, START + 3_900 + later)]
    assert [change.page.name for change in told] == ["page-notifications"]
