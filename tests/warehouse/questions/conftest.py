"""What tests of questions, reports and exports share: a year of flights in a star, made once a worker."""

from pathlib import Path

import pytest

from tests.warehouse.star_2013 import star_of_2013


@pytest.fixture(scope="session")
def year_star(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The DuckDB file with the flights of 2013; tests only read it."""
    path = tmp_path_factory.mktemp("star") / "star.duckdb"
    star_of_2013(path)
    return path
