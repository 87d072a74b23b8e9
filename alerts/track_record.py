"""What advice came to: each piece of it measured once its flights are over, and the record of those like it.

advice-record / <kind>   the newest outcomes of an action's kind, the last one last

Of two worlds one is real and the other is worked out: by the arrivals that really came, for the aircraft that would
have flown. A flight's own delay is the same in both, so it drops out. `followed` is read off what flew, not off what
somebody answered: who rejected advice may have done it, and who accepted it may have come too late.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from alerts.documents import Document, Documents, Key

Answer = Literal["open", "accepted", "rejected", "expired"]

OUTCOMES_KEPT: Final = 50
SHOWN: Final = 12
LEAST: Final = 3
"""Fewer are no record."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One action: what it was expected to save, and what it saved, or would have if it was not followed. Minutes are
    those of its first flight."""

    alert_id: str
    route: str
    at: datetime
    answer: Answer
    followed: bool
    predicted_usd: float
    realised_usd: float
    predicted_minutes: int
    realised_minutes: int

    @property
    def came_true(self) -> bool:
        """Whether to follow it was, or would have been, better than not to."""
        return self.realised_usd > 0


class TrackRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Of the newest outcomes of a kind: how many came true, and the means."""

    outcomes: int
    came_true: int
    followed: int
    predicted_usd: float
    realised_usd: float
    predicted_minutes: float
    realised_minutes: float

    def words(self) -> str:
        """One sentence."""
        return (
            f"of the last {self.outcomes} like it {self.came_true} came true: predicted US$ {self.predicted_usd:,.0f}"
            f" and {self.predicted_minutes:+.1f} min, realised {self.realised_usd:,.0f} and"
            f" {self.realised_minutes:+.1f} ({self.followed} followed)"
        )

    def words_es(self) -> str:
        """The same in Spanish."""
        return (
            f"de las últimas {self.outcomes} como esta {self.came_true} se cumplieron: previsto US$"
            f" {self.predicted_usd:,.0f} y {self.predicted_minutes:+.1f} min, resultó {self.realised_usd:,.0f} y"
            f" {self.realised_minutes:+.1f} ({self.followed} seguidas)"
        )


def record_of(outcomes: Sequence[Outcome]) -> TrackRecord | None:
    """None while there are too few to speak of."""
    shown = outcomes[-SHOWN:]
    if len(shown) < LEAST:
        return None
    count = len(shown)
    return TrackRecord(
        outcomes=count,
        came_true=sum(one.came_true for one in shown),
        followed=sum(one.followed for one in shown),
        predicted_usd=sum(one.predicted_usd for one in shown) / count,
        realised_usd=sum(one.realised_usd for one in shown) / count,
        predicted_minutes=sum(one.predicted_minutes for one in shown) / count,
        realised_minutes=sum(one.realised_minutes for one in shown) / count,
    )


class RecordDesk:
    """Every method raises Transient when DynamoDB is away, busy or refuses."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def of_kind(self, kind: str) -> TrackRecord | None:
        """Of the kind of an action, as it stands."""
        return record_of(_outcomes(self._documents.get(_key(kind))))

    def add(self, kind: str, outcome: Outcome) -> None:
        """Once for an alert. Raises ConflictError if somebody else adds at the same moment."""
        document = self._documents.get(_key(kind))
        before = _outcomes(document)
        if all(one.alert_id != outcome.alert_id for one in before):
            self._documents.put(document.written([*before, outcome][-OUTCOMES_KEPT:]))


def _outcomes(document: Document) -> list[Outcome]:
    return document.read(list[Outcome], [])


def _key(kind: str) -> Key:
    return Key("advice-record", kind)
