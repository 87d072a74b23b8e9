"""The SQL with settings and measures filled in."""

from datetime import timedelta

import pytest

from flink_jobs.queries import SQL_FOLDER, Queries, interval
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
FILES = sorted(path.stem for path in SQL_FOLDER.glob("*.sql"))


@pytest.mark.parametrize("name", FILES)
def test_every_file_opens_with_the_question_it_answers(name: str) -> None:
    first = (SQL_FOLDER / f"{name}.sql").read_text().splitlines()[0]
    assert first.startswith("-- ")
    assert first.endswith("?")


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_left_to_fill_in(name: str) -> None:
    statements = Queries(SETTINGS).statements(name)
    assert statements
    assert not any("${" in statement for statement in statements)


def test_client_properties_are_quoted() -> None:
    (_function, source) = Queries(SETTINGS).statements("01_source")
    assert "'properties.sasl.jaas.config' = 'x required password=''p'';'" in source
    assert "'properties.group.id' = 'demo.kpi-job'" in source
    assert "'topic' = 'demo.flight-status;demo.flight-finance;demo.flight-operations;" in source


def test_facts_name_every_measure_once_in_the_order_of_the_list() -> None:
    text = (SQL_FOLDER / "05_facts.sql").read_text()
    named = [word.rstrip(",") for line in text.splitlines() if " AS " in f" {line}" for word in [line.split("AS ")[-1]]]
    assert [name for name in named if name in MEASURE_NAMES] == list(MEASURE_NAMES)


def test_every_measure_is_summed_into_its_pane() -> None:
    (panes,) = Queries(SETTINGS).statements("06_panes")
    sums = [f"SUM(CAST({name} AS BIGINT)) AS {name}" for name in MEASURE_NAMES]
    assert ",\n    ".join(sums) in panes
    assert "INTERVAL '0 00:01:00.000' DAY(3) TO SECOND(3), INTERVAL '0.001' SECOND" in panes


def test_the_source_has_a_column_for_every_field_that_a_measure_may_need() -> None:
    (_function, source) = Queries(SETTINGS).statements("01_source")
    unused = {"flight_id", "number", "tail", "aircraft_type", "cabin", "channel"}
    for record in {measure.record for measure in MEASURES}:
        for field in set(RECORDS[record].__struct_fields__) - unused:
            assert f"\n    {field} " in source or f"\n    `{field}` " in source, f"{record}.{field}"


@pytest.mark.parametrize(
    ("length", "literal"),
    [
        (timedelta(milliseconds=100), "INTERVAL '0 00:00:00.100' DAY(3) TO SECOND(3)"),
        (timedelta(0), "INTERVAL '0 00:00:00.000' DAY(3) TO SECOND(3)"),
        (timedelta(days=28) - timedelta(milliseconds=1), "INTERVAL '27 23:59:59.999' DAY(3) TO SECOND(3)"),
    ],
)
def test_intervals_are_exact(length: timedelta, literal: str) -> None:
    assert interval(length) == literal
