"""The SQL with settings and measures filled in."""

import re

import pytest

from flink_jobs.queries import SQL_FOLDER, Queries
from flink_jobs.settings import JobSettings
from schemas.events import RECORDS
from schemas.measures import MEASURE_NAMES, MEASURES

SETTINGS = JobSettings(  # type: ignore[call-arg]
    stage="demo",
    bootstrap="127.0.0.1:9092",
    stream="kpis",
    pace="replay",
    kafka={"sasl.jaas.config": "x required password='p';"},
)
FILE_OF_RECORD = {
    "FlightStatus": "03_flight_status",
    "FlightFinance": "04_flight_finance",
    "FlightOperation": "05_flight_operations",
    "PassengerFeedback": "06_passenger_feedback",
}
FILES = sorted(path.stem for path in SQL_FOLDER.glob("*.sql"))


def sql(name: str) -> str:
    return (SQL_FOLDER / f"{name}.sql").read_text()


@pytest.mark.parametrize("name", FILES)
def test_every_file_opens_with_the_question_it_answers(name: str) -> None:
    first = sql(name).splitlines()[0]
    assert first.startswith("-- ")
    assert first.endswith("?")


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_left_to_fill_in(name: str) -> None:
    statements = Queries(SETTINGS).statements(name)
    assert statements
    assert not any("${" in statement for statement in statements)


def test_client_properties_are_quoted() -> None:
    (source,) = Queries(SETTINGS).statements("01_messages")
    assert "'properties.sasl.jaas.config' = 'x required password=''p'';'" in source
    assert "'properties.group.id' = 'demo.kpi-job'" in source
    assert "'topics' = 'demo.flight-status;demo.flight-finance;demo.flight-operations;" in source


def test_every_measure_is_added_to_by_the_sql_of_its_record_alone() -> None:
    for measure in MEASURES:
        files = {name for name in FILES if re.search(rf"(?: AS|^   ) {measure.name},?$", sql(name), re.MULTILINE)}
        assert files - {"01_messages"} == {FILE_OF_RECORD[measure.record]}, measure.name


def test_measures_stand_in_the_order_of_the_list() -> None:
    for name in FILE_OF_RECORD.values():
        words = re.findall(r"(?: AS|^   ) (\w+),?$", sql(name), re.MULTILINE)
        measures = [word for word in words if word in MEASURE_NAMES]
        assert measures == sorted(measures, key=MEASURE_NAMES.index)


def test_the_source_has_a_column_for_every_field_that_a_measure_may_need() -> None:
    (source,) = Queries(SETTINGS).statements("01_messages")
    unused = {"flight_id", "number", "tail", "aircraft_type", "cabin", "channel", "source"}
    for record in {measure.record for measure in MEASURES}:
        (own,) = re.findall(rf"\n    {record} ROW<(.*?)\n    >,", source, re.DOTALL)
        for field in set(RECORDS[record].__struct_fields__) - unused:
            in_head, in_row = rf"\n    `?{field}`? [A-Z]", rf"\n        `?{field}`? [A-Z]"
            assert re.search(in_head, source) or re.search(in_row, own), f"{record}.{field}"
