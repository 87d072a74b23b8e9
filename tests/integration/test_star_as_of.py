"""What stood at an instant, of dbt's star; tests/warehouse/test_as_of.py has stars written by hand."""

from __future__ import annotations

import json
from datetime import datetime

import duckdb
import pytest
from typer.testing import CliRunner

from warehouse.__main__ import app
from warehouse.settings import HistorySettings

pytestmark = pytest.mark.integration


def test_the_blizzard_by_the_star_that_dbt_built(star: HistorySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each light as the chain of changes has it: the newest change at or before the instant."""
    monkeypatch.setenv("SEMAFORO_STAR_PATH", str(star.star_path))
    at = datetime(2013, 2, 9, 12)  # noqa: DTZ001 - the star's instants are UTC without a zone
    with duckdb.connect(star.star_path, read_only=True) as connection:
        expected = dict(
            connection.execute(
                "SELECT entity, to_light FROM star.fct_light WHERE true_at <= ? AND coalesce(true_until > ?, true)",
                [at] * 2,
            ).fetchall()
        )
    assert set(expected.values()) >= {"RED"}
    for route in sorted(expected)[:5]:
        result = CliRunner().invoke(app, ["as-of", route, "2013-02-09T12:00", "--json"])
        found = json.loads(result.stdout)
        assert [light["light"] for light in found["then"]["lights"]] == [expected[route]]
        assert found["clock"] == "live"
