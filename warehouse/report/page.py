"""The figures of a day as one page: plots and words, nothing that is fetched from anywhere, A4 when printed."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from typing import Any, Final

from warehouse.report import plots
from warehouse.report.figures import Figures
from warehouse.report.words import Words

_STYLE: Final = """
@page { size: A4; margin: 14mm 12mm }
body { font: 14px/1.45 system-ui, sans-serif; max-width: 960px; margin: 1.5em auto; padding: 0 1em; color: #222 }
h1 { font-size: 1.6em; margin: 0 0 .3em } h2 { font-size: 1.15em; margin: 1.6em 0 .4em; border-bottom: 1px solid #bbb }
h2, h3 { break-after: avoid } .cards { display: grid; grid-template-columns: repeat(4, 1fr); gap: .6em; margin: .8em 0 }
.card { border: 1px solid #ccc; border-left: 5px solid #0072b2; padding: .4em .8em; min-width: 0 }
.card b { font-size: 1.45em; display: block } .card small, small, .note { color: #555 } .note { font-size: .86em }
.pair { display: flex; gap: 1.2em; break-inside: avoid } .pair > div { flex: 1; min-width: 0 }
svg { width: 100%; height: auto } .scroll { overflow-x: auto }
table { border-collapse: collapse; font-size: .88em; width: 100% } thead { display: table-header-group }
td, th { padding: .22em .5em; text-align: right; vertical-align: top } th { border-bottom: 1px solid #888 }
td.text, th.text { text-align: left; overflow-wrap: anywhere }
tr { border-bottom: 1px solid #e2e2e2; break-inside: avoid }
.light { display: inline-block; padding: 0 .5em; margin: 0 .2em .1em 0; border-radius: .6em; border: 1px solid #555 }
.RED { background: #d55e00; color: white } .AMBER { background: #f0c419; color: #222 } .GREEN { background: #cfe8dd }
.GREY { background: #ddd } .unusual { font-weight: bold; color: #b04a00 }
@media (max-width: 640px) { .pair { flex-direction: column } .cards { grid-template-columns: 1fr 1fr } }
@media print {
  body { font-size: 10px; margin: 0; padding: 0; max-width: none; print-color-adjust: exact }
  .scroll { overflow: visible } .page { break-before: page }
}
"""
_MOST_ALERTS: Final = 60


def page(figures: Figures, words: Words) -> str:
    """HTML of a day."""
    title = escape(words.title.format(day=f"{figures.day:%Y-%m-%d}"))
    parts = [f"<h1>{title}</h1>", *_network(figures, words), *_anomalies(figures, words), *_alerts(figures, words)]
    parts += [*_routes(figures, words), *_quality(figures, words)]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    return (
        f'<!doctype html>\n<html lang="{words.language}"><head>{head}<style>{_STYLE}</style></head>'
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _network(figures: Figures, words: Words) -> Iterator[str]:
    of_day, names = figures.network, words.figures
    yield f"<h2>{words.headings['network']}</h2>"
    if figures.open_flights:
        yield f'<p class="note">{words.still_open.format(count=f"{figures.open_flights:,}")}</p>'
    flights = of_day["flights"]
    if not flights:
        yield f"<p>{words.no_flights}</p>"
        return
    money = words.modelled if of_day["money_modelled_flights"] else ""
    traffic = words.modelled if of_day["traffic_modelled_flights"] else ""
    profit = of_day["revenue_usd_cents"] - of_day["cost_usd_cents"]
    cards = [
        _share_card(names["on_time_arrival_pct"], of_day["arrivals_on_time"], flights, words),
        _share_card(names["on_time_departure_pct"], of_day["departures_on_time"], of_day["departures"], words),
        _share_card(names["completion_pct"], flights - of_day["cancelled"], flights, words),
        _share_card(names["load_factor_pct"], of_day["passenger_km"], of_day["seat_km"], words, traffic, "pkm/skm"),
        _card(names["revenue"], f"{of_day['revenue_usd_cents'] / 100:,.0f}", money),
        _card(names["cost"], f"{of_day['cost_usd_cents'] / 100:,.0f}", money),
        _card(names["margin"], _number(_percent(profit, of_day["revenue_usd_cents"]), words), money),
        _card(names["compensation"], f"{of_day['compensation_usd_cents'] / 100:,.0f}", money),
    ]
    yield f'<div class="cards">{"".join(cards)}</div>'
    if money or traffic:
        yield f'<p class="note">{words.modelled_note}</p>'
    yield '<div class="pair">'
    if any(row["delay_minutes"] for row in figures.causes):
        yield f"<div><h3>{words.headings['causes']}</h3>{plots.by_cause(figures.causes, words)}</div>"
    if any(row["departures"] for row in figures.hours):
        yield f"<div><h3>{words.headings['hours']}</h3>{plots.by_hour(figures.hours, words)}</div>"
    yield "</div>"


def _share_card(name: str, met: int, of: int, words: Words, mark: str = "", unit: str = "") -> str:
    counted = words.of.format(met=f"{met:,}", of=f"{of:,}")
    return _card(name, _number(_percent(met, of), words), f"{counted} {unit} {mark}".strip())


def _card(name: str, value: str, note: str) -> str:
    return f'<div class="card"><small>{name}</small><b>{value}</b><small>{note}</small></div>'


def _anomalies(figures: Figures, words: Words) -> Iterator[str]:
    yield f"<h2>{words.headings['anomalies']}</h2>"
    lines = []
    for one in figures.anomalies:
        mark = f'<span class="unusual">{words.unusual}</span>' if one.is_unusual else ""
        away = "–" if one.away is None else f"{one.away:+.1f}"
        digits = 0 if one.figure == "flights" else 1
        cells = [_number(value, words, digits) for value in (one.value, one.median, one.mad)]
        lines.append([words.figures[one.figure], *cells, str(one.n), away, mark])
    yield _table(["figure", "value", "median", "mad", "n", "away", ""], lines, words, text={0, 6})
    yield f'<p class="note">{words.anomaly_note}</p>'


def _alerts(figures: Figures, words: Words) -> Iterator[str]:
    yield f"<h2>{words.headings['alerts']}</h2>"
    if figures.alerts is None or not figures.alerts:
        yield f"<p>{words.not_known if figures.alerts is None else words.none}</p>"
    else:
        lines = [
            [
                _light(one["light"], words), escape(one["entity"]), escape(one["rule"]), _at(one["true_at"]),
                _at(one["true_until"]), _evidence(one, words),
                _money(one["usd_per_hour"]) + (f" ({words.modelled})" if one["modelled"] else ""),
                _at(one["sent_at"]) if one["sent_at"] else escape(str(one["decision"] or "–")),
            ]
            for one in figures.alerts[:_MOST_ALERTS]
        ]  # fmt: skip
        columns = ["light", "entity", "rule", "from", "until", "evidence", "stake", "told"]
        yield _table(columns, lines, words, text={0, 1, 2, 7})
        if len(figures.alerts) > _MOST_ALERTS:
            yield f'<p class="note">{words.more.format(count=len(figures.alerts) - _MOST_ALERTS)}</p>'
    yield f"<h3>{words.headings['alert_quality']}</h3>"
    if not figures.alert_quality:
        yield f"<p>{words.not_known if figures.alert_quality is None else words.none}</p>"
        return
    lines = [
        [escape(one["rule"]), str(one["reds"]), str(one["told"]), _number(one["mean_hours"], words),
         words.of.format(met=one["confirmed"], of=one["judged"]) if one["judged"] else words.not_known]
        for one in figures.alert_quality
    ]  # fmt: skip
    yield _table(["rule", "reds", "told", "hours", "confirmed"], lines, words, text={0})
    yield f'<p class="note">{words.alert_note}</p>'


def _routes(figures: Figures, words: Words) -> Iterator[str]:
    yield f'<h2 class="page">{words.headings["routes"]}</h2>'
    if not figures.routes:
        yield f"<p>{words.none}</p>"
        return
    lines = []
    for one in sorted(figures.routes, key=lambda row: (row["on_time_arrival_pct"], -row["flights"], row["route"])):
        if figures.lights is None:
            lights = words.not_known
        else:
            of_route = figures.lights.get(one["route"], [])
            lights = "".join(_light(light, words, rule) for light, rule in of_route)
        lines.append([
            escape(one["route"]), f"{one['flights']:,}", f"{one['arrivals_on_time']:,}",
            _number(one["on_time_arrival_pct"], words), f"{one['cancelled']:,}",
            _in_table(one["mean_arrival_delay_minutes"]), _in_table(one["load_factor_pct"]),
            _in_table(one["margin_pct"]) + ("*" if one["money_modelled_flights"] else ""), lights,
        ])  # fmt: skip
    columns = ["route", "flights", "on_time", "share", "cancelled", "delay", "load", "margin", "lights"]
    yield _table(columns, lines, words, text={0, 8})
    if figures.network["money_modelled_flights"]:
        yield f'<p class="note">* {words.modelled_note}</p>'


def _quality(figures: Figures, words: Words) -> Iterator[str]:
    found, names = figures.quality, words.figures
    yield f"<h2>{words.headings['quality']}</h2>"
    counts = [(names[name], _count(getattr(found, name), words)) for name in ("events", "late", "dead_letters")]
    counts.append((names["duplicates"], _count(found.duplicates, words)))
    newest = words.not_known if found.newest_event_at is None else f"{found.newest_event_at:%Y-%m-%d %H:%M:%S} UTC"
    counts.append((names["fresh"], newest))
    yield _table(["figure", "value"], [list(pair) for pair in counts], words, text={0})
    if found.dead_letter_reasons:
        reasons = [[escape(reason), f"{count:,}"] for reason, count in found.dead_letter_reasons]
        yield _table(["reason", "n"], reasons, words, text={0})
    if found.topics is None:
        yield f"<p>{words.columns['offsets']}: {words.not_known}</p>"
    else:
        lines = [
            [escape(one.topic), str(one.partitions), f"{one.offsets:,}", f"{one.missing:,}", f"{one.repeated:,}",
             f"{one.undecodable:,}", _at(one.newest_appended_at, "%Y-%m-%d %H:%M")]
            for one in found.topics
        ]  # fmt: skip
        columns = ["topic", "partitions", "offsets", "missing", "repeated", "undecodable", "newest"]
        yield _table(columns, lines, words, text={0})
    yield f'<p class="note">{words.quality_note}</p>'


def _table(columns: Sequence[str], lines: Sequence[Sequence[str]], words: Words, text: set[int]) -> str:
    kind = [' class="text"' if place in text else "" for place in range(len(columns))]
    head = "".join(f"<th{kind[i]}>{words.columns.get(name, '')}</th>" for i, name in enumerate(columns))
    body = "".join(
        "<tr>" + "".join(f"<td{kind[i]}>{cell}</td>" for i, cell in enumerate(line)) + "</tr>" for line in lines
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _light(light: str, words: Words, rule: str = "") -> str:
    kind = light if light in words.lights else "GREY"
    return f'<span class="light {kind}">{words.lights[kind]}{" " if rule else ""}{escape(rule)}</span>'


def _evidence(one: dict[str, Any], words: Words) -> str:
    if one["numerator"] is None or one["denominator"] is None:
        return "–"
    counted = words.of.format(met=f"{one['numerator']:,}", of=f"{one['denominator']:,}")
    return counted if one["value"] is None else f"{one['value']:,.1f} ({counted})"


def _percent(met: int, of: int) -> float | None:
    return 100 * met / of if of > 0 else None


def _number(value: float | None, words: Words, digits: int = 1) -> str:
    return words.not_known if value is None else f"{value:,.{digits}f}"


def _in_table(value: float | None) -> str:
    """A flightless route's mean is nothing, not unknown."""
    return "–" if value is None else f"{value:,.1f}"


def _count(value: int | None, words: Words) -> str:
    return words.not_known if value is None else f"{value:,}"


def _money(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _at(at: datetime | None, shape: str = "%d %b %H:%M") -> str:
    return "–" if at is None else f"{at:%Y-%m-%d %H:%M}" if shape.startswith("%Y") else f"{at:%m-%d %H:%M}"
