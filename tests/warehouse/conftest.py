"""A star with the flights of all 2013, which only tests read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.once_a_run import once_a_run
from tests.warehouse.star_2013 import star_of_2013


@pytest.fixture(scope="session")
def year_star(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made without dbt."""

    def make(folder: Path) -> None:
        folder.mkdir()
        star_of_2013(folder / "star.duckdb")

    return once_a_run(tmp_path_factory, "year-star", make) / "star.duckdb"
