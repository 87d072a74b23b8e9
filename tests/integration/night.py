"""A stage of a test's own, with its own tables and its own wall clock: rows in, what subscribers get out."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count, product
from typing import Any

from alerts.history import History
from alerts.items import LogEntry
from alerts.operator import Operator
from alerts.routing import Routing
from alerts.settings import TABLES, AlertSettings
from schemas.rows import KpiRow
from tests.alerts.samples import catalog, row
from tests.integration.alert_desk import AlertDesk

STORM = {"storm_routes": 5, "storm_network_routes": 20, "storm_settle_seconds": 5}
START = datetime(2031, 1, 1, tzinfo=UTC)
_days, _nights = count(), count()


class Clock:
    """Wall time of a test; each test has days of its own."""

    def __init__(self) -> None:
        self.at = START + timedelta(days=30 * next(_days))

    def __call__(self) -> datetime:
        return self.at

    def pass_minutes(self, minutes: float) -> None:
        self.at += timedelta(minutes=minutes)


class Night:
    """One stage at one wall clock: rows in, what subscribers get out."""

    def __init__(self, desk: AlertDesk, clock: Clock) -> None:
        self.desk, self.clock = desk, clock
        self.settings: dict[str, Any] = {**STORM, **self._tables()}
        self.routing = Routing()
        self.rules = catalog()
        self.heard_before = len(self._messages())

    def parts(self, endpoint_url: str | None = None) -> Any:
        return self.desk.assembly(endpoint_url, self.rules, self.clock, self.routing, **self.settings)

    def rows(self, on_time: int, entities: Sequence[str], minutes: float = 0, **more: Any) -> list[KpiRow]:
        at = (self.clock.at - START).total_seconds() / 60 + minutes
        shift = (START - datetime(2013, 2, 8, 12, 0, tzinfo=UTC)).total_seconds() / 60
        return [row(shift + at, on_time, entity=one, ingested_at=self.clock.at, **more) for one in entities]

    def process(self, rows: Sequence[KpiRow], endpoint_url: str | None = None) -> Any:
        return self.parts(endpoint_url).semaforo().process([[one] for one in rows])

    def sweep(self, minutes: float = 1) -> Any:
        self.clock.pass_minutes(minutes)
        return self.parts().sweeper().sweep()

    def heard(self) -> list[dict[str, Any]]:
        """What came since the last look."""
        messages = self._messages()
        new, self.heard_before = messages[self.heard_before :], len(messages)
        return new

    def kinds(self) -> list[str]:
        return [f"{one['kind']} {one['transition']['entity']} {one['transition']['to_light']}" for one in self.heard()]

    def operator(self) -> Operator:
        dynamodb = self.desk.dynamodb
        return Operator(dynamodb, self._own_settings(), self.history())

    def history(self) -> History:
        return History(self.desk.dynamodb, self._own_settings())

    def log(self, route: str) -> list[LogEntry]:
        return self.history().log(f"route#{route}", datetime.max.replace(tzinfo=UTC))

    def decisions(self, route: str) -> list[str]:
        return [action for entry in self.log(route) for _, action, _ in entry.decisions]

    def worst(self, route: str) -> str:
        return next(one.worst for one in self.history().lights() if one.name == route)

    def _own_settings(self) -> AlertSettings:
        return self.desk.settings.model_copy(update=self.settings)

    def _tables(self) -> dict[str, str]:
        """Tables of its own, as the template makes them: a storm goes on, and would be told of in every later test."""
        made = {}
        for name in TABLES:
            field = f"{name.replace('-', '_')}_table"
            known = self.desk.dynamodb.describe_table(TableName=getattr(self.desk.settings, field))["Table"]
            made[field] = f"{known['TableName']}-{next(_nights)}"
            own = {key: known[key] for key in ("AttributeDefinitions", "KeySchema")}
            if indexes := known.get("GlobalSecondaryIndexes"):
                wanted = ("IndexName", "KeySchema", "Projection")
                own["GlobalSecondaryIndexes"] = [{key: index[key] for key in wanted} for index in indexes]
            self.desk.dynamodb.create_table(TableName=made[field], BillingMode="PAY_PER_REQUEST", **own)
        return made

    def _messages(self) -> list[dict[str, Any]]:
        self.desk._drain()
        return [json.loads(one["Message"]) for one in self.desk._received]


_names = map("".join, product("ABCDEFGHIJKLMNOPQRSTUVWXYZ", repeat=3))


def airport() -> str:
    """A new airport."""
    return next(_names)


def network(routes: int) -> list[str]:
    """Routes of three new airports, as many of each."""
    hubs = [airport() for _ in range(3)]
    return [f"{hubs[number % 3]}-{airport()}" for number in range(routes)]
