"""An alarm told again: the same words with, in front of them, why they come again."""

from datetime import datetime
from typing import Final

import msgspec

from alerts.messages import ascii_line, plain
from schemas.lights import Alert, AlertKind

_WHY: Final = {
    "released": ("Held back until now", "Retenida hasta ahora"),
    "repeat": ("Told again", "Se repite"),
    "escalation": ("Escalated", "Escalada"),
}
_SUBJECT: Final = {"released": "STILL", "repeat": "STILL", "escalation": "ESCALATED"}


def again(alert: Alert, kind: AlertKind, alert_id: str, reason: str, audience: tuple[str, ...], now: datetime) -> Alert:
    """The alert as it is sent at `now`, under an id of its own; `about` is the one it repeats."""
    english, spanish = _WHY[kind]
    return msgspec.structs.replace(
        alert,
        alert_id=alert_id,
        about=alert.alert_id,
        kind=kind,
        subject=ascii_line(f"{_SUBJECT[kind]} {alert.subject}"),
        text="\n".join([plain(f"{english}: {reason}"), alert.text]),
        text_es="\n".join([plain(f"{spanish}: {reason}"), alert.text_es]),
        decided_at=now,
        audience=audience,
    )
