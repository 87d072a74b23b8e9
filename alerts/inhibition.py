"""Which red lights speak for others: an airport that is red on a KPI explains its routes' alarms of the same group.

So does a carrier, of the routes that it flies alone; of others all who fly them must be red.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from alerts.entity import EntityLights
from rules.load import Catalog
from rules.rule import Rule
from schemas.lights import Light
from schemas.rows import Scope, ends_of

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
"""KPIs that go bad together when an airport or a carrier does; one that is not named is a group of its own."""


class Reds:
    """The airports and carriers that are red now, and on what."""

    def __init__(self, entities: Iterable[EntityLights], catalog: Catalog) -> None:
        self._reds: dict[tuple[Scope, str, str], str] = {}
        for one in entities:
            for name, light in one.rules.items():
                if one.scope != "route" and light.state.light is Light.RED and name in catalog.rules:
                    self._reds[one.scope, one.name, group_of(catalog.rules[name])] = name

    def of_route(self, route: str, rule: Rule, flown_by: Sequence[str] = ()) -> dict[str, str]:
        """What is red for the group of this rule and explains the route's alarm, and the rule that says so.

        Its red airports; after them its carriers, as one, if each of them is red: what one of two carriers suffers does
        not explain the trouble of a route that both fly.
        """
        group = group_of(rule)
        found = {airport: self._reds.get(("airport", airport, group)) for airport in ends_of(route)}
        red = {airport: name for airport, name in found.items() if name is not None}
        of_carriers = [self._reds.get(("carrier", carrier, group)) for carrier in flown_by]
        rules = dict.fromkeys(name for name in of_carriers if name is not None)
        if of_carriers and None not in of_carriers:
            carriers = f"carrier {flown_by[0]}" if len(flown_by) == 1 else f"each of the carriers {', '.join(flown_by)}"
            red[carriers] = ", ".join(rules)
        return red


def group_of(rule: Rule) -> str:
    """The KPI group of a rule."""
    return KPI_GROUPS.get(rule.kpi_name, rule.kpi_name)


def inhibiting(catalog: Catalog) -> frozenset[Scope]:
    """The scopes of which anything can be red that speaks for routes."""
    return frozenset(rule.scope for rule in catalog.rules.values() if rule.scope != "route")
