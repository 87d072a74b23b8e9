"""The one reader of the server: looks at the tables twice a second for as long as somebody has a page open.

All sessions share what it saw, so the tables are asked as often for one person as for a hundred.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Lock, Thread
from typing import Final

import msgspec

from alerts.desk import read_silences
from alerts.documents import Documents
from alerts.live_catalog import LiveCatalog
from schemas.errors import Transient
from streamlit_app.readers.alarms import AlarmsReader, turned
from streamlit_app.readers.lights import LightsReader
from streamlit_app.readers.snapshot import NOTHING_READ, Snapshot
from streamlit_app.readers.trends import RowTail, Trends

Clock = Callable[[], datetime]

LOOK_SECONDS: Final = 1.0
"""It takes 0.1 s where the stores answer."""
LOOKED_FOR: Final = timedelta(seconds=20)
"""A page asks every second; one that did not for so long is closed, or asleep in a background tab."""
ALARMS_EVERY: Final = timedelta(seconds=2)
"""Silences, and what becomes of alarms while their lights stay as they are, have a beat of their own, and are read at
once when somebody acted."""

_log = logging.getLogger(__name__)


class Watch:
    """The snapshot, kept up to date by `run` in a thread of its own (`start`)."""

    def __init__(
        self,
        lights: LightsReader,
        documents: Documents,
        catalog: LiveCatalog,
        clock: Clock,
        read_every_seconds: float,
        idle_read_every_seconds: float,
    ) -> None:
        self._lights = lights
        self._alarms = AlarmsReader(documents)
        self._documents = documents
        self._catalog = catalog
        self._clock = clock
        self._read_every_seconds = read_every_seconds
        self._idle_read_every_seconds = idle_read_every_seconds
        self._snapshot = NOTHING_READ
        self._alarms_at: datetime | None = None
        self._silences_at: datetime | None = None
        self._looked_at: datetime | None = None
        self._woken = Event()
        self._has_looked = Event()
        self._looking = Lock()
        self._runs = False

    def snapshot(self) -> Snapshot:
        """What was seen last. Asking keeps the reader awake; who wakes it waits for a look, LOOK_SECONDS at most."""
        asleep = self._looked_at is None or self._clock() - self._looked_at > LOOKED_FOR
        self._looked_at = self._clock()
        if asleep and self._runs:
            self._has_looked.clear()
            self._woken.set()
            self._has_looked.wait(LOOK_SECONDS)
        return self._snapshot

    def start(self) -> None:
        """From now on, until the process ends or `stop`. Returns after the first look, or LOOK_SECONDS."""
        self._runs = True
        Thread(target=self.run, name="watch", daemon=True).start()
        self._has_looked.wait(LOOK_SECONDS)

    def stop(self) -> None:
        self._runs = False
        self._woken.set()

    def look_again(self) -> Snapshot:
        """At once, alarms too: somebody acted and wants to see it. Raises nothing; a problem stands in the snapshot."""
        with self._looking:
            self._alarms_at = self._silences_at = None
            return self._look()

    def run(self) -> None:
        """Look, wait, look."""
        while self._runs:
            self.look()
            awake = self._looked_at is not None and self._clock() - self._looked_at <= LOOKED_FOR
            self._woken.wait(self._read_every_seconds if awake else self._idle_read_every_seconds)
            self._woken.clear()

    def look(self) -> Snapshot:
        """One look; a store that is away leaves what was seen, with the problem beside it."""
        with self._looking:
            return self._look()

    def _look(self) -> Snapshot:
        before = self._snapshot
        try:
            self._snapshot = self._seen(before)
        except Transient as error:
            if not before.problem:
                _log.warning("the stores do not answer: %s", error)
            self._snapshot = msgspec.structs.replace(before, problem=str(error))
        except Exception as error:  # a reader that dies would leave every page as it is, without a word
            _log.exception("a look failed")
            self._snapshot = msgspec.structs.replace(before, problem=repr(error))
        self._has_looked.set()
        return self._snapshot

    def _seen(self, before: Snapshot) -> Snapshot:
        now = self._clock()
        changed = self._lights.changed(before.entities)
        entities = {key: one for key, one in before.entities.items() if key not in changed.gone}
        entities |= {one.key: one for one in changed.entities}
        moved = {one.key for one in changed.entities} | changed.gone
        silences = before.silences
        if _due(self._silences_at, now):
            self._silences_at = now
            silences = tuple(read_silences(self._documents, now))
        others = _due(self._alarms_at, now)
        lights = (key for one in moved for key in turned(before.entities.get(one), entities.get(one)))
        alarms = self._alarms.read(lights, others=others, known=changed.alarms)
        if others:
            self._alarms_at = now
        if alarms is not before.alarms:
            keys = alarms.keys() | before.alarms.keys()
            moved |= {key[0] for key in keys if alarms.get(key) is not before.alarms.get(key)}
        rules = self._catalog.current().rules
        anew = bool(moved) or silences != before.silences or rules is not before.rules or before.read_at is None
        version = before.version + anew
        return Snapshot(
            version=version,
            entities=entities,
            changed_in={**before.changed_in, **dict.fromkeys(moved, version)} if moved else before.changed_in,
            alarms=alarms,
            silences=silences,
            rules=rules,
            read_at=now,
        )


def _due(read_at: datetime | None, now: datetime) -> bool:
    return read_at is None or now - read_at >= ALARMS_EVERY


class TrendWatch:
    """Keeps trends up to date, in a thread of its own: catching up must not keep the lights waiting."""

    def __init__(self, tail: RowTail, every_seconds: float = 2.0) -> None:
        self._tail = tail
        self._every_seconds = every_seconds
        self._stopped = Event()
        self.trends = Trends()
        self.rows_read = 0
        self.caught_up = False
        """Whether the stream was once read to its end."""

    def start(self) -> None:
        Thread(target=self.run, name="trends", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        """A stream that is away costs trends and nothing else."""
        while not self._stopped.is_set():
            rows = []
            try:
                rows = self._tail.next()
                self.caught_up = self.caught_up or not rows
            except Transient as error:
                _log.info("no trends: %s", error)
            self.trends.add(rows)
            self.rows_read += len(rows)
            self._stopped.wait(0.01 if rows else self._every_seconds)
