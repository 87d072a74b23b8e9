"""Which red lights speak for others: an airport that is red on a KPI explains its routes' alarms of the same group."""

from collections.abc import Iterable, Mapping
from typing import Final

from alerts.entity import EntityLights
from rules.load import Catalog
from rules.rule import Rule
from schemas.lights import Light
from schemas.rows import ends_of

KPI_GROUPS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            "on_time_arrival", "on_time_departure", "mean_arrival_delay", "late_aircraft_share", "block_overrun",
            "turnaround", "misconnection", "chronic_delay", "compensation_exposure",
        ),
        "punctuality",
    ),
    "completion": "completion",
    **dict.fromkeys(("load_factor", "break_even_load_factor", "spill"), "demand"),
    **dict.fromkeys(("yield", "rask", "cask", "cask_ex_fuel", "unit_spread", "margin"), "money"),
    **dict.fromkeys(("fuel_intensity", "co2_per_passenger_km"), "fuel"),
    **dict.fromkeys(("satisfaction", "nps", "complaint_rate"), "customer"),
}  # fmt: skip
"""KPIs that go bad together when an airport does; one that is not named is a group of its own."""


class Reds:
    """The airports that are red now, and on what.

    Carriers would inhibit likewise, but a row of a route does not say who flies it.
    """

    def __init__(self, airports: Iterable[EntityLights], catalog: Catalog) -> None:
        self._reds: dict[tuple[str, str], str] = {}
        for airport in airports:
            for name, light in airport.rules.items():
                if airport.scope == "airport" and light.state.light is Light.RED and name in catalog.rules:
                    self._reds[airport.name, group_of(catalog.rules[name])] = name

    def of_route(self, route: str, rule: Rule) -> dict[str, str]:
        """The route's airports that are red for the group of this rule, and the rule that says so."""
        group = group_of(rule)
        found = {airport: self._reds.get((airport, group)) for airport in ends_of(route)}
        return {airport: name for airport, name in found.items() if name is not None}


def group_of(rule: Rule) -> str:
    """The KPI group of a rule."""
    return KPI_GROUPS.get(rule.kpi_name, rule.kpi_name)


def inhibits(catalog: Catalog) -> bool:
    """Whether any airport can be red at all."""
    return any(rule.scope == "airport" for rule in catalog.rules.values())
