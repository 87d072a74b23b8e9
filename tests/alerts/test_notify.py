"""What filter policies see of an alert."""

import msgspec
import pytest

from alerts.bodies import message_attributes
from alerts.notify import Notifier
from alerts.routing import MOST_ATTRIBUTES, OWN_ATTRIBUTES
from alerts.selectors import severity_bucket
from alerts.settings import AlertSettings
from schemas.lights import Alert, Severity
from tests.alerts.samples import NOW, catalog, folded, row, rule


def alert(scope: str = "route", entity: str = "JFK-LAX", usd_per_hour: float = 0) -> Alert:
    known = catalog(rule(scope=scope, audience=("operations", "revenue")))
    transition = folded(row(0, 4, scope=scope, entity=entity), by=known).changes[0].transition  # type: ignore[arg-type]
    transition = msgspec.structs.replace(transition, severity=Severity(usd_per_hour=usd_per_hour))
    return Alert(
        alert_id=transition.alert_id, stage="demo", transition=transition, subject="s", text="t", text_es="t",
        decided_at=NOW, modelled=False, audience=transition.audience,
    )  # fmt: skip


def values(one: Alert) -> dict[str, str]:
    return {name: attribute["StringValue"] for name, attribute in message_attributes(one).items()}


def test_a_route_names_itself_and_its_airports() -> None:
    one = alert(usd_per_hour=12_000)
    assert values(one) == {
        "alert_id": one.alert_id,
        "kind": "alert",
        "scope": "route",
        "light": "RED",
        "rule": "late",
        "route": "JFK-LAX",
        "airports": '["JFK","LAX"]',
        "severity": "high",
        "audience": '["operations","revenue"]',
    }
    assert message_attributes(one)["airports"]["DataType"] == "String.Array"


@pytest.mark.parametrize(("scope", "entity"), [("airport", "JFK"), ("carrier", "B6")])
def test_an_airport_or_a_carrier_names_itself(scope: str, entity: str) -> None:
    assert values(alert(scope, entity))[scope] == entity


def test_a_raw_delivery_to_sqs_carries_ten_attributes_and_not_more() -> None:
    """One is left for what a receiver adds."""
    assert len(message_attributes(alert())) <= 10 - MOST_ATTRIBUTES
    assert message_attributes(alert()).keys() <= OWN_ATTRIBUTES


@pytest.mark.parametrize(
    ("usd_per_hour", "bucket"),
    [(0, "low"), (999.99, "low"), (1_000, "medium"), (10_000, "high"), (99_999, "high"), (100_000, "very-high")],
)
def test_severity_buckets(usd_per_hour: float, bucket: str) -> None:
    assert severity_bucket(usd_per_hour) == bucket


def test_a_notifier_without_a_topic_does_not_start() -> None:
    with pytest.raises(ValueError, match="SEMAFORO_ALERTS_TOPIC_ARN"):
        Notifier(None, None, AlertSettings.read({}), lambda: NOW)  # type: ignore[arg-type]
