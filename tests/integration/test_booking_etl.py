"""The booking ETL on a real PostgreSQL: what is inserted, changed or deleted arrives, whenever it was committed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import polars as pl
import psycopg
import pytest

from deploy.local.postgres import Postgres
from schemas import raw
from tests.integration.booking_system import KEY, NOW, BookingSystem, booking_system, contents, same
from warehouse.booking.etl import run_etl
from warehouse.booking.extract import EtlError, snapshot
from warehouse.booking.masking import booking_keys
from warehouse.booking.tables import BOOKING, WHOLE_TABLES

pytestmark = pytest.mark.integration
BOOKINGS = 400

INSERT = """
    INSERT INTO bookings (locator, passenger_id, flight_id, booked_at, cabin, channel, passengers, fare_minor, currency,
        usd_per_unit_ppm, status)
    VALUES ('{locator}', 1, 1, '{booked_at}', 'economy', 'web', 2, 12345, 'USD', 1000000, 'booked')"""


@pytest.fixture
def system(postgres: Postgres, tmp_path: Path) -> Iterator[BookingSystem]:
    with booking_system(postgres, tmp_path, bookings=BOOKINGS) as filled:
        yield filled


def bookings(system: BookingSystem) -> pl.DataFrame:
    """The clean table, whole."""
    return pl.concat(frame for name, frame in contents(system.clean).items() if name.startswith("booking/"))


def row(system: BookingSystem, booking_id: int) -> dict[str, object]:
    (key,) = booking_keys([booking_id], KEY)
    found = bookings(system).filter(pl.col("booking_key") == key).to_dicts()
    assert len(found) == 1
    return found[0]


def test_the_first_run_brings_everything_and_the_second_nothing(system: BookingSystem) -> None:
    first, second = system.etl(), system.etl()
    assert (first.bookings, first.tables_written) == (BOOKINGS, len(WHOLE_TABLES))
    assert (second.bookings, second.months_written, second.tables_written) == (0, 0, 0)
    table = bookings(system)
    assert dict(table.schema) == dict(BOOKING.columns)
    assert table["booking_key"].n_unique() == BOOKINGS
    fares = system.rows("SELECT sum(fare_minor)::bigint, sum(passengers)::bigint FROM bookings")
    assert (table["fare_minor"].sum(), table["passengers"].sum()) == fares[0]
    for name, frame in contents(system.clean).items():
        if name.startswith("booking/"):
            assert set(frame["booked_at"].dt.strftime("%Y-%m")) == {name.split("month=")[1][:7]}


def test_a_masked_row_says_what_the_booking_says(system: BookingSystem) -> None:
    """Worked out by hand: a booking of 1 March 2026 by a person born on 2 March 2001 is one of a 24-year-old."""
    system.run(
        "UPDATE passengers SET birth_date = '2001-03-02', country = 'MX' WHERE passenger_id = 1",
        INSERT.format(locator="AAAAAA", booked_at="2026-03-01T12:00:00Z"),
        INSERT.format(locator="BBBBBB", booked_at="2026-03-02T12:00:00Z"),
    )
    system.etl()
    day_before, birthday = row(system, BOOKINGS + 1), row(system, BOOKINGS + 2)
    assert (day_before["passenger_age_band"], birthday["passenger_age_band"]) == ("18-24", "25-34")
    assert day_before["passenger_country"] == "MX"
    assert (day_before["fare_minor"], day_before["currency"], day_before["passengers"]) == (12345, "USD", 2)
    ((carrier, number),) = system.rows("SELECT carrier, number FROM flights WHERE flight_id = 1")
    assert day_before["flight_number"] == f"{carrier}-{number}"


def test_changes_of_every_kind_arrive(system: BookingSystem) -> None:
    system.etl()
    ((flown_by,),) = system.rows("SELECT passenger_id FROM bookings WHERE booking_id = 5")
    system.run(
        INSERT.format(locator="AAAAAA", booked_at="2026-02-01T12:00:00Z"),
        "UPDATE bookings SET status = 'cancelled' WHERE booking_id = 2",
        "DELETE FROM bookings WHERE booking_id = 3",
        f"UPDATE passengers SET country = 'NZ' WHERE passenger_id = {flown_by}",
        "UPDATE flights SET number = '999' WHERE flight_id = (SELECT flight_id FROM bookings WHERE booking_id = 7)",
        "UPDATE airports SET city = 'Ciudad de México' WHERE airport = 'MEX'",
    )
    done = system.etl()
    assert done.deleted == 1
    assert 0 < done.bookings < BOOKINGS
    assert row(system, BOOKINGS + 1)["fare_minor"] == 12345
    assert row(system, 2)["status"] == "cancelled"
    assert row(system, 5)["passenger_country"] == "NZ"
    assert row(system, 7)["number"] == "999"
    gone = row(system, 3)
    assert gone["is_deleted"] is True
    assert {name for name, value in gone.items() if value is not None} == {
        "booking_key",
        "booked_at",
        "updated_at",
        "is_deleted",
    }
    airports = contents(system.clean)["booking_airport/part-0.parquet"]
    assert airports.filter(pl.col("airport") == "MEX")["city"].item() == "Ciudad de México"
    assert same(contents(system.clean), system.reference())


def test_a_person_who_is_deleted_leaves_the_sale(system: BookingSystem) -> None:
    system.etl()
    ((booking_id,),) = system.rows("SELECT min(booking_id) FROM bookings WHERE passenger_id = 1")
    before = row(system, int(str(booking_id)))
    system.run("DELETE FROM passengers WHERE passenger_id = 1")
    system.etl()
    after = row(system, int(str(booking_id)))
    assert before["passenger_age_band"] is not None
    assert (after["passenger_age_band"], after["passenger_country"]) == (None, None)
    assert after["fare_minor"] == before["fare_minor"]
    assert same(contents(system.clean), system.reference())


def test_a_transaction_that_commits_late_is_not_lost(system: BookingSystem) -> None:
    """It began first, so its rows are older than those that were read meanwhile."""
    system.etl()
    with psycopg.connect(system.dsn) as slow:
        slow.execute(INSERT.format(locator="SLOWWW", booked_at="2026-02-01T12:00:00Z").encode())
        system.run(INSERT.format(locator="QUICKK", booked_at="2026-02-01T12:00:00Z"))
        meanwhile = system.etl()
        assert (meanwhile.bookings, meanwhile.waiting) == (1, 1)
        slow.commit()
    after = system.etl()
    assert after.bookings == 2
    assert same(contents(system.clean), system.reference())
    assert system.etl().bookings == 0


def test_by_the_instant_of_change_that_transaction_would_be_lost(system: BookingSystem) -> None:
    """The control of the test above: a watermark of instants lies beyond the late row."""
    with psycopg.connect(system.dsn) as slow:
        slow.execute(INSERT.format(locator="SLOWWW", booked_at="2026-02-01T12:00:00Z").encode())
        system.run(INSERT.format(locator="QUICKK", booked_at="2026-02-01T12:00:00Z"))
        ((newest,),) = system.rows("SELECT max(updated_at)::text FROM bookings")
        slow.commit()
    lost = system.rows(f"SELECT locator FROM bookings WHERE locator = 'SLOWWW' AND updated_at < '{newest}'")
    assert lost == [("SLOWWW",)]


def test_raw_holds_each_masked_row_and_the_newest_stands(system: BookingSystem) -> None:
    system.etl()
    system.run("UPDATE bookings SET status = 'no_show' WHERE booking_id <= 10")
    system.etl()
    lines = [
        line
        for stored in system.raw.list(raw.prefix(raw.BOOKING, f"{NOW:%Y-%m-%d}"))
        for line in raw.read_lines(raw.BOOKING, system.raw.read(stored.name))
        if line.table == "booking"
    ]
    assert len(lines) == BOOKINGS + 10
    newest = {line.row["booking_key"]: line.row for line in sorted(lines, key=lambda line: line.read_below)}
    table = bookings(system)
    assert {key: found["status"] for key, found in newest.items()} == dict(table["booking_key", "status"].iter_rows())


def test_small_groups_of_pilots_are_joined(system: BookingSystem) -> None:
    """By hand: four are joined with the next until they are five, the last four with those before, four alone are not
    told."""
    system.run("INSERT INTO airlines VALUES ('Y4', 'Volaris', 'MX'), ('VB', 'Viva', 'MX'), ('XN', 'Mexicana', 'MX')")
    of_each = {"Y4": {1000: 4, 16000: 6}, "VB": {1000: 6, 4000: 7, 16000: 4}, "XN": {9000: 4}}
    for carrier, pilots in of_each.items():
        for hours, count in pilots.items():
            system.run(
                "INSERT INTO pilots (carrier, full_name, licence, email, birth_date, flight_hours) SELECT "
                f"'{carrier}', 'P', '{carrier}{hours}-' || n, 'p@x', '1980-01-01', {hours} "
                f"FROM generate_series(1, {count}) n"
            )
    system.etl()
    bands = contents(system.clean)["pilot_band/part-0.parquet"]
    ours = bands.filter(pl.col("carrier").is_in(list(of_each)))
    assert ours.rows() == [
        ("VB", "0-1500", 0, 1500, 6),
        ("VB", "1500+", 1500, None, 11),
        ("Y4", "0+", 0, None, 10),
    ]
    assert (bands["pilots"] >= 5).all()


def test_bookings_follow_when_the_bands_of_their_airline_change(system: BookingSystem) -> None:
    system.etl()
    system.run("UPDATE pilots SET flight_hours = 16000 WHERE carrier = 'AM'")
    system.etl()
    assert set(bookings(system).filter(pl.col("carrier") == "AM")["pilot_experience_band"]) == {"0+"}
    assert same(contents(system.clean), system.reference())


def test_another_key_a_restored_server_and_a_second_etl_are_refused(system: BookingSystem) -> None:
    system.etl()
    with pytest.raises(EtlError, match="masked with another key"):
        run_etl(system.dsn, system.raw, system.clean, KEY[::-1], NOW)
    with system.connect() as connection, snapshot(connection), pytest.raises(EtlError, match="another ETL"):
        system.etl()
    mark = msgspec.json.decode(system.clean.read("_state/booking-etl.json"))
    system.clean.write("_state/booking-etl.json", msgspec.json.encode({**mark, "read_below": 1 << 40}))
    with pytest.raises(EtlError, match="before it was restored"):
        system.etl()
    assert system.etl(full=True).bookings == BOOKINGS


def test_the_etl_may_not_read_a_person(system: BookingSystem) -> None:
    with system.connect() as connection:
        connection.execute("SET ROLE semaforo_booking_etl")
        for column, table in (
            *(
                (column, "passengers")
                for column in ("full_name", "email", "phone", "passport", "address", "birth_date")
            ),
            *((column, "pilots") for column in ("full_name", "email", "licence", "birth_date", "flight_hours")),
            ("locator", "bookings"),
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT {column} FROM {table}".encode())
