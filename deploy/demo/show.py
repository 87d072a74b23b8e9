"""How the demo looks: one line per alert as it arrives, a bar of stream time, the worst routes at the end."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.demo.books import Summary
from deploy.demo.listeners import Received
from deploy.demo.words import Words
from schemas.kpis import KPIS
from schemas.lights import Alert, Evidence, Light

# Colour is never alone: a letter stands beside it, for those who do not see red and green apart.
STYLE = {Light.RED: "bold white on red", Light.AMBER: "black on yellow", Light.GREEN: "black on green"}
GREY = "white on grey37"


def light_tag(light: Light, words: Words) -> Text:
    """A light as a coloured tag with its name."""
    return Text(f" {words.lights[light]:^5} ", STYLE.get(light, GREY))


def evidence_text(evidence: Evidence, words: Words) -> str:
    """ "41.7 % (5 of 12, 23.2 to 62.9 at 90%)" with n and the bounds that decided."""
    kpi = KPIS[evidence.kpi]
    value = words.no_value
    if evidence.value is not None:
        value = f"{evidence.value:.1f} {kpi.unit}{words.mark(evidence.modelled)}"
    counted = f"n {evidence.n}"
    if kpi.kind == "proportion":
        counted = words.counted.format(met=evidence.numerator, of=evidence.denominator)
    if evidence.lower is not None and evidence.upper is not None and evidence.confidence:
        counted += ", " + words.bounds.format(
            lower=evidence.lower, upper=evidence.upper, confidence=100 * evidence.confidence
        )
    return f"{value} ({counted})"


def alert_line(received: Received, words: Words) -> Text:
    """One alert on one line: light, route, KPI with n and bound, US$ per hour, stream time; or what a summary is of."""
    transition = received.alert.transition
    line = light_tag(transition.to_light, words)
    if received.alert.group is not None:
        line.append(f" {summary_line(received.alert, words)}", "bold")
        return line
    line.append(f" {transition.entity:<8}", "bold")
    line.append(f"{words.title(KPIS[transition.evidence.kpi])} {evidence_text(transition.evidence, words)}")
    line.append(f"  US$ {transition.severity.usd_per_hour:,.0f}/h{words.mark(transition.severity.modelled)}", "bold")
    line.append(f"  {words.day_and_time(transition.at)}", "dim")
    return line


def summary_line(alert: Alert, words: Words) -> str:
    """A summary's subject; subjects are ASCII and English, in Spanish it is the beginning of the text."""
    if words.language == "en" or alert.group is None:
        return alert.subject
    stake = f"US$ {alert.group.usd_per_hour:,.0f}/h{words.mark(alert.group.modelled)}"
    return f"{alert.text_es.partition(chr(10))[0]}, {stake} [{alert.stage}]"


def worst_routes(console: Console, received: Sequence[Received], words: Words, most: int = 10) -> None:
    """The routes whose newest alerts leave them worst: most red rules, then most US$ per hour."""
    table = Table(*words.columns, title=words.worst_routes, title_justify="left")
    for route, alerts in _standing(received)[:most]:
        worst = max(alerts, key=lambda a: (a.transition.to_light is Light.RED, a.transition.severity.usd_per_hour))
        lights = Text(" ").join(light_tag(a.transition.to_light, words) for a in alerts)
        evidence = worst.transition.evidence
        money = f"{sum(a.transition.severity.usd_per_hour for a in alerts):,.0f}"
        money += words.mark(any(a.transition.severity.modelled for a in alerts))
        detail = f"{words.title(KPIS[evidence.kpi])} {evidence_text(evidence, words)}"
        table.add_row(route, lights, detail, money, words.day_and_time(worst.transition.at))
    console.print(table)


def _standing(received: Sequence[Received]) -> list[tuple[str, list[Alert]]]:
    """Per route, the newest alert of each rule that left it amber or red; worst route first."""
    newest: dict[tuple[str, str], Alert] = {}
    for item in sorted(received, key=lambda r: r.alert.transition.at):
        if item.alert.transition.scope == "route" and item.alert.group is None:
            newest[item.alert.transition.entity, item.alert.transition.rule] = item.alert
    routes: dict[str, list[Alert]] = {}
    for (route, _rule), alert in newest.items():
        if alert.transition.to_light in (Light.RED, Light.AMBER):
            routes.setdefault(route, []).append(alert)

    def badness(alerts: list[Alert]) -> tuple[int, float]:
        reds = sum(a.transition.to_light is Light.RED for a in alerts)
        return reds, sum(a.transition.severity.usd_per_hour for a in alerts)

    return sorted(routes.items(), key=lambda pair: badness(pair[1]), reverse=True)


def figures(console: Console, summary: Summary, words: Words) -> None:
    """The figures of the run."""
    table = Table(show_header=False, title=words.run, title_justify="left")
    for name, value in summary.figures().items():
        table.add_row(words.figures.get(name, name.replace("_", " ")), "–" if value is None else f"{value:,}")
    console.print(table)
