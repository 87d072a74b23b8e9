"""Two days of real flights as clean tables, and the star built of them, once a session: dbt takes seconds to start."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from producers.sources.nycflights13.replay import NycFlights
from rules.load import Catalog, load_catalog
from rules.replay import kpi_rows
from schemas.lights import Light
from schemas.rows import KpiRow
from tests.warehouse import clean_set
from tests.warehouse.star_2013 import star_of_2013
from warehouse.batch_rows import write_rows
from warehouse.flights_2013 import data_set_folder
from warehouse.settings import HistorySettings
from warehouse.star import Built, build

FIRST, UNTIL = date(2013, 2, 8), date(2013, 2, 10)


class Star(NamedTuple):
    settings: HistorySettings
    built: Built


def settings_of(root: Path) -> HistorySettings:
    """History below a folder."""
    return HistorySettings(clean_url=str(root / "clean"), star_path=root / "warehouse.duckdb")


@pytest.fixture(scope="session")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[KpiRow]:
    """Rows of routes over 24 h, an hour apart, of the blizzard of 8 February 2013."""
    target = tmp_path_factory.mktemp("rows") / "rows.parquet"
    write_rows(data_set_folder(), FIRST, UNTIL, target, pane=timedelta(hours=1), windows=frozenset({"24h"}))
    frame = pl.read_parquet(target).filter(pl.col("scope") == "route")
    return kpi_rows(frame.sort("at_ms", "entity"))


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory, rows: list[KpiRow]) -> Path:
    """The folder above `clean`."""
    root = tmp_path_factory.mktemp("history")
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
    return root


@pytest.fixture(scope="session")
def star(clean: Path) -> Star:
    """Built once; read only."""
    settings = settings_of(clean)
    return Star(settings, build(settings))


def utc(*fields: int) -> datetime:
    return datetime(*fields, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.fixture(scope="session")
def year_star(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A star with the flights of all 2013, made without dbt; tests only read it."""
    path = tmp_path_factory.mktemp("star") / "star.duckdb"
    star_of_2013(path)
    return path
