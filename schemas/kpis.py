"""The KPI catalogue: each KPI is a ratio of two linear combinations of measures.

A new KPI is one entry here and one rule file in `rules/catalog`. The value of a KPI is
scale x numerator / denominator (x the value of another KPI, for the one product in the catalogue), None where the
denominator is not positive. Formulas and their sources: BTS (on time, cancellation), ICAO Doc 9626 and IATA (load,
yield, unit revenue and cost), 14 CFR 399.81(c) (chronic delay).
"""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from schemas.errors import ContractError
from schemas.measures import MODELLED_BY, POSITION
from schemas.rows import KpiRow, Window

Direction = Literal["higher is better", "lower is better", "neither"]
Kind = Literal["proportion", "ratio"]
Combination = Mapping[str, int]


class Kpi(msgspec.Struct, frozen=True):
    """One KPI. `kind` proportion means a count out of a count: a binomial bound applies.

    `scale` turns the ratio into `unit`. `windows` are the trailing windows it is read in, the first being the default.
    """

    name: str
    title: str
    title_es: str
    numerator: Combination
    denominator: Combination
    unit: str
    direction: Direction
    windows: tuple[Window, ...]
    source: str
    kind: Kind = "ratio"
    scale: float = 1.0
    times: str | None = None

    def terms(self, row: KpiRow) -> tuple[int, int]:
        """Numerator and denominator of a row, exact integers."""
        return combine(self.numerator, row), combine(self.denominator, row)

    def value(self, row: KpiRow) -> float | None:
        """The value in `unit`; None without a positive denominator."""
        numerator, denominator = self.terms(row)
        if denominator <= 0:
            return None
        value = self.scale * numerator / denominator
        if self.times is None:
            return value
        factor = KPIS[self.times].value(row)
        return None if factor is None else value * factor / KPIS[self.times].scale

    def modelled_facts(self, row: KpiRow) -> int:
        """How many modelled facts stand behind the value; 0 means that everything was observed."""
        counters = {MODELLED_BY[name] for name in (*self.numerator, *self.denominator) if name in MODELLED_BY}
        factor = KPIS[self.times].modelled_facts(row) if self.times else 0
        return factor + sum(row[counter] for counter in counters)

    @property
    def formula(self) -> str:
        """The formula in the measures' names, for people."""
        text = f"{_words(self.numerator)} / {_words(self.denominator)}"
        return f"{self.times} x {text}" if self.times else text


def combine(combination: Combination, row: KpiRow) -> int:
    """The linear combination of a row's measures."""
    return sum(weight * row.measures[POSITION[name]] for name, weight in combination.items())


def _words(combination: Combination) -> str:
    words = ""
    for name, weight in combination.items():
        sign = " - " if weight < 0 else " + " if words else ""
        words += sign + (f"{abs(weight)} x " if abs(weight) != 1 else "") + name
    return f"({words})" if " " in words else words


REVENUE: Final = {"ticket_revenue": 1, "ancillary_revenue": 1, "cargo_revenue": 1}
COST_EX_FUEL: Final = {"crew_cost": 1, "maintenance_cost": 1, "airport_cost": 1}
COST: Final = {"fuel_cost": 1, **COST_EX_FUEL}
RESULT: Final = {**REVENUE, **dict.fromkeys(COST, -1)}
CAUSE_MINUTES: Final = {
    "carrier_delay_minutes": 1,
    "weather_delay_minutes": 1,
    "airspace_delay_minutes": 1,
    "security_delay_minutes": 1,
    "late_aircraft_delay_minutes": 1,
}
_SHORT: Final[tuple[Window, ...]] = ("24h", "3h", "7d", "28d")
_LONG: Final[tuple[Window, ...]] = ("7d", "28d", "24h")
_UP: Final[Direction] = "higher is better"
_DOWN: Final[Direction] = "lower is better"

KPIS: Final[dict[str, Kpi]] = {
    kpi.name: kpi
    for kpi in (
        Kpi(
            "on_time_arrival", "On-time arrival (A14)", "Llegadas a tiempo (A14)",
            {"arrivals_on_time": 1}, {"flights": 1}, "%", _UP, _SHORT,
            "BTS: < 15 min late; cancelled and diverted count as late", "proportion", 100,
        ),
        Kpi(
            "on_time_departure", "On-time departure (D15)", "Salidas a tiempo (D15)",
            {"departures_on_time": 1}, {"departures": 1}, "%", _UP, _SHORT, "BTS: < 15 min late", "proportion", 100,
        ),
        Kpi(
            "completion", "Completion factor", "Vuelos realizados",
            {"operated": 1}, {"flights": 1}, "%", _UP, _SHORT, "BTS", "proportion", 100,
        ),
        Kpi(
            "mean_arrival_delay", "Mean arrival delay", "Demora media de llegada",
            {"arrival_delay_minutes": 1}, {"arrivals": 1}, "min", _DOWN, _SHORT, "BTS: late part only",
        ),
        Kpi(
            "late_aircraft_share", "Late-aircraft share of delay", "Demora por avión tardío",
            {"late_aircraft_delay_minutes": 1}, CAUSE_MINUTES, "%", "neither", _SHORT, "BTS causes of delay", scale=100,
        ),
        Kpi(
            "load_factor", "Load factor (PLF)", "Factor de ocupación",
            {"passenger_km": 1}, {"seat_km": 1}, "%", _UP, _SHORT, "ICAO Doc 9626: RPK / ASK", scale=100,
        ),
        Kpi(
            "break_even_load_factor", "Break-even load factor", "Ocupación de equilibrio",
            COST, REVENUE, "%", _DOWN, _LONG, "ICAO: load factor x cost / revenue", scale=100, times="load_factor",
        ),
        Kpi(
            "yield", "Passenger yield", "Ingreso por pasajero-km",
            {"ticket_revenue": 1}, {"passenger_km": 1}, "US¢/RPK", _UP, _LONG, "ICAO",
        ),
        Kpi(
            "rask", "Unit revenue (RASK)", "Ingreso unitario (RASK)",
            REVENUE, {"seat_km": 1}, "US¢/ASK", _UP, _LONG, "IATA",
        ),
        Kpi("cask", "Unit cost (CASK)", "Costo unitario (CASK)", COST, {"seat_km": 1}, "US¢/ASK", _DOWN, _LONG, "IATA"),
        Kpi(
            "cask_ex_fuel", "Unit cost without fuel", "Costo unitario sin combustible",
            COST_EX_FUEL, {"seat_km": 1}, "US¢/ASK", _DOWN, _LONG, "IATA",
        ),
        Kpi(
            "unit_spread", "Unit spread (RASK - CASK)", "Margen unitario (RASK - CASK)",
            RESULT, {"seat_km": 1}, "US¢/ASK", _UP, _LONG, "IATA",
        ),
        Kpi("margin", "Operating margin", "Margen de operación", RESULT, REVENUE, "%", _UP, _SHORT, "IATA", scale=100),
        Kpi(
            "fuel_intensity", "Fuel against reference", "Combustible contra referencia",
            {"fuel_kg": 1, "fuel_reference_kg": -1}, {"fuel_reference_kg": 1}, "%", _DOWN, _LONG,
            "OpenAP's figure for type and distance", scale=100,
        ),
        Kpi(
            "co2_per_passenger_km", "CO2 per passenger-km", "CO2 por pasajero-km",
            {"fuel_kg": 3160}, {"passenger_km": 1}, "g/RPK", _DOWN, _LONG, "ICAO: 3.16 kg CO2 per kg of jet fuel",
        ),
        Kpi(
            "block_overrun", "Block overrun", "Exceso de tiempo de bloque",
            {"block_minutes": 1, "scheduled_block_minutes": -1}, {"arrivals": 1}, "min", _DOWN, _SHORT,
            "Actual minus scheduled block; only flights that arrived have one",
        ),
        Kpi(
            "turnaround", "Turnaround", "Tiempo en tierra",
            {"turnaround_minutes": 1}, {"turnarounds": 1}, "min", _DOWN, _SHORT, "IATA AHM",
        ),
        Kpi(
            "turnaround_overrun", "Turnaround over plan", "Tiempo en tierra sobre el plan",
            {"turnaround_minutes": 1, "scheduled_turnaround_minutes": -1}, {"turnarounds": 1}, "min", _DOWN, _SHORT,
            "IATA AHM: actual minus planned ground time",
        ),
        Kpi(
            "misconnection", "Missed connections", "Conexiones perdidas",
            {"misconnected": 1}, {"connecting": 1}, "%", _DOWN, _SHORT, "United, ORD: 2.47-2.96 %", "proportion", 100,
        ),
        Kpi(
            "satisfaction", "Satisfaction (CSAT)", "Satisfacción (CSAT)",
            {"satisfied": 1}, {"responses": 1}, "%", _UP, _LONG, "Answers 4 and 5 of 1-5", "proportion", 100,
        ),
        Kpi(
            "nps", "Net promoter score", "Índice de recomendación (NPS)",
            {"promoters": 1, "detractors": -1}, {"nps_responses": 1}, "points", _UP, _LONG,
            "Promoters minus detractors, only of those who were asked 0-10", scale=100,
        ),
        Kpi(
            "complaint_rate", "Complaints per 1,000 passengers", "Quejas por 1,000 pasajeros",
            {"complaints": 1}, {"passengers": 1}, "‰", _DOWN, _LONG, "DOT Air Travel Consumer Report", scale=1000,
        ),
        Kpi(
            "compensation_exposure", "Compensation exposure per flight", "Compensaciones por vuelo",
            {"compensation_exposure": 1}, {"flights": 100}, "US$", _DOWN, _SHORT,
            "Mexico: Ley de Aviación Civil art. 47 Bis; airline-caused delays only",
        ),
        Kpi(
            "chronic_delay", "Late over 30 min or cancelled", "Demora crónica (más de 30 min)",
            {"flights": 1, "arrivals_within_30m": -1}, {"flights": 1}, "%", _DOWN, ("28d",),
            "14 CFR 399.81(c): over 50 % of at least 10 flights in a month", "proportion", 100,
        ),
    )
}  # fmt: skip


def unknown_measures(kpi: Kpi) -> list[str]:
    """The measures a KPI names that do not exist."""
    return sorted({name for name in (*kpi.numerator, *kpi.denominator) if name not in POSITION})


def require(name: str) -> Kpi:
    """The KPI of this name. Raises ContractError that lists what there is."""
    if name not in KPIS:
        raise ContractError(f"unknown KPI {name!r}; known: {', '.join(KPIS)}")
    return KPIS[name]
