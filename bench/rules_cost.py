"""What a catalogue costs a batch of rows: ten rules, the same with 990 overrides, and both by a plain loop over all.

Each override is a rule of its own for somebody: other thresholds for a route, an airport, a stage length, a season, and
combinations. The index must not pay for those that are not about a row's entity. All decide the same, or no time
counts.
"""

import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import typer
from msgspec.structs import replace

from rules.evaluate import evaluate
from rules.load import Catalog
from rules.rule import Override, Rule, Thresholds, Words
from rules.season import HIGH_SEASONS
from rules.selector import Selector
from schemas.lights import LightState
from schemas.measures import MEASURE_NAMES
from schemas.rows import SCOPES, WINDOWS_OF_SCOPE, KpiRow, Scope

ROWS: Final = 10_000
FEW: Final = 10
MANY: Final = 1_000
MOST_GROWTH: Final = 4.0
"""A hundred times the rules may cost so many times as much, judging included …"""
LEAST_GAIN: Final = 10.0
"""… and must be found in so many times less than by trying each on each row. Judging is the same work both ways."""
ROUNDS: Final = 3
AIRPORTS: Final = 40
_START: Final = datetime(2026, 7, 14, tzinfo=UTC)

RulesFor = Callable[[KpiRow], Iterable[Rule]]


class Measured(NamedTuple):
    """CPU seconds for all rows, the best of the rounds: to find the rules, and to judge by them too; every light."""

    finding: float
    judging: float
    decided: list[tuple[str, LightState]]


def rules(
    rows: int = typer.Option(ROWS, min=1, help="Rows of routes, airports and carriers, all windows."),
    seed: int = typer.Option(1, help="Of rows and overrides."),
) -> None:
    """CPU of judging 10,000 rows by 10 and by 1,000 rules, indexed and by a plain loop.

    Exit 1 if their lights differ, the whole costs over 4 times as much with 1,000 rules as with 10, or they are found
    in less than 10 times less than by the loop.
    """
    batch = list(made_up_rows(rows, seed))
    few, many = made_up_rules(FEW, seed), made_up_rules(MANY, seed)
    indexed_few = measure(batch, Catalog(few).rules_for)
    indexed = measure(batch, Catalog(many).rules_for)
    plain = measure(batch, plain_loop(many))
    typer.echo(f"{len(batch):,} rows, CPU seconds, best of {ROUNDS}")
    for words, found in ((f"{FEW} rules", indexed_few), (f"{MANY:,} rules", indexed), (f"{MANY:,}, plain", plain)):
        seconds = f"{found.finding:8.4f} to find, {found.judging:6.3f} with judging"
        typer.echo(f"  {words:<14} {seconds}, {len(found.decided):,} lights")
    growth, gain = indexed.judging / indexed_few.judging, plain.finding / indexed.finding
    typer.echo(
        f"{MANY // FEW} times the rules cost x {growth:.2f} (at most {MOST_GROWTH:g}); the plain loop costs"
        f" x {gain:.1f} to find them (at least {LEAST_GAIN:g}), x {plain.judging / indexed.judging:.1f} with judging"
    )
    failures = [
        *(["the plain loop decides otherwise"] if indexed.decided != plain.decided else []),
        *(["the cost grows too fast"] if growth > MOST_GROWTH else []),
        *(["they are found too slowly"] if gain < LEAST_GAIN else []),
    ]
    for failure in failures:
        typer.echo(f"rules: {failure}", err=True)
    if failures:
        sys.exit(1)


def plain_loop(all_rules: list[Rule]) -> RulesFor:
    """Each rule and each override is tried on each row; of those that match, the heaviest of each rule counts."""
    flat = [(replace(rule, overrides=()), Selector(), 0) for rule in all_rules]
    flat += [(one.rule, one.selector, one.weight) for rule in all_rules for one in rule.overrides]

    def rules_for(row: KpiRow) -> Iterable[Rule]:
        best: dict[str, tuple[int, Rule]] = {}
        for rule, selector, weight in flat:
            if rule.scope == row.scope and rule.window == row.window and selector.matches(row):
                known = best.get(rule.id)
                if known is None or weight > known[0]:
                    best[rule.id] = weight, rule
        return [rule for _, rule in best.values()]

    return rules_for


def measure(rows: list[KpiRow], rules_for: RulesFor) -> Measured:
    """Judge the rows in order, each rule on each entity with its own state. CPU time, for the machine is shared."""
    finding = judging = float("inf")
    decided: list[tuple[str, LightState]] = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for row in rows:
            rules_for(row)
        finding = min(finding, time.process_time() - started)
        states: dict[tuple[str, str], LightState] = {}
        decided = []
        started = time.process_time()
        for row in rows:
            for rule in rules_for(row):
                key = rule.id, row.entity
                states[key], _transition = evaluate(rule, row, {}, states.get(key, _NEW), row.at)
                decided.append((rule.id, states[key]))
        judging = min(judging, time.process_time() - started)
    return Measured(finding, judging, decided)


def made_up_rows(count: int, seed: int) -> Iterator[KpiRow]:
    """Rows over two weeks, into a high season, in turn of every scope and window."""
    luck = random.Random(seed)
    kinds = [(scope, window) for scope in SCOPES for window in WINDOWS_OF_SCOPE[scope]]
    for number in range(count):
        scope, window = kinds[number % len(kinds)]
        flights, km = luck.randint(5, 40), luck.choice((400, 900, 2200, 5000))
        given = {"flights": flights, "arrivals_on_time": luck.randint(0, flights), "operated": flights}
        given |= {"seats": flights * 150, "seat_km": flights * 150 * km}
        at = _START + timedelta(minutes=2 * number)
        measures = tuple(given.get(name, 0) for name in MEASURE_NAMES)
        yield KpiRow(scope, _entity(scope, luck), window, at, 0, at, flights, measures)


def made_up_rules(count: int, seed: int) -> list[Rule]:
    """Ten rules (all scopes, in turn) and so many overrides that they are `count` sets of thresholds."""
    luck = random.Random(seed)
    kinds = [(scope, window) for scope in SCOPES for window in WINDOWS_OF_SCOPE[scope]]
    found = []
    for number in range(FEW):
        scope, window = kinds[number % len(kinds)]
        plain = replace(_RULE, id=f"rule_{number}", scope=scope, window=window)
        wanted = (count - FEW + number) // FEW
        found.append(replace(plain, overrides=tuple(_overrides(plain, wanted, luck))))
    return found


def _overrides(rule: Rule, count: int, luck: random.Random) -> Iterator[Override]:
    """Distinct ones, so that no two of equal weight are for one row."""
    for number in range(count):
        amber = 60 + luck.randrange(20)
        limits = Thresholds(amber=amber, red=amber - 10, recover_amber=amber + 3, recover_red=amber - 7)
        selector = _selector(rule.scope, number)
        yield Override(selector, replace(rule, thresholds=limits, where=selector.words))


def _selector(scope: Scope, number: int) -> Selector:
    season = tuple(HIGH_SEASONS)[number % 3]
    if scope == "carrier":
        return Selector(carriers=(_carrier(number // 3),), seasons=(season,))
    if scope == "airport":
        return Selector(airports=(_airport(number // 3),), seasons=(season,))
    if number < 2:
        return (Selector(stage_km=(0, 700)), Selector(seasons=("summer",)))[number]
    # Every fourth for the season alone, beside one for the same route all year.
    route = _route(number - number % 4 if number % 4 == 3 else number)
    return Selector(routes=(route,), seasons=(season,) if number % 4 == 3 else ())


def _entity(scope: Scope, luck: random.Random) -> str:
    if scope == "carrier":
        return _carrier(luck.randrange(AIRPORTS))
    return _airport(luck.randrange(AIRPORTS)) if scope == "airport" else _route(luck.randrange(AIRPORTS * AIRPORTS))


def _airport(number: int) -> str:
    return f"{chr(65 + number // 26 % 26)}{chr(65 + number % 26)}X"


def _carrier(number: int) -> str:
    return f"{chr(65 + number // 26 % 26)}{chr(65 + number % 26)}"


def _route(number: int) -> str:
    origin = number % AIRPORTS
    return f"{_airport(origin)}-{_airport(origin + 1 + number // AIRPORTS % (AIRPORTS - 1))}"


_NEW: Final = LightState()
_RULE: Final = Rule(
    id="rule",
    version_number=1,
    kpi_name="on_time_arrival",
    scope="route",
    window="24h",
    thresholds=Thresholds(amber=80, red=70, recover_amber=83, recover_red=73),
    confidence=0.95,
    min_n=5,
    n_of="flights",
    hold=timedelta(hours=1),
    dwell=timedelta(hours=6),
    max_age=timedelta(minutes=15),
    usd_per_block_minute=74.24,
    audience=("operations",),
    runbook="rules/runbooks/on_time_arrival.md",
    title=Words(en="Late arrivals", es="Llegadas tarde"),
    advice=Words(en="Look", es="Mire"),
)
