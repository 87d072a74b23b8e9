"""A backtest as one page for people: plots and words, nothing that is fetched from anywhere."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Final, NamedTuple

from rules import plots
from rules.backtest import Result, Score
from rules.injected import InjectedScore
from rules.injected import words as incident_words
from rules.load import Catalog

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1080px; margin: 2em auto; padding: 0 1em; color: #222 }
h1 { font-size: 1.7em; margin-bottom: 0 } h2 { font-size: 1.2em; margin-top: 2em; border-bottom: 1px solid #ccc }
.headline { font-size: 1.15em; background: #f4f4f4; border-left: 6px solid #d55e00; padding: .6em 1em; margin: .6em 0 }
figure { margin: 1em 0; break-inside: avoid } figure svg { width: 100%; height: auto }
table { border-collapse: collapse; font-size: .88em; width: 100% } td, th { padding: .25em .5em; text-align: right }
td:first-child, th:first-child, td.none { text-align: left } tr { border-bottom: 1px solid #ddd; break-inside: avoid }
pre { white-space: pre-wrap; font-size: .85em } small { color: #555 }
@media print { body { font-size: 11px; margin: 0 } .headline { border-left-color: black } }
"""
TRUTH: Final = (
    "An hour counts as bad if the KPI of the window around it, half of which was still to come, was worse than the"
    " rule's red threshold (late arrivals of routes: so few of at least four flights within twelve hours on time that"
    " chance at 70 % would be rarer than one in ten); an episode is firm if it is at least six hours long and chance"
    " explains none of them. Weak about it: neighbouring hours share nearly all of their flights, an episode begins"
    " before its first late flight, which no light can know, and one flight moves a small route in and out of it."
)


class RuleSet(NamedTuple):
    """What one catalogue did; `name` is where it lies."""

    name: str
    catalog: Catalog
    result: Result
    incidents: InjectedScore | None = None


def page(sets: Sequence[RuleSet], rows: str, first: datetime, until: datetime) -> str:
    """HTML of one or two rule sets on the same rows."""
    main = _main_rule(sets[0])
    parts = [
        f"<h1>What the lights would have shown</h1><p>{first:%-d %B %Y} to {until:%-d %B %Y} (UTC), every row judged"
        " as live.</p>",
        *(_headline(one, len(sets) > 1) for one in sets),
        "<h2>Per rule</h2>",
        _bars(sets),
        *(_scores(one, len(sets) > 1) for one in sets),
        "<h2>How right</h2>",
        _right(sets),
    ]
    if main is not None:
        parts += _of_main(sets, main, first)
    for one in sets:
        if one.incidents is not None:
            parts += ["<h2>Injected incidents</h2>", f"<pre>{escape(incident_words(one.incidents))}</pre>"]
    parts += ["<h2>What counts as true</h2>", f"<p>{escape(TRUTH)}</p>", "<h2>What was run</h2>", _run(sets, rows)]
    title = f"Lights {first:%Y-%m-%d} to {until:%Y-%m-%d}"
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def sentence(score: Score, scope: str) -> str:
    """For example "red 1.2 times per route and month; 77 % of the red hours were bad; …"."""
    said = [f"red {score.reds:.1f} times and told {score.told:.1f} times per {scope} and month"]
    if score.right is not None:
        said.append(f"{100 * score.right:.0f} % of the red hours were bad")
    if score.found is not None:
        when = "" if score.delay_hours is None else f", {score.delay_hours:.1f} h after they began (median)"
        said.append(f"{100 * score.found:.0f} % of {score.episodes} firm episodes found{when}")
    if score.missed_hours is not None and score.false_hours is not None:
        said.append(f"{score.missed_hours:.1f} bad hours missed and {score.false_hours:.1f} red for nothing")
    return "; ".join(said)


def _main_rule(first: RuleSet) -> str | None:
    """The rule whose days and routes are drawn: late arrivals of routes, else the one with most firm episodes."""
    held = first.result.held
    if "on_time_arrival" in held:
        return "on_time_arrival"
    return max(held, key=lambda name: held[name].episodes, default=None)


def _headline(one: RuleSet, named: bool) -> str:
    main = _main_rule(one)
    score = next((score for score in one.result.scores if score.rule == main), None)
    if score is None:
        return '<p class="headline">No rule here is on anything that the rows count.</p>'
    rule = one.catalog.rules[score.rule]
    of = f"{escape(one.name)}, " if named else ""
    return f'<p class="headline"><b>{of}{escape(rule.title.en)}</b>: {sentence(score, rule.scope)}.</p>'


def _bars(sets: Sequence[RuleSet]) -> str:
    by_set = [{score.rule: score for score in one.result.scores if score.measured} for one in sets]
    rules = sorted(set().union(*by_set))
    changes = [[of[rule].changes if rule in of else None for rule in rules] for of in by_set]
    reds = [[of[rule].reds if rule in of else None for rule in rules] for of in by_set]
    unit = "per entity and month"
    panels = [plots.Bars("Changes of the light", unit, changes), plots.Bars("Times red", unit, reds)]
    return _figure(plots.bars_per_rule(rules, [one.name for one in sets], panels))


def _right(sets: Sequence[RuleSet]) -> str:
    points = [
        (score.rule, number, score.right, score.found)
        for number, one in enumerate(sets)
        for score in one.result.scores
        if score.measured and score.right is not None and score.found is not None
    ]
    marks = " Circles: the first rule set; squares: the second." if len(sets) > 1 else ""
    return _figure(
        plots.right_against_found(points), f"A rule that was never red, or had nothing to find, is not here.{marks}"
    )


def _of_main(sets: Sequence[RuleSet], main: str, first: datetime) -> Iterable[str]:
    title = escape(sets[0].catalog.rules[main].title.en)
    having = [one for one in sets if main in one.result.held]
    yield f"<h2>{title}, day by day</h2>"
    for one in having:
        name = f"{title}, {one.name}" if len(sets) > 1 else title
        yield _figure(plots.timeline(one.result.held[main], first, name))
    yield f"<h2>{title}: how late, and where</h2>"
    late = [(one.name, one.result.held[main].delays) for one in having]
    if any(hours for _, hours in late):
        yield _figure(plots.delays(late))
    for one in having:
        yield _figure(plots.worst(one.result.held[main]), escape(one.name) if len(sets) > 1 else "")


_COLUMNS: Final = (
    "rule", "changes", "reds", "told", "red %", "right %", "found %", "firm episodes", "delay h", "missed h", "false h",
)  # fmt: skip
_PRICES: Final = {"missed_usd": "missed US$", "false_usd": "false US$", "messages_usd": "messages US$"}


def _scores(one: RuleSet, named: bool) -> str:
    """Figures per entity and month, prices too where there are any."""
    prices = [name for name in _PRICES if any(_price(score, name) is not None for score in one.result.scores)]
    head = "".join(f"<th>{name}</th>" for name in (*_COLUMNS, *(_PRICES[name] for name in prices)))
    lines = []
    for score in one.result.scores:
        name = f"<td>{escape(score.rule)}</td>"
        if not score.measured:
            across = len(_COLUMNS) + len(prices) - 1
            lines.append(f'{name}<td class="none" colspan="{across}">no data: the rows do not count it</td>')
            continue
        cells = [
            *(f"{value:.2f}" for value in (score.changes, score.reds, score.told, 100 * score.red_share)),
            _cell(score.right, 100), _cell(score.found, 100), str(score.episodes), _cell(score.delay_hours),
            _cell(score.missed_hours), _cell(score.false_hours), *(_cell(_price(score, name)) for name in prices),
        ]  # fmt: skip
        lines.append(name + "".join(f"<td>{cell}</td>" for cell in cells))
    title = f"<p><b>{escape(one.name)}</b></p>" if named else ""
    return f"{title}<table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _price(score: Score, name: str) -> float | None:
    value: float | None = getattr(score, name, None)
    return value


def _cell(value: float | None, scale: float = 1) -> str:
    return "–" if value is None else f"{scale * value:.1f}"


def _run(sets: Sequence[RuleSet], rows: str) -> str:
    said = [f"<p>Rows of <code>{escape(rows)}</code>.</p>"]
    for one in sets:
        versions = ", ".join(f"{rule.id} {rule.version}" for rule in one.catalog.rules.values())
        said.append(
            f"<p>{escape(one.name)}, version {one.catalog.version}: {one.result.shown.rows:,} rows judged,"
            f" {len(one.result.shown.light):,} lights. <small>{escape(versions)}</small></p>"
        )
    return "".join(said)


def _figure(svg: str, caption: str = "") -> str:
    return f"<figure>{svg}" + (f"<figcaption><small>{caption}</small></figcaption>" if caption else "") + "</figure>"
