"""How the demo looks: one line per alert as it arrives, a bar of stream time, the worst routes at the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.demo.books import Summary
from deploy.demo.listeners import Received
from schemas.kpis import KPIS
from schemas.lights import Alert, Evidence, Light

# Colour is never alone: a letter stands beside it, for those who do not see red and green apart.
STYLE = {Light.RED: "bold white on red", Light.AMBER: "black on yellow", Light.GREEN: "black on green"}
GREY = "white on grey37"


def light_tag(light: Light) -> Text:
    """A light as a coloured tag with its name."""
    return Text(f" {light:^5} ", STYLE.get(light, GREY))


def mark(modelled: bool) -> str:
    """What stands behind a number that rests on a model, in whole or in part."""
    return " (modelled)" if modelled else ""


def evidence_text(evidence: Evidence) -> str:
    """ "41.7 % (5 of 12, ≤ 60.2 at 90 %)" with n and the bound that decided."""
    kpi = KPIS[evidence.kpi]
    value = "no value" if evidence.value is None else f"{evidence.value:.1f} {kpi.unit}{mark(evidence.modelled)}"
    counted = f"{evidence.numerator} of {evidence.denominator}" if kpi.kind == "proportion" else f"n {evidence.n}"
    bound = ""
    if evidence.lower is not None and evidence.upper is not None and evidence.confidence:
        bound = f", {evidence.lower:.1f} to {evidence.upper:.1f} at {evidence.confidence:.0%}"
    return f"{value} ({counted}{bound})"


def alert_line(received: Received) -> Text:
    """One alert on one line: light, route, KPI with n and bound, US$ per hour, stream time; a summary's subject."""
    transition = received.alert.transition
    line = light_tag(transition.to_light)
    if received.alert.group is not None:
        line.append(f" {received.alert.subject}", "bold")
        return line
    line.append(f" {transition.entity:<8}", "bold")
    line.append(f"{KPIS[transition.evidence.kpi].title} {evidence_text(transition.evidence)}")
    line.append(f"  US$ {transition.severity.usd_per_hour:,.0f}/h{mark(transition.severity.modelled)}", "bold")
    line.append(f"  {transition.at:%d %b %H:%MZ}", "dim")
    return line


def worst_routes(console: Console, received: Sequence[Received], most: int = 10) -> None:
    """The routes whose newest alerts leave them worst: most red rules, then most US$ per hour."""
    columns = ("route", "lights", "worst KPI", "US$/h", "since")
    table = Table(*columns, title="The ten worst routes at the end", title_justify="left")
    for route, alerts in _standing(received)[:most]:
        worst = max(alerts, key=lambda a: (a.transition.to_light is Light.RED, a.transition.severity.usd_per_hour))
        lights = Text(" ").join(light_tag(a.transition.to_light) for a in alerts)
        evidence = worst.transition.evidence
        money = f"{sum(a.transition.severity.usd_per_hour for a in alerts):,.0f}"
        money += mark(any(a.transition.severity.modelled for a in alerts))
        detail = f"{KPIS[evidence.kpi].title} {evidence_text(evidence)}"
        table.add_row(route, lights, detail, money, f"{worst.transition.at:%d %b %H:%MZ}")
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


def figures(console: Console, summary: Summary) -> None:
    """The figures of the run."""
    table = Table(show_header=False, title="The run", title_justify="left")
    for name, value in summary.figures().items():
        table.add_row(name.replace("_", " "), "–" if value is None else f"{value:,}")
    console.print(table)


def stream_time(instant: datetime | None) -> str:
    """Stream time for the bar."""
    return f"{instant:%d %b %Y %H:%MZ}" if instant else "starting"
