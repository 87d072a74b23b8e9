"""A storm in words: how many routes show which light, what is at stake, the dearest, and where the full list is."""

from datetime import datetime, timedelta
from typing import Final

from alerts.causes import Storm
from alerts.messages import WORDS, Language, Message, ascii_line, link_lines, plain
from rules.durations import format_duration
from schemas.lights import Group, Light

LINES: Final = 10
"""Of the dearest routes; a mail is read on a phone."""


def summary_text(storm: Storm, group: Group, reason: str, stage: str, now: datetime, app_url: str = "") -> Message:
    """The message of one summary; instants are UTC, amounts US$ per hour."""
    lights = ", ".join(f"{count} {light}" for light, count in group.lights.items())
    mark = " (modelled)" if group.modelled else ""
    head = "OVER" if reason == "over" else "STORM"
    subject = (
        f"{head} {group.cause}: {group.entities} routes, {lights}, US$ {group.usd_per_hour:,.0f}/h{mark} [{stage}]"
    )
    return Message(
        subject=ascii_line(subject),
        text=_text(storm, group, reason, stage, now, "en", app_url),
        text_es=_text(storm, group, reason, stage, now, "es", app_url),
    )


def _text(storm: Storm, group: Group, reason: str, stage: str, now: datetime, language: Language, app_url: str) -> str:
    words, own = WORDS[language], _WORDS[language]
    lights = ", ".join(f"{count} {words[light]}" for light, count in group.lights.items())
    mark = f" ({words['modelled']})" if group.modelled else ""
    lasted = format_duration(timedelta(minutes=(now - storm.began_at) // timedelta(minutes=1)))
    reason_words = own.get(reason) or (reason if language == "en" else own["escalated"] + reason.rpartition(" ")[2])
    standing = [one for one in group.worst if one.light in (Light.AMBER, Light.RED)][:LINES]
    cause, _, name = group.cause.partition(" ")
    lines = [
        f"{own[cause]} {name}".rstrip() + f": {group.entities} {own['routes']}: {lights}",
        f"{own['why']}: {reason_words}. {own['since']} {storm.began_at:%Y-%m-%d %H:%M} UTC ({lasted})",
        f"{words['stake']}: US$ {group.usd_per_hour:,.0f} {words['per_hour']}{mark}",
        *(f"{words[one.light]}  {one.entity}  {one.rule}  US$ {one.usd_per_hour:,.0f}/h" for one in standing),
        f"{own['all']}: python -m alerts storm {group.storm_id}",
        f"{words['alert']} {group.storm_id}.{group.number} [{stage}]",
        *link_lines(app_url, f"{group.storm_id}.{group.number}", language),
    ]
    return "\n".join(plain(line) for line in lines)


_WORDS: Final[dict[Language, dict[str, str]]] = {
    "en": {
        "airport": "Storm at airport", "carrier": "Storm of carrier", "network": "Storm over the network",
        "no": "Nothing comes in: no",
        "routes": "routes", "why": "This summary", "since": "It began", "all": "All of them",
        "first summary": "the first of this storm", "over": "the last, none is AMBER or RED any more",
        "it doubled": "twice as many routes as last time", "it changed": "the lights changed",
        "it goes on": "it goes on",
    },
    "es": {
        "airport": "Tormenta en el aeropuerto", "carrier": "Tormenta de la aerolínea", "network": "Tormenta en la red",
        "no": "No llega nada: no",
        "routes": "rutas", "why": "Este resumen", "since": "Empezó", "all": "Todas ellas",
        "first summary": "el primero de esta tormenta", "over": "el último, ya no hay ÁMBAR ni ROJO",
        "it doubled": "el doble de rutas que la última vez", "it changed": "los semáforos cambiaron",
        "it goes on": "continúa", "escalated": "nadie la ha atendido: pasa a ",
    },
}  # fmt: skip
