"""Nothing of a person leaves the booking system: not to raw, clean, star, reports, exports, nor to what is printed."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import psycopg
import pytest

from deploy.local.postgres import Postgres
from tests.integration.booking_system import BookingSystem, booking_system
from tests.integration.canary import search, search_text

pytestmark = pytest.mark.integration

CANARIES = {
    "full_name": "Canaria Zorrilla Quux",
    "email": "canaria.zq@example.org",
    "phone": "+52 55 9191 7373",
    "passport": "ZQ99887766",
    "address": "Calle del Canario 7755",
    "birth_date": "1931-12-13",
}
OF_PILOTS = {"full_name": "Piloto Canario Quux", "email": "piloto.zq@example.org", "licence": "ATPZQ445566"}
LOCATOR = "ZQ7X9Q"
ALL = (*CANARIES.values(), *OF_PILOTS.values(), LOCATOR)


@pytest.fixture(scope="module")
def system(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BookingSystem]:
    with booking_system(postgres, tmp_path_factory.mktemp("canary"), bookings=200) as filled:
        sets = ", ".join(f"{column} = '{value}'" for column, value in CANARIES.items())
        of_pilots = ", ".join(f"{column} = '{value}'" for column, value in OF_PILOTS.items())
        filled.run(
            f"UPDATE passengers SET {sets} WHERE passenger_id = 1",
            f"UPDATE pilots SET {of_pilots} WHERE pilot_id = (SELECT pilot_id FROM flights WHERE flight_id = "
            "(SELECT flight_id FROM bookings WHERE passenger_id = 1 LIMIT 1))",
            f"UPDATE bookings SET locator = '{LOCATOR}' WHERE booking_id = "
            "(SELECT min(booking_id) FROM bookings WHERE passenger_id = 1)",
        )
        yield filled


def test_no_canary_is_in_anything_the_etl_wrote(system: BookingSystem, postgres: Postgres) -> None:
    printed = [system.command("etl"), system.command("etl", "--full"), system.command("migrate")]
    system.run(
        "UPDATE bookings SET status = 'no_show' WHERE passenger_id = 1",
        "DELETE FROM passengers WHERE passenger_id = 2",
    )
    printed.append(system.command("etl", "--json"))
    assert [done.returncode for done in printed] == [0, 0, 0, 0]
    assert len(system.raw.list()) > 4
    assert len(system.clean.list("booking")) > 0
    assert search(ALL, [system.raw, system.clean, postgres.log_path]) == []
    assert search_text(ALL, "".join(done.stdout + done.stderr for done in printed)) == []


def test_no_canary_is_in_what_history_makes_of_it(system: BookingSystem, tmp_path: Path) -> None:
    system.etl()
    environment = {
        "SEMAFORO_CLEAN_URL": system.clean.url,
        "SEMAFORO_STAR_PATH": str(tmp_path / "warehouse.duckdb"),
        "SEMAFORO_REPORTS_URL": str(tmp_path / "reports"),
    }
    printed = [
        system.history(environment, "star", "--full-refresh"),
        system.history(environment, "report", "--date", "2013-02-08"),
        system.history(environment, "export", "--out", str(tmp_path / "export")),
    ]
    assert [(done.returncode, done.stderr) for done in printed if done.returncode] == []
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as star:
        (booked,) = star.execute("SELECT count(*) FROM star.fct_booking").fetchall()[0]
        assert booked > 100
        # Its pages are compressed: as Parquet the search reads every value.
        star.execute(f"EXPORT DATABASE '{tmp_path / 'tables'}' (FORMAT parquet)")
    assert len([*(tmp_path / "tables").glob("*.parquet")]) > 10
    assert search(ALL, [tmp_path]) == []
    assert search_text(ALL, "".join(done.stdout + done.stderr for done in printed)) == []


def test_a_refused_row_is_not_quoted_in_the_log(system: BookingSystem, postgres: Postgres) -> None:
    twice = (
        "INSERT INTO passengers (full_name, email, phone, passport, address, birth_date, country) "
        "SELECT full_name, email, phone, passport, address, birth_date, country FROM passengers WHERE passenger_id = 1"
    )
    with pytest.raises(psycopg.errors.UniqueViolation):
        system.run(twice)
    with pytest.raises(psycopg.errors.CheckViolation):
        system.run(f"UPDATE passengers SET full_name = '{CANARIES['full_name']}', email = 'x' WHERE passenger_id = 1")
    assert "ERROR" in postgres.log_path.read_text()
    assert search(ALL, [postgres.log_path]) == []


def test_an_unmasked_export_is_caught(system: BookingSystem, tmp_path: Path) -> None:
    """The control: the same search finds every canary in the same rows written as they are."""
    with system.connect() as connection:
        rows = connection.execute("SELECT * FROM passengers WHERE passenger_id = 1").fetchall()
        columns = [column.name for column in connection.execute("SELECT * FROM passengers LIMIT 0").description or ()]
    table = pl.DataFrame([[str(value) for value in row] for row in rows], schema=columns, orient="row")
    for name, written in (
        ("a.parquet", lambda path: table.write_parquet(path)),
        ("a.jsonl.gz", lambda path: path.write_bytes(gzip.compress(table.write_ndjson().encode()))),
        ("a.csv", lambda path: table.write_csv(path)),
    ):
        folder = tmp_path / name
        folder.mkdir()
        written(folder / name)
        assert {hit.canary for hit in search(CANARIES.values(), [folder])} == set(CANARIES.values()), name
    (tmp_path / f"{LOCATOR}.txt").touch()
    assert search_text(ALL, f"booked {LOCATOR.lower()}") != []
    assert LOCATOR in {hit.canary for hit in search(ALL, [tmp_path])}
