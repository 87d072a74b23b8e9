"""The dbt project against what it is made of, without dbt."""

from __future__ import annotations

import re

import polars as pl

from producers.airports import airport
from schemas.measures import MEASURE_NAMES
from warehouse.star_seeds import DBT_FOLDER, seeds


def test_seeds_are_their_sources() -> None:
    for name, text in seeds().items():
        assert (DBT_FOLDER / "seeds" / name).read_text(encoding="utf-8") == text, "python -m warehouse.star_seeds"
    zones = dict(
        pl.read_csv(DBT_FOLDER / "seeds" / "airport.csv", infer_schema_length=0, null_values=[])
        .select("airport", "time_zone")
        .iter_rows()
    )
    assert {code: str(airport(code).zone) for code in zones} == zones


def test_measures_are_those_of_the_contract() -> None:
    written = re.findall(r"'(\w+)'", (DBT_FOLDER / "macros" / "measures.sql").read_text())
    assert tuple(written) == MEASURE_NAMES


def test_every_model_says_one_row_per() -> None:
    described = "\n".join(path.read_text() for path in (DBT_FOLDER / "models").rglob("*.yml"))
    for path in (DBT_FOLDER / "models").rglob("*.sql"):
        assert re.search(rf'name: {path.stem}[\s,]+description: (>-\s+)?"?One row per ', described), path.stem
