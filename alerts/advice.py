"""What is advised about a route whose light has just turned, and what the operator answers. In the `delivery` table:

advice#route#JFK-LAX / <alert id>   the ranked actions beside that alert, and who accepted or rejected them

A second run for the same alert changes nothing, so whatever is delivered twice is told once. Until its flights are
over it is open (`open_kind`), then what it came to is kept with it (`track_record.py`).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

from alerts.documents import KEPT, Document, Documents, Key
from alerts.messages import ascii_line, plain
from alerts.track_record import Answer as Answer
from alerts.track_record import Outcome, TrackRecord
from schemas.errors import SemaforoError
from schemas.lights import Light

OPEN_KIND: Final = "advice"


class NoAdviceError(SemaforoError):
    """Nothing was advised there."""


class AdvisedAction(msgspec.Struct, frozen=True):
    """What to do, what it is expected to save in US$, and that by term; in both languages. `tails` are the aircraft
    that were planned for its flights, `moved_usd` what it would save if demand or fuel were a tenth more or less."""

    kind: str
    flights: tuple[str, ...]
    words: str
    words_es: str
    saves_usd: float
    saves_by_term_usd: dict[str, float]
    late_minutes: int
    late_then_minutes: int
    tails: tuple[str, ...] = ()
    moved_usd: dict[str, float] = {}


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """The actions, the best first. Money and passengers behind it are `modelled` where they are so in its flights.

    From `leaves_at` on (event time) the first one cannot be done any more, at `lands_at` the last of its flights should
    have landed. `binding`: what keeps anything better from being done. `record`: what those like it came to before;
    `outcome`: what it came to itself.
    """

    alert_id: str
    route: str
    light: Light
    rule: str
    at: datetime
    given_at: datetime
    audience: tuple[str, ...]
    actions: tuple[AdvisedAction, ...]
    modelled: bool
    leaves_at: datetime | None = None
    lands_at: datetime | None = None
    binding: str = ""
    binding_es: str = ""
    record: TrackRecord | None = None
    answer: Answer = "open"
    answered_by: str = ""
    answered_at: datetime | None = None
    comment: str = ""
    outcome: Outcome | None = None


class AdviceDesk:
    """Every method raises Transient when DynamoDB is away, busy or refuses."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def give(self, advice: Advice) -> None:
        """Keep it. Raises ConflictError if there is advice beside this alert already."""
        self._put(Document(_key(advice.route, advice.alert_id)), advice)

    def of_route(self, route: str) -> list[Advice]:
        """All that is kept, the newest event first."""
        found = [msgspec.json.decode(one.body, type=Advice) for one in self._documents.query(f"advice#route#{route}")]
        return sorted(found, key=lambda one: one.at, reverse=True)

    def answer(self, route: str, alert_id: str, answer: Answer, by: str, comment: str, now: datetime) -> Advice:
        """The last answer counts. Raises NoAdviceError, also if it is too late to do anything, or ConflictError if
        somebody else answers at the same moment."""
        document = self._documents.get(_key(route, alert_id))
        if not document.version:
            raise NoAdviceError(f"nothing was advised beside alert {alert_id} of {route}")
        given = msgspec.json.decode(document.body, type=Advice)
        if given.answer == "expired":
            raise NoAdviceError(
                f"the advice beside alert {alert_id} of {route} expired: the last of its flights has left"
            )
        after = msgspec.structs.replace(given, answer=answer, answered_by=by, answered_at=now, comment=comment)
        self._put(document, after, closed=given.outcome is not None)
        return after

    def open(self) -> Iterator[Document]:
        """Those that are not measured."""
        return self._documents.open(OPEN_KIND)

    def change(self, document: Document, advice: Advice, *, closed: bool = False) -> None:
        """Raises ConflictError if it was changed since it was read."""
        self._put(document, advice, closed=closed)

    def _put(self, document: Document, advice: Advice, *, closed: bool = False) -> None:
        kind = "" if closed or advice.lands_at is None else OPEN_KIND
        self._documents.put(document.written(advice, kind, advice.given_at + KEPT))


def advice_publication(advice: Advice, stage: str) -> dict[str, object]:
    """What SNS is asked to publish after the alert: the best action, for people and as JSON, with attributes for
    filters."""
    best, mark = advice.actions[0], " modelled" if advice.modelled else ""
    subject = ascii_line(f"ADVICE {advice.route}: {best.words}, saves US$ {best.saves_usd:,.0f}{mark} [{stage}]")
    marked = {"en": " (modelled)", "es": " (modelado)"} if advice.modelled else {"en": "", "es": ""}
    before = [advice.record.words(), advice.record.words_es()] if advice.record else []
    text = "\n".join(
        plain(line)
        for line in (
            f"{advice.route}: {best.words}. Saves US$ {best.saves_usd:,.0f}{marked['en']} as expected.",
            f"{advice.route}: {best.words_es}. Ahorra US$ {best.saves_usd:,.0f}{marked['es']} según lo esperado.",
            *before,
            f"{len(advice.actions)} actions beside alert {advice.alert_id} [{stage}]",
        )
    )
    told = {"kind": "advice", "subject": subject, **msgspec.to_builtins(advice)}
    bodies = {"default": msgspec.json.encode(told).decode(), "email": text}
    attributes = {
        "alert_id": _text(advice.alert_id),
        "kind": _text("advice"),
        "scope": _text("route"),
        "route": _text(advice.route),
        "light": _text(advice.light.value),
        "rule": _text(advice.rule),
    }
    if advice.audience:
        listed = msgspec.json.encode(list(advice.audience)).decode()
        attributes["audience"] = {"DataType": "String.Array", "StringValue": listed}
    return {
        "Subject": subject,
        "MessageStructure": "json",
        "Message": msgspec.json.encode(bodies | {"sms": ascii_line(subject, 140)}).decode(),
        "MessageAttributes": attributes,
    }


def _key(route: str, alert_id: str) -> Key:
    return Key(f"advice#route#{route}", alert_id)


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}
