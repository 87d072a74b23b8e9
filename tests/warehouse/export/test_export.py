"""Marts for Tableau: they say what the star says, and name nobody's booking."""

from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from tests.warehouse.star_2013 import empty_star, insert
from warehouse.__main__ import app
from warehouse.export.hyper import library, write_hyper

runner = CliRunner()
AT = datetime(2013, 2, 8, 12)  # noqa: DTZ001 - the star's instants are UTC without a zone


@pytest.fixture
def star(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "star.duckdb"
    with empty_star(path) as connection:
        for number in range(3):
            insert(connection, "fct_flight", {
                "flight_date": date(2013, 2, 8), "route": "A-B", "carrier": "UA", "is_closed": number < 2,
                "is_cancelled": number == 1, "is_diverted": False, "is_arrived_on_time": number == 0,
                "ticket_revenue_usd_cents": 700,
            })  # fmt: skip
        for hour, revision, flights in ((10, 0, 1), (12, 0, 2), (12, 1, 3)):
            insert(connection, "fct_route_kpi", {
                "scope": "route", "entity": "A-B", "kpi_window": "24h", "true_at": AT.replace(hour=hour),
                "revision": revision, "flights": flights,
            })  # fmt: skip
        for key in ("k1", "k2"):
            insert(connection, "fct_booking", {"booking_key": key, "route": "A-B", "booked_at": AT, "passengers": 2})
        connection.execute("drop table star.fct_alert").fetchall()
    monkeypatch.setenv("SEMAFORO_STAR_PATH", str(path))
    return path


@pytest.mark.usefixtures("star")
def test_the_marts_by_hand(tmp_path: Path) -> None:
    told = runner.invoke(app, ["export", "--out", str(tmp_path / "marts")])
    assert told.exit_code == 0
    assert "alerts: left out" in told.stdout
    read = {path.stem: pl.read_parquet(path) for path in (tmp_path / "marts").iterdir()}
    assert set(read) == {"flights_by_route_day", "route_kpi_daily", "lights", "bookings"}
    (flights,) = read["flights_by_route_day"].rows(named=True)
    assert (flights["flights"], flights["cancelled"], flights["arrivals_on_time"]) == (2, 1, 1)
    assert flights["revenue_usd_cents"] == 1_400
    assert read["route_kpi_daily"]["flights"].to_list() == [3], "the newest revision of the day's last row"
    (bookings,) = read["bookings"].rows(named=True)
    assert (bookings["bookings"], bookings["passengers"]) == (2, 4)
    assert "booking_key" not in bookings


@pytest.mark.skipif(find_spec("tableauhyperapi") is not None, reason="tableauhyperapi is installed")
@pytest.mark.usefixtures("star")
def test_without_the_extra_hyper_says_how_to_get_it(tmp_path: Path) -> None:
    told = runner.invoke(app, ["export", "--format", "hyper", "--out", str(tmp_path / "marts")])
    assert told.exit_code == 2
    assert "requirements/tableau.in" in told.stderr


@pytest.mark.skipif(find_spec("tableauhyperapi") is None, reason="tableauhyperapi, an extra, is not installed")
def test_a_hyper_file_holds_the_rows(tmp_path: Path) -> None:
    path = tmp_path / "some.hyper"
    write_hyper(path, {"some": pl.DataFrame({"day": [date(2013, 2, 8)], "name": ["x"], "count": [3], "ok": [True]})})
    api = library()
    with (
        api.HyperProcess(api.Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU) as process,
        api.Connection(process.endpoint, str(path)) as connection,
    ):
        assert connection.execute_scalar_query("select count from semaforo.some") == 3
