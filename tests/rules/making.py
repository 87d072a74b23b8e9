"""Rules and rows for tests: a punctuality rule with round numbers, and rows that hold just what a test names."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from rules.pooled_features import RISK_FEATURES
from rules.rule import Rule, Thresholds, Words
from rules.trees import Trees
from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow, Scope, Window

START = datetime(2013, 2, 8, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

PUNCTUALITY = Rule(
    id="on_time_arrival",
    version_number=3,
    kpi_name="on_time_arrival",
    scope="route",
    window="24h",
    thresholds=Thresholds(amber=80, red=70, recover_amber=83, recover_red=73),
    confidence=0.9,
    min_n=8,
    n_of="flights",
    hold=30 * MINUTE,
    dwell=3 * HOUR,
    max_age=15 * MINUTE,
    usd_per_block_minute=74.24,
    audience=("operations",),
    runbook="rules/runbooks/on_time_arrival.md",
    title=Words(en="Late arrivals", es="Llegadas tarde"),
    advice=Words(en="Look", es="Mire"),
)
DELAY = replace(
    PUNCTUALITY,
    id="mean_arrival_delay",
    kpi_name="mean_arrival_delay",
    thresholds=Thresholds(amber=10, red=20, recover_amber=8, recover_red=17),
    confidence=None,
    n_of="arrivals",
)


def rule(base: Rule = PUNCTUALITY, **changes: Any) -> Rule:
    """A rule with some fields changed; thresholds by name."""
    limits = {name: changes.pop(name) for name in ("amber", "red", "recover_amber", "recover_red") if name in changes}
    return replace(base, thresholds=replace(base.thresholds, **limits), **changes)


def row(
    after: timedelta = timedelta(),
    *,
    revision: int = 0,
    ingested_after: timedelta | None = None,
    scope: Scope = "route",
    window: Window = "24h",
    **measures: int,
) -> KpiRow:
    """The row of JFK-LAX that long after START; it reached Kafka at its `at` unless said otherwise."""
    ingested_at = START + (after if ingested_after is None else ingested_after)
    return KpiRow(scope, "JFK-LAX", window, START + after, revision, ingested_at, 1, filled(measures).measures)


def filled(measures: Mapping[str, int]) -> KpiRow:
    """The row of JFK-LAX at START with these measures."""
    assert measures.keys() <= set(MEASURE_NAMES)
    values = tuple(measures.get(name, 0) for name in MEASURE_NAMES)
    return KpiRow("route", "JFK-LAX", "24h", START, 0, START, 1, values)


def late(on_time: int, flights: int, after: timedelta = timedelta(), **more: Any) -> KpiRow:
    """A row with so many of so many flights on time."""
    return row(after, flights=flights, arrivals_on_time=on_time, **more)


def delayed(minutes: int, arrivals: int, after: timedelta = timedelta(), **more: Any) -> KpiRow:
    """A row whose arrivals were late by so many minutes in all."""
    return row(after, arrivals=arrivals, arrival_delay_minutes=minutes, **more)


def stumps(*of: tuple[str, float, float, float], intercept: float = 0.0) -> Trees:
    """A tree each: log odds `low` where a feature of the risk is at most a threshold, else `high`."""
    split: list[int] = []
    at: list[float] = []
    for name, threshold, low, high in of:
        split += [RISK_FEATURES.index(name), -1, -1]
        at += [threshold, low, high]
    roots = tuple(range(0, len(split), 3))
    right = tuple(number + 2 if number % 3 == 0 else 0 for number in range(len(split)))
    return Trees(intercept, roots, tuple(split), tuple(at), right)
