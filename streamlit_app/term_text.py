"""What a KPI is a ratio of, with its units: "US$ 458,740 / 7,412,363 ASK"."""

from typing import Final

from schemas.kpis import Combination, Kpi
from schemas.measures import MEASURES, POSITION, Unit

_UNITS: Final[dict[Unit, str]] = {
    "minutes": "min", "kg": "kg", "seat_km": "ASK", "passenger_km": "RPK", "kg_km": "kg km",
}  # fmt: skip
"""Of what is counted the measure itself says what it is."""


def terms_text(kpi: Kpi, numerator: int, denominator: int) -> str:
    """Each as its measures are counted; a factor of all of them (grams of CO2 of a kg) shows in the value alone."""
    return f"{_term(kpi.numerator, numerator)} / {_term(kpi.denominator, denominator)}"


def _term(combination: Combination, amount: int) -> str:
    unit = MEASURES[POSITION[next(iter(combination))]].unit
    counted = amount / min(map(abs, combination.values()))
    if unit == "us_cents":
        return f"US$ {counted / 100:,.0f}"
    return f"{counted:,.0f} {_UNITS.get(unit, '')}".rstrip()
