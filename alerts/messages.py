"""A transition in words: subject, English text, Spanish text. Plain text, whatever stands in the fields.

Names and texts come from events and rule files, so from outside: line breaks, control and direction characters become
spaces, angle brackets become typographic ones (no HTML), and no line begins as a spreadsheet formula would.
"""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from alerts.entity import Change
from rules.durations import format_duration
from rules.rule import Rule
from schemas.kpis import Kpi
from schemas.lights import Evidence, Light, Pooled, Severity

Language = Literal["en", "es"]
SUBJECT_CHARACTERS: Final = 100
"""The longest subject SNS accepts; it must be ASCII without control characters."""
FIELD_CHARACTERS: Final = 400
"""An SNS message may have 256 KB; a field of a runaway length must not get near it."""


class Message(msgspec.Struct, frozen=True):
    """One transition as people read it."""

    subject: str
    text: str
    text_es: str


def render(change: Change, *, stage: str, alert_id: str, app_url: str = "") -> Message:
    """The message of a change; instants are UTC, amounts US$. With the app's address the text ends in a link."""
    return Message(
        subject=_subject(change, stage),
        text=_text(change, "en", stage, alert_id, app_url),
        text_es=_text(change, "es", stage, alert_id, app_url),
    )


def link_lines(app_url: str, alert_id: str, language: Language) -> list[str]:
    """Where the app shows the alert; none without an app."""
    if not app_url:
        return []
    return [f"{WORDS[language]['open']}: {app_url}/alerts?alert={alert_id}&lang={language}"]


def plain(text: str) -> str:
    """One line of text that no mail client, terminal, browser or spreadsheet takes for anything else."""
    # Printable is what is in none of those categories, said in C:.
    kept = text if text.isprintable() else "".join(" " if unicodedata.category(c) in _NOT_TEXT else c for c in text)
    line = re.sub(r" +", " ", kept).strip().translate(_BRACKETS)
    line = line if len(line) <= FIELD_CHARACTERS else f"{line[: FIELD_CHARACTERS - 1]}…"
    return f"'{line}" if line.startswith(("=", "+", "-", "@")) else line


_NOT_TEXT: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}
_BRACKETS: Final = str.maketrans({"<": "‹", ">": "›"})


def _subject(change: Change, stage: str) -> str:
    transition, rule = change.transition, change.rule
    evidence, severity = transition.evidence, transition.severity
    value = "no value" if evidence.value is None else f"{evidence.value:.1f} {rule.kpi.unit}"
    value += _mark(evidence.modelled, "en")
    stake = f"US$ {severity.usd_per_hour:,.0f}/h{_mark(severity.modelled, 'en')}"
    amended = " (amended)" if change.amends else ""
    line = f"{transition.to_light} {transition.entity} {rule.title.en}{amended}: {value}, {stake} [{stage}]"
    return ascii_line(line)


def ascii_line(text: str, most: int = SUBJECT_CHARACTERS) -> str:
    """Printable ASCII, at most `most` characters: accents and the cent sign go, the rest that is left becomes "?"."""
    folded = unicodedata.normalize("NFKD", plain(text).translate(_TO_ASCII))
    line = "".join(c if " " <= c <= "~" else "?" for c in folded if not unicodedata.combining(c))
    return line if len(line) <= most else f"{line[: most - 3]}..."


_TO_ASCII: Final = str.maketrans(
    {"¢": "c", "‰": "per mille", "–": "-", "—": "-", "‹": "(", "›": ")", "…": "...", "≤": "<=", "≥": ">=", "×": "x"}
)


def _text(change: Change, language: Language, stage: str, alert_id: str, app_url: str) -> str:
    transition, rule = change.transition, change.rule
    words = WORDS[language]
    title = rule.title.en if language == "en" else rule.title.es
    advice = rule.advice.en if language == "en" else rule.advice.es
    light = words[transition.to_light]
    lines = [
        f"{light}  {transition.entity}  {title}",
        evidence_line(rule, transition.evidence, language),
        _thresholds(rule, language),
        f"{words['change']}: {words[transition.from_light]} → {light}, {_instant(transition.at)}. "
        + _history(change, language),
        stake_line(transition.severity, language),
        f"{words['advice']}: {advice}",
        f"{words['runbook']}: {rule.runbook}",
        f"{words['audience']}: {', '.join(transition.audience)}. {words['alert']} {alert_id} [{stage}]",
        *link_lines(app_url, alert_id, language),
    ]
    if transition.evidence.pooled:
        lines.insert(2, pooled_line(transition.evidence.pooled, language))
    if transition.evidence.modelled:
        lines.insert(2, words["modelled_note"])
    if change.amends:
        lines.insert(1, f"{words['amends']} {_instant(transition.at)} ({words['revision']} {transition.revision}).")
    return "\n".join(plain(line) for line in lines)


def evidence_line(rule: Rule, evidence: Evidence, language: Language = "en") -> str:
    """ "On-time arrival (A14), last 24 h: 36.4 % (4 of 11 flights, at most 55.2 % at 90 %)"."""
    words = WORDS[language]
    kpi = rule.kpi
    title = kpi.title if language == "en" else kpi.title_es
    sample = rule.n_of.replace("_", " ") if language == "en" else _SAMPLES_ES.get(rule.n_of, rule.n_of)
    head = f"{title}, {words[evidence.window]}: "
    if evidence.value is None:
        return f"{head}{words['no_value']} ({evidence.n} {sample})"
    value = f"{evidence.value:.1f} {kpi.unit}{_mark(evidence.modelled, language)}"
    if rule.other_kpi and evidence.against is not None:
        value += f", {_title(rule.other_kpi, language)} {evidence.against:.1f} {kpi.unit}"
    counted = f"{evidence.n} {sample}"
    if kpi.kind == "proportion":
        counted = f"{evidence.numerator} {words['of']} {evidence.denominator} {sample}"
    if evidence.lower is None or evidence.upper is None:
        return f"{head}{value} ({counted})"
    side, bound = (words["at_most"], evidence.upper) if rule.sign > 0 else (words["at_least"], evidence.lower)
    confidence = 100 * (evidence.confidence or 0)
    return f"{head}{value} ({counted}, {side} {bound:.1f} {kpi.unit} {words['at']} {confidence:g} %)"


def pooled_line(pooled: Pooled, language: Language = "en") -> str:
    """ "Risk of a bad stretch: 83 %, by the route alone 61 %. On time: JFK-LAX 2 of 9 in 12 h, JFK 15 of 45 in 3 h"."""
    words = WORDS[language]
    parts = []
    for part in pooled.parts:
        share = f"{part.met} {words['of']} {part.of}" if part.of else words["none_closed"]
        parts.append(f"{part.entity} {share} {words['in']} {part.hours} h")
    alone = "" if pooled.risk_alone is None else f", {words['alone']} {pooled.risk_alone:.0f} %"
    return f"{words['risk_line']}: {pooled.risk:.0f} %{alone}. {words['on_time']}: {', '.join(parts)}"


def _thresholds(rule: Rule, language: Language) -> str:
    words, limits = WORDS[language], rule.thresholds
    unit = f"% {words['risk']}" if rule.model else rule.kpi.unit
    if rule.other_kpi:
        unit += f" {words['beyond']} {_title(rule.other_kpi, language)}"
    where = f" ({_where(rule.where, language)})" if rule.where else ""
    side = words["below"] if rule.sign > 0 else words["above"]
    return (
        f"{words['thresholds']}{where}: {words[Light.AMBER]} {side} {limits.amber:g} {unit}, "
        f"{words[Light.RED]} {side} {limits.red:g} {unit}; "
        f"{words['ends']} {limits.recover_amber:g}, {words['ends_red']} {limits.recover_red:g}"
    )


def _title(kpi: Kpi, language: Language) -> str:
    return kpi.title if language == "en" else kpi.title_es


def _where(where: str, language: Language) -> str:
    """Which override of the rule it is; names are capitals, so what is small letters is words."""
    return where if language == "en" else re.sub(r"[a-z]+", _word_es, where)


def _word_es(word: re.Match[str]) -> str:
    return _WHERE_ES.get(word[0], word[0])


def _history(change: Change, language: Language) -> str:
    """How long the light before lasted; at the end of an episode its whole length and cost."""
    words, transition = WORDS[language], change.transition
    episode = change.episode
    if episode is not None and transition.to_light not in (Light.AMBER, Light.RED):
        lasted = format_duration(_minutes(transition.at - episode.since_at))
        lost = f" {words['lost']}" if transition.to_light is Light.GREY else ""
        cost = f"US$ {episode.usd:,.0f}{_mark(episode.modelled, language)}"
        return f"{words['over']} {lasted}, {words['cost']} {cost}.{lost}"
    if episode is not None and episode.since_at != transition.at:
        return f"{words['since']} {_instant(episode.since_at)}."
    if transition.previous_since_at is None:
        return ""
    lasted = format_duration(_minutes(transition.at - transition.previous_since_at))
    return f"{words['before']} {words[transition.from_light]} {words['for']} {lasted}."


def stake_line(severity: Severity, language: Language = "en") -> str:
    """US$ per hour with its terms; those that are zero are left out."""
    words = WORDS[language]
    terms = [f"{words.get(name, name)} {usd:,.0f}" for name, usd in severity.terms.items() if round(usd)]
    detail = f" = {' + '.join(terms)}" if len(terms) > 1 else f" ({terms[0]})" if terms else ""
    stake = f"{words['stake']}: US$ {severity.usd_per_hour:,.0f} {words['per_hour']}{detail}"
    return stake + _mark(severity.modelled, language)


def _mark(modelled: bool, language: Language) -> str:
    return f" ({WORDS[language]['modelled']})" if modelled else ""


def _instant(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _minutes(length: timedelta) -> timedelta:
    return timedelta(minutes=length // timedelta(minutes=1))


# Measures that rules count their evidence by; others show under their own name.
_SAMPLES_ES: Final = {
    "flights": "vuelos",
    "operated": "vuelos realizados",
    "arrivals": "llegadas",
    "departures": "salidas",
    "turnarounds": "escalas",
    "connecting": "pasajeros en conexión",
    "passengers": "pasajeros",
    "responses": "respuestas",
    "nps_responses": "respuestas",
    "seats": "asientos",
}

_WHERE_ES: Final = {
    "route": "ruta",
    "routes": "rutas",
    "airport": "aeropuerto",
    "airports": "aeropuertos",
    "carrier": "aerolínea",
    "carriers": "aerolíneas",
    "spring": "primavera",
    "summer": "verano",
    "winter": "invierno",
    "to": "a",
    "or": "o",
    "and": "y",
    "more": "más",
}

WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "RED": "RED", "AMBER": "AMBER", "GREEN": "GREEN", "GREY": "GREY",
        "3h": "last 3 h", "24h": "last 24 h", "7d": "last 7 days", "28d": "last 28 days",
        "of": "of", "at_most": "at most", "at_least": "at least", "at": "at", "no_value": "no value",
        "thresholds": "Thresholds", "beyond": "beyond", "overrun": "block overrun", "below": "below", "above": "above",
        "ends": "amber ends at", "ends_red": "red at",
        "change": "Change", "since": "In trouble since", "before": "It was", "for": "for",
        "over": "Over after", "cost": "which cost about",
        "lost": "The evidence was lost: this is not an all-clear.",
        "stake": "At stake", "per_hour": "per hour", "delay": "delay", "compensation": "compensation",
        "lost_contribution": "lost contribution", "modelled": "modelled",
        "risk": "risk", "risk_line": "Risk of a bad stretch", "on_time": "On time", "none_closed": "none closed",
        "alone": "by the route alone", "in": "in",
        "modelled_note": "(modelled) This value rests in part on modelled figures, not on observed ones.",
        "amends": "Amendment: corrected figures change what was said of", "revision": "revision",
        "advice": "What to do", "runbook": "Runbook", "audience": "For", "alert": "Alert", "open": "Open",
    },
    "es": {
        "RED": "ROJO", "AMBER": "ÁMBAR", "GREEN": "VERDE", "GREY": "GRIS",
        "3h": "últimas 3 h", "24h": "últimas 24 h", "7d": "últimos 7 días", "28d": "últimos 28 días",
        "of": "de", "at_most": "a lo más", "at_least": "al menos", "at": "al",
        "no_value": "sin valor", "thresholds": "Umbrales", "beyond": "sobre", "overrun": "exceso de bloque",
        "below": "debajo de", "above": "arriba de",
        "ends": "el ámbar termina en", "ends_red": "el rojo en",
        "change": "Cambio", "since": "Con problemas desde", "before": "Estuvo en", "for": "por",
        "over": "Terminó tras", "cost": "con un costo aproximado de",
        "lost": "Se perdió la evidencia: no significa que todo esté bien.",
        "stake": "En juego", "per_hour": "por hora", "delay": "demoras", "compensation": "compensaciones",
        "lost_contribution": "contribución perdida", "modelled": "modelado",
        "risk": "riesgo", "risk_line": "Riesgo de un mal periodo", "on_time": "A tiempo", "none_closed": "ninguno",
        "alone": "por la ruta sola", "in": "en",
        "modelled_note": "(modelado) Este valor se apoya en parte en cifras modeladas, no observadas.",
        "amends": "Enmienda: cifras corregidas cambian lo dicho del", "revision": "revisión",
        "advice": "Qué hacer", "runbook": "Guía", "audience": "Para", "alert": "Alerta", "open": "Abrir",
    },
}  # fmt: skip
