"""What the templates say of the clean tables is what the clean tables are."""

from typer.testing import CliRunner

from warehouse.__main__ import app
from warehouse.catalogue import CATALOGUE_FILE, as_file, catalogue
from warehouse.clean_tables import CLEAN_TABLES


def test_the_templates_read_the_tables_as_they_are() -> None:
    assert CATALOGUE_FILE.read_bytes() == as_file(), "python -m warehouse catalogue --write"


def test_every_column_of_every_table_is_there() -> None:
    assert {table.name: [column.name for column in table.columns] for table in catalogue()} == {
        name: list(table.columns) for name, table in CLEAN_TABLES.items()
    }


def test_types_that_people_would_look_up() -> None:
    types = {f"{table.name}.{column.name}": column.type for table in catalogue() for column in table.columns}
    assert types["flight.scheduled_departure_at"] == "timestamp"
    assert types["flight.seats"] == "bigint"
    assert types["kpi_row.window"] == "string"
    assert types["light_change.usd_per_hour"] == "double"
    assert types["light_change.modelled"] == "boolean"
    assert types["dead_letter.payload"] == "binary"
    assert types["route_heartbeat.carriers"] == "array<string>"


def test_the_command_lists_them() -> None:
    done = CliRunner().invoke(app, ["catalogue"])
    assert done.exit_code == 0
    assert "flight: One row per flight, as it stands after" in done.output
    assert "  flight_id string" in done.output
