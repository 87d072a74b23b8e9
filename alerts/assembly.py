"""The parts put together: what the semáforo's function, the sweeper's and the tests run."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from alerts.desk import Desk, read_silences
from alerts.documents import Documents
from alerts.history import History
from alerts.live_catalog import LiveCatalog
from alerts.notify import Clock, Notifier, Swept
from alerts.outage import Outage, RowsNote
from alerts.process import Semaforo
from alerts.routing import ROUTING_FILE, Routing, load_routing
from alerts.settings import AlertSettings
from alerts.store import LightStore
from alerts.storms import Storms, storm_names
from alerts.upkeep import Upkeep
from rules.load import Catalog
from schemas.errors import Transient

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sns import SNSClient


class Assembly(msgspec.Struct, frozen=True):
    """What every part needs."""

    dynamodb: "DynamoDBClient"
    sns: "SNSClient"
    settings: AlertSettings
    catalog: Catalog
    clock: Clock
    routing: Routing

    @property
    def notifier(self) -> Notifier:
        return Notifier(self.sns, self.dynamodb, self.settings, self.clock, self.routing)

    def live_catalog(self) -> LiveCatalog:
        """The rules in force; `catalog` are the shipped ones."""
        return LiveCatalog(Documents(self.dynamodb, self.settings), self.catalog, self.clock)

    def semaforo(self) -> Semaforo:
        """Rows to lights and alerts."""
        documents, notifier = Documents(self.dynamodb, self.settings), self.notifier
        store = LightStore(self.dynamodb, self.settings)
        return Semaforo(
            self.catalog,
            store,
            Desk(documents, self.settings, self.routing),
            Storms(documents, store, notifier, self.routing, self.settings),
            RowsNote(documents),
            notifier,
            self.clock,
        )

    def sweeper(self) -> "Sweeper":
        """What is due by wall clock."""
        return Sweeper(self)


class Sweeper:
    """Each minute: what waits is sent, what is due is said, silence of the inputs is noticed."""

    def __init__(self, parts: Assembly) -> None:
        documents, store = Documents(parts.dynamodb, parts.settings), LightStore(parts.dynamodb, parts.settings)
        self._clock, self._documents, self._notifier = parts.clock, documents, parts.notifier
        self._storms = Storms(documents, store, self._notifier, parts.routing, parts.settings)
        self._upkeep = Upkeep(documents, store, self._notifier, parts.catalog, parts.routing, parts.settings)
        self._outage = Outage(
            documents,
            store,
            History(parts.dynamodb, parts.settings),
            self._storms,
            self._notifier,
            parts.catalog,
            parts.routing,
            parts.settings,
        )

    def sweep(self) -> Swept:
        """What waits first: it is the oldest. What fails does not stop the rest; raises Transient at the end, and the
        next minute goes on where this one stopped, for each step is stored before it is said."""
        now = self._clock()
        swept, problems = Swept(), []
        try:
            swept = self._notifier.sweep()
        except Transient as error:
            problems.append(str(error))
        for part in (self._outage.watch, self._storms.tell_all, self._keep_up):
            try:
                swept.said += part(now)
            except Transient as error:
                problems.append(str(error))
        if problems:
            raise Transient("; ".join(problems))
        return swept

    def _keep_up(self, now: datetime) -> int:
        storms = storm_names(self._storms.going_on())
        return self._upkeep.run(read_silences(self._documents, now), storms, now)


def read_routing(settings: AlertSettings) -> Routing:
    """The stage's routing tree: the one that is shipped, or the file a setting names."""
    return load_routing(Path(settings.routing_file) if settings.routing_file else ROUTING_FILE)
