"""The rules in force in a stage: those that were published to it, or those that were shipped with the code.

A published catalogue is one document of the `delivery` table, so that it is taken over whole or not at all and needs no
table, bucket or permission of its own. Every worker looks at it anew after `FRESH_FOR`; one that does not pass its own
check and tests here is refused with its problems, and what was in force stays in force. A rule's version stands on each
light it makes, so it shows which rules those were. The newest `KEPT` catalogues that were published stand beside
it, each a document of its own.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import msgspec

from alerts.documents import Document, Documents, Key
from alerts.notify import Clock
from rules.bundle import Bundle, unpack
from rules.load import Catalog
from rules.problems import CatalogError
from schemas.errors import ContractError, Transient

FRESH_FOR: Final = timedelta(seconds=30)
"""A read takes 10 ms at most, so once in 30 s it is lost in the noise; and nobody waits longer for a new threshold."""
MOST_BYTES: Final = 380_000
"""A DynamoDB item holds 400 KB. The shipped catalogue has 40 KB and is there twice: as it is and as it was."""
KEY: Final = Key("catalog", "rules")
KEPT: Final = 50
"""A year of a change a week. The one after them takes the place of the oldest, so the table grows no further."""


class KeptCatalog(msgspec.Struct, frozen=True):
    """A catalogue that was published, by its place in the row of all that were, and the version that its rules make."""

    number: int
    published_at: datetime
    version: str


class _KeptFiles(msgspec.Struct, frozen=True):
    number: int
    files: dict[str, str]


class Published(msgspec.Struct, frozen=True):
    """What was published last and what before it, for a worker that starts when the last one turns out broken.

    `files` is empty where the shipped rules are in force again; `kept` are those that can be read still, oldest first.
    """

    files: dict[str, str]
    before: dict[str, str] = {}
    published_at: datetime | None = None
    kept: tuple[KeptCatalog, ...] = ()


class LiveCatalog:
    """The rules in force, looked at anew when they are older than `FRESH_FOR`. One per worker."""

    def __init__(
        self, documents: Documents, shipped: Catalog, clock: Clock, say: Callable[[str], None] = print
    ) -> None:
        """`say` gets a line whenever other rules are taken over or refused: a function's log."""
        self._documents, self._shipped, self._clock, self._say = documents, shipped, clock, say
        self._current: Catalog | None = None
        self._version = -1
        self._looked_at: datetime | None = None

    def current(self) -> Catalog:
        """Raises Transient if nobody knows yet which rules are in force; once known, they stay while the table is away.

        Starting with the shipped ones instead could undo for a moment what somebody published to calm a storm.
        """
        now = self._clock()
        if self._current is not None and self._looked_at is not None and now - self._looked_at < FRESH_FOR:
            return self._current
        try:
            document = self._documents.get(KEY)
        except Transient:
            if self._current is None:
                raise
            return self._current
        self._looked_at = now
        if document.version != self._version:
            self._version = document.version
            self._current = self._taken_over(document)
        return self._current or self._shipped

    def _taken_over(self, document: Document) -> Catalog:
        published = document.read(Published, Published({}))
        catalog, problems = _read(published.files, self._shipped)
        if catalog is None:
            catalog = self._current or _read(published.before, self._shipped)[0] or self._shipped
        fact = {"catalog": catalog.version, "document": document.version, "refused": problems}
        self._say(json.dumps(fact, ensure_ascii=False))
        return catalog


def publish(documents: Documents, files: Bundle, now: datetime) -> int:
    """Put rules in force, or with no files the shipped ones; the document's version.

    Raises CatalogError if they do not pass, ContractError if they are too large for one item, ConflictError if somebody
    else published meanwhile, Transient.
    """
    version = unpack(files).version if files else ""
    stored = documents.get(KEY)
    before = stored.read(Published, Published({}))
    kept, beside = before.kept, []
    if files:
        newest = KeptCatalog(kept[-1].number + 1 if kept else 1, now, version)
        kept = (*kept, newest)[-KEPT:]
        copy = Document(_kept_key(newest.number)).written(_KeptFiles(newest.number, dict(files)))
        beside = [documents.action(copy, conditional=False)]
    document = stored.written(Published(dict(files), before.files, now, kept))
    if len(document.body) > MOST_BYTES:
        raise ContractError(f"{len(document.body):,} bytes with the rules before, at most {MOST_BYTES:,}")
    documents.transact([documents.action(document), *beside])
    return document.version


def kept_files(documents: Documents, number: int) -> Bundle:
    """Of a catalogue that was published; empty once another took its place. Raises Transient."""
    found = documents.get(_kept_key(number)).read(_KeptFiles, _KeptFiles(0, {}))
    return found.files if found.number == number else {}


def _kept_key(number: int) -> Key:
    return Key("catalog", f"kept {number % KEPT:02}")


def _read(files: Bundle, shipped: Catalog) -> tuple[Catalog | None, list[str]]:
    """The catalogue, or its problems."""
    if not files:
        return shipped, []
    try:
        return unpack(files), []
    except CatalogError as error:
        return None, [str(problem) for problem in error.problems]
