"""The booking system's tables on a real PostgreSQL: migrated once, refusing what is wrong, filled alike each time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from deploy.local.postgres import Postgres
from tests.integration.booking_system import BookingSystem, booking_system, few_flights
from warehouse.booking.load import TABLES, LoadError, load
from warehouse.booking.migrate import Migration, MigrationError, migrate, migrations

pytestmark = pytest.mark.integration


@pytest.fixture
def system(postgres: Postgres, tmp_path: Path) -> Iterator[BookingSystem]:
    with booking_system(postgres, tmp_path) as empty:
        yield empty


@pytest.fixture(scope="module")
def filled(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BookingSystem]:
    with booking_system(postgres, tmp_path_factory.mktemp("filled"), bookings=300) as loaded:
        yield loaded


def test_migrated_twice_is_migrated_once(system: BookingSystem) -> None:
    with system.connect() as connection:
        assert migrate(connection) == []
    applied = system.rows("SELECT name FROM schema_migrations ORDER BY name")
    assert [name for (name,) in applied] == [migration.name for migration in migrations()]


def test_a_changed_file_a_gone_file_and_a_late_number_are_refused(system: BookingSystem) -> None:
    known = migrations()
    changed = [known[0]._replace(sql=known[0].sql + "-- more"), *known[1:]]
    between = [Migration("000_before", "SELECT 1"), *known]
    with system.connect() as connection:
        with pytest.raises(MigrationError, match="001_tables was changed after it was applied"):
            migrate(connection, changed)
        with pytest.raises(MigrationError, match="003_masked was applied to this database and is no file here"):
            migrate(connection, known[:-1])
        with pytest.raises(MigrationError, match="000_before comes before 003_masked"):
            migrate(connection, between)


def test_a_file_that_fails_leaves_nothing(system: BookingSystem) -> None:
    fresh = [*migrations(), Migration("004_a", "CREATE TABLE a (x int)"), Migration("005_b", "CREATE TABLE a (x int)")]
    with system.connect() as connection, pytest.raises(psycopg.errors.DuplicateTable):
        migrate(connection, fresh)
    assert system.rows("SELECT to_regclass('a')") == [(None,)]
    assert system.rows("SELECT max(name) FROM schema_migrations") == [("003_masked",)]


REFUSED = {
    "a booking of no flight": "UPDATE bookings SET flight_id = 999999 WHERE booking_id = 1",
    "a booking for nobody": "UPDATE bookings SET passengers = 0 WHERE booking_id = 1",
    "a cabin that is none": "UPDATE bookings SET cabin = 'deck' WHERE booking_id = 1",
    "US$ at another rate": "UPDATE bookings SET currency = 'USD', usd_per_unit_ppm = 999 WHERE booking_id = 1",
    "a fare below nothing": "UPDATE bookings SET fare_minor = -1 WHERE booking_id = 1",
    "another instant of booking": "UPDATE bookings SET booked_at = booked_at + interval '40 days' WHERE booking_id = 1",
    "another number": "UPDATE bookings SET booking_id = 7000 WHERE booking_id = 1",
    "the same locator on the same flight": """
        INSERT INTO bookings (locator, flight_id, booked_at, cabin, channel, passengers, fare_minor, currency,
            usd_per_unit_ppm, status)
        SELECT locator, flight_id, booked_at, cabin, channel, passengers, fare_minor, currency, usd_per_unit_ppm, status
        FROM bookings WHERE booking_id = 1""",
    "a passport twice": """
        UPDATE passengers SET (country, passport) =
            (SELECT country, passport FROM passengers WHERE passenger_id = 2) WHERE passenger_id = 1""",
    "a mail address without @": "UPDATE passengers SET email = 'nowhere' WHERE passenger_id = 1",
    "a route to itself": "UPDATE routes SET destination = origin",
    "an airport off the map": "UPDATE airports SET latitude = 91",
    "a landing before the take-off": "UPDATE flights SET scheduled_arrival_at = scheduled_departure_at",
    "a flight with bookings deleted": "DELETE FROM flights WHERE flight_id = (SELECT min(flight_id) FROM bookings)",
    "an airline with flights deleted": "DELETE FROM airlines",
    "a pilot of more hours than a life has": "UPDATE pilots SET flight_hours = 50000",
}


@pytest.mark.parametrize("statement", REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_refused(filled: BookingSystem, statement: str) -> None:
    with pytest.raises(psycopg.errors.IntegrityError):
        filled.run(statement)


def test_the_constraints_a_load_defers_stand_afterwards(filled: BookingSystem, system: BookingSystem) -> None:
    query = """
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION SELECT tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
        ORDER BY 1, 2"""
    assert filled.rows(query) == system.rows(query)


def test_the_number_of_a_deleted_booking_is_not_used_again(system: BookingSystem) -> None:
    with system.connect() as connection:
        load(connection, few_flights(), 3, seed=1)
    kept = "CREATE TABLE kept AS SELECT * FROM bookings WHERE booking_id = 2"
    system.run(kept, "DELETE FROM bookings WHERE booking_id = 2")
    with pytest.raises(psycopg.errors.IntegrityError, match="booking_id 2 was deleted"):
        system.run("INSERT INTO bookings SELECT * FROM kept")


CONTENTS = {table: f"SELECT to_jsonb(t) - 'updated_at' - 'updated_in' FROM {table} t ORDER BY 1" for table in TABLES}


def test_the_same_seed_makes_the_same_rows_and_another_others(
    filled: BookingSystem, postgres: Postgres, tmp_path: Path
) -> None:
    with booking_system(postgres, tmp_path, bookings=300) as again:
        assert all(filled.rows(query) == again.rows(query) for query in CONTENTS.values())
    with booking_system(postgres, tmp_path) as other:
        with other.connect() as connection:
            load(connection, few_flights(), 300, seed=2)
        assert filled.rows(CONTENTS["passengers"]) != other.rows(CONTENTS["passengers"])
        assert filled.rows(CONTENTS["bookings"]) != other.rows(CONTENTS["bookings"])


def test_a_smaller_load_is_the_beginning_of_a_larger(filled: BookingSystem, postgres: Postgres, tmp_path: Path) -> None:
    with booking_system(postgres, tmp_path, bookings=80) as fewer:
        for table, key in (("bookings", "booking_id"), ("passengers", "passenger_id")):
            (largest,) = fewer.rows(f"SELECT max({key}), count(*) FROM {table}")
            assert largest[0] == largest[1]
            alike = f"SELECT to_jsonb(t) - 'updated_at' - 'updated_in' FROM {table} t"
            query = f"{alike} WHERE {key} <= {largest[0]} ORDER BY {key}"
            assert fewer.rows(query) == filled.rows(query)


def test_a_load_does_not_add_to_what_is_there(filled: BookingSystem) -> None:
    with filled.connect() as connection, pytest.raises(LoadError, match="airlines is not empty"):
        load(connection, few_flights(), 10, seed=3)


def test_passengers_come_from_many_countries_and_pay_in_their_money(filled: BookingSystem) -> None:
    countries = filled.rows("SELECT country, count(*) FROM passengers GROUP BY 1 ORDER BY 2 DESC")
    assert [country for country, _ in countries][:2] == ["US", "MX"]
    assert len(countries) > 5
    paid = "SELECT DISTINCT currency FROM bookings JOIN passengers USING (passenger_id) WHERE country = 'MX'"
    assert filled.rows(paid) == [("MXN",)]


def test_numbers_go_on_after_a_load(filled: BookingSystem) -> None:
    added = """
        INSERT INTO pilots (carrier, full_name, licence, email, birth_date, flight_hours)
        VALUES ('AM', 'One More', 'X1', 'one@example.com', '1980-01-01', 5000) RETURNING pilot_id"""
    (before,) = filled.rows("SELECT max(pilot_id) FROM pilots")
    assert filled.rows(added) == [(before[0] + 1,)]  # type: ignore[operator]
