"""Which red lights explain a route's alarm: its airports', its carriers' if all are red, on the same group of KPIs."""

import pytest

from alerts.entity import EntityLights, RuleLight
from alerts.inhibition import Reds, inhibiting
from schemas.lights import Light, LightState
from schemas.rows import Scope
from tests.alerts.samples import catalog, folded, row, rule

ROUTE = rule()
CARRIER = rule(id="carrier_late", scope="carrier")
DEPARTURES = rule(id="carrier_departs_late", scope="carrier", kpi_name="on_time_departure")
CANCELS = rule(id="carrier_cancels", scope="carrier", kpi_name="completion")
AIRPORT = rule(id="airport_late", scope="airport")
RULES = catalog(ROUTE, CARRIER, DEPARTURES, CANCELS, AIRPORT)


def lights(scope: Scope, name: str, light: Light, *rules: str) -> EntityLights:
    return EntityLights(scope=scope, name=name, rules={one: RuleLight(LightState(light=light)) for one in rules})


B6 = lights("carrier", "B6", Light.RED, "carrier_late")
DL = lights("carrier", "DL", Light.RED, "carrier_departs_late")
JFK = lights("airport", "JFK", Light.RED, "airport_late")


@pytest.mark.parametrize(
    ("entities", "flown_by", "red"),
    [
        ([B6], ("B6",), {"carrier B6": "carrier_late"}),
        ([B6, DL], ("B6", "DL"), {"each of the carriers B6, DL": "carrier_late, carrier_departs_late"}),
        ([B6, JFK], ("B6",), {"JFK": "airport_late", "carrier B6": "carrier_late"}),
        ([B6], ("B6", "DL"), {}),
        ([B6], ("DL",), {}),
        ([B6], (), {}),
        ([lights("carrier", "B6", Light.AMBER, "carrier_late")], ("B6",), {}),
        ([lights("carrier", "B6", Light.RED, "carrier_cancels")], ("B6",), {}),
        ([lights("carrier", "B6", Light.RED, "a rule that went")], ("B6",), {}),
        ([lights("airport", "B6", Light.RED, "airport_late")], ("B6",), {}),
        ([lights("route", "JFK-LAX", Light.RED, "late")], ("B6",), {}),
    ],
)
def test_what_explains_the_alarm_of_a_route(
    entities: list[EntityLights], flown_by: tuple[str, ...], red: dict[str, str]
) -> None:
    found = Reds(entities, RULES).of_route("JFK-LAX", ROUTE, flown_by)
    assert found == red
    assert list(found) == list(red), "airports first"


def test_only_scopes_that_have_a_rule_can_be_red() -> None:
    assert inhibiting(RULES) == {"airport", "carrier"}
    assert inhibiting(catalog(ROUTE)) == frozenset()
    assert inhibiting(catalog(ROUTE, CARRIER)) == {"carrier"}


def test_who_flies_a_route_is_what_its_newest_24_hour_row_says() -> None:
    rows = [row(0, 9, flown_by=("B6", "DL")), row(10, 9, flown_by=("B6",)), row(20, 9, window="7d")]
    assert [folded(*rows[:count]).after.flown_by for count in (1, 2, 3)] == [("B6", "DL"), ("B6",), ("B6",)]
    assert EntityLights(scope="carrier", name="B6").flown_by == ()
