"""Writes a new rule file that passes `check` and `test`: thresholds to change, tests to go on from."""

from typing import Final, NamedTuple

from schemas.kpis import KPIS, Kpi
from schemas.measures import MEASURES
from schemas.rows import SCOPES, WINDOWS_OF_SCOPE, Scope, Window


class _Values(NamedTuple):
    """Placeholders in the KPI's unit, from best to worst."""

    good: float
    recover_amber: float
    amber: float
    recover_red: float
    red: float
    bad: float


_PLACEHOLDERS: Final = {
    ("proportion", "higher is better"): _Values(95, 83, 80, 73, 70, 40),
    ("proportion", "lower is better"): _Values(2, 8, 10, 15, 20, 60),
    ("ratio", "higher is better"): _Values(10, 6, 5, 3, 2, 1),
    ("ratio", "lower is better"): _Values(1, 4, 5, 8, 10, 20),
}
_COUNTS: Final = {measure.name for measure in MEASURES if measure.unit == "count"}
# Small enough that the bounds of the tests' 100 stay between the placeholders.
_SPREAD: Final = 1.0
# Sizes of the denominators in the tests: enough that rounding to whole units moves no value across a threshold.
_COUNT, _AMOUNT = 100, 1_000_000


def rule_text(name: str, kpi: Kpi) -> str:
    """The text of a rule file of this name on this KPI. Raises ValueError for a KPI without a good direction."""
    if kpi.direction == "neither":
        raise ValueError(f"{kpi.name} has no good direction: it can be shown, not judged")
    values = _PLACEHOLDERS[kpi.kind, kpi.direction]
    scope, window = _place(kpi)
    n_of = next((name for name in kpi.denominator if name in _COUNTS), "flights")
    good, bad = ({**measures_for(kpi, value), n_of: _COUNT} for value in (values.good, values.bad))
    columns = list(good | bad)
    cells = {True: _cells(columns, good), False: _cells(columns, bad)}
    return f"""\
# {kpi.title}: {kpi.formula}, {kpi.unit}, {kpi.direction} ({kpi.source}).
# Say here where the thresholds come from, and what the choice of window, min_n, for and dwell was measured to cost.
# An override for some routes, airports, carriers, stage lengths or seasons is a table [[where]] before the tests:
# [[where]]
# airports = ["MEX"]
# seasons = ["spring", "summer", "winter"]
# amber = …
version = 1
kpi = "{kpi.name}"
scope = "{scope}"
window = "{window}"
amber = {values.amber:g}
red = {values.red:g}
recover_amber = {values.recover_amber:g}
recover_red = {values.recover_red:g}
confidence = 0.95
{_spread(kpi)}min_n = 10
n_of = "{n_of}"
for = "1h"
dwell = "6h"
max_age = "15m"
audience = ["operations"]
runbook = "rules/runbooks/{name}.md"
title = {{ en = "{kpi.title}", es = "{kpi.title_es}" }}
advice = {{ en = "Say what to do first.", es = "Diga qué hacer primero." }}

[[tests]]
name = "bad for an hour turns red, good again turns green"
columns = {_list(columns)}
rows = [
  ["0m", {cells[True]}, "nothing"], ["1h", {cells[True]}, "GREEN"],
  ["8h", {cells[False]}, "nothing"], ["9h", {cells[False]}, "RED"],
  ["20h", {cells[True]}, "nothing"], ["21h", {cells[True]}, "GREEN"],
]

[[tests]]
name = "bad for half an hour alarms no one"
columns = {_list(columns)}
rows = [
  ["0m", {cells[True]}, "nothing"], ["1h", {cells[True]}, "GREEN"],
  ["8h", {cells[False]}, "nothing"], ["8h30m", {cells[True]}, "nothing"],
]
"""


def runbook_text(kpi: Kpi) -> str:
    """A runbook to fill in."""
    return f"# {kpi.title}\n\nWhat it means: {kpi.formula}.\n\nFirst checks:\n\n1. …\n\nActions:\n\n1. …\n"


def measures_for(kpi: Kpi, value: float) -> dict[str, int]:
    """Measures of a row in which the KPI has about this value."""
    measures = measures_for(KPIS[kpi.times], KPIS[kpi.times].scale) if kpi.times else {}
    base = next(iter(kpi.denominator))
    size = _COUNT if base in _COUNTS else _AMOUNT
    wanted = value / kpi.scale * size * kpi.denominator[base] - size * kpi.numerator.get(base, 0)
    rest = next(
        name for name, weight in kpi.numerator.items() if name not in kpi.denominator and (weight > 0) == (wanted > 0)
    )
    return measures | {base: size, rest: round(wanted / kpi.numerator[rest])}


def _place(kpi: Kpi) -> tuple[Scope, Window]:
    """The first scope and window in which rows with this KPI come."""
    return next((scope, window) for scope in SCOPES for window in kpi.windows if window in WINDOWS_OF_SCOPE[scope])


def _spread(kpi: Kpi) -> str:
    """A proportion's bound needs none."""
    if kpi.kind == "proportion":
        return ""
    return f"spread = {_SPREAD:g}  # measure it: the standard deviation of one of n_of, in {kpi.unit}\n"


def _cells(columns: list[str], measures: dict[str, int]) -> str:
    return ", ".join(str(measures.get(name, 0)) for name in columns)


def _list(names: list[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"
