"""Who did what in the app, and who was refused, as documents of the `delivery` table: a partition a day.

What is done to an alarm also stands in its own log entry and each silence bears its author; this holds all of it side
by side, what was not allowed included.
"""

import secrets
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec

from alerts.documents import Document, Documents, Key
from streamlit_app.access import Actor

KEPT = timedelta(days=400)
"""More than a year, for whoever looks back at one."""


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asked for, and what came of it: "asked", then "done", "refused" or "failed: …"."""

    at: datetime
    who: str
    role: str
    action: str
    about: str
    comment: str = ""
    outcome: str


class Audit:
    """The record. Raises Transient when DynamoDB is away."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def begin(self, actor: Actor, action: str, about: str, comment: str, now: datetime) -> Document:
        """Written before anything is done: what cannot be written down is not done."""
        deed = Deed(
            at=now, who=actor.name, role=actor.role, action=action, about=about, comment=comment, outcome="asked"
        )
        key = Key(f"audit#{now:%Y-%m-%d}", f"{now.isoformat()}#{secrets.token_hex(3)}")
        begun = Document(key).written(deed, expires_at=now + KEPT)
        self._documents.put(begun)
        return begun

    def end(self, begun: Document, outcome: str) -> None:
        """What came of it. One that is left at "asked" was cut off in the middle."""
        deed = msgspec.structs.replace(msgspec.json.decode(begun.body, type=Deed), outcome=outcome)
        self._documents.put(begun.written(deed, expires_at=begun.expires_at))

    def of(self, day: date) -> Iterator[Deed]:
        """All of a day (UTC), oldest first."""
        for document in self._documents.query(f"audit#{day:%Y-%m-%d}"):
            yield msgspec.json.decode(document.body, type=Deed)
