"""Two days of real flights, a blizzard, as clean tables, and the star that dbt builds of them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl

from producers.sources.nycflights13.replay import NycFlights
from rules.load import Catalog, load_catalog
from rules.replay import kpi_rows
from schemas.lights import Light
from schemas.rows import KpiRow
from tests.warehouse import clean_set
from warehouse.batch_rows import write_rows
from warehouse.flights_2013 import data_set_folder
from warehouse.settings import HistorySettings
from warehouse.star import build

FIRST, UNTIL = date(2013, 2, 8), date(2013, 2, 10)


def settings_of(root: Path) -> HistorySettings:
    """History below a folder."""
    return HistorySettings(clean_url=str(root / "clean"), star_path=root / "warehouse.duckdb")


def rows_of(root: Path) -> list[KpiRow]:
    """Rows of routes over 24 h, an hour apart, that the history below a folder was made of."""
    frame = pl.read_parquet(root / "rows.parquet").filter(pl.col("scope") == "route")
    return kpi_rows(frame.sort("at_ms", "entity"))


def make_history(root: Path) -> None:
    """The rows and, below `clean`, the tables."""
    root.mkdir()
    hourly = timedelta(hours=1)
    write_rows(data_set_folder(), FIRST, UNTIL, root / "rows.parquet", pane=hourly, windows=frozenset({"24h"}))
    rows = rows_of(root)
    clean_set.write_events(root / "clean", NycFlights(FIRST, UNTIL).events())
    clean_set.write_rows(root / "clean", rows)
    catalog = Catalog(rule for rule in load_catalog().rules.values() if rule.id == "on_time_departure")
    lines = []
    for rule, row, made in clean_set.changes(catalog, rows):
        known_at = row.at + clean_set.DECIDED_AFTER
        told = made.to_light in (Light.RED, Light.AMBER)
        sent_at = known_at + timedelta(seconds=1) if told else None
        lines.append(clean_set.light_line(rule, row, made, known_at, "send" if told else "log", sent_at))
    clean_set.write(root / "clean", "light_change", lines)


def make_star(clean: Path, folder: Path) -> None:
    """The star of the history below `clean`."""
    folder.mkdir()
    build(HistorySettings(clean_url=str(clean / "clean"), star_path=folder / "warehouse.duckdb"))
