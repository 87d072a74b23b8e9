"""What the clean tables say of lines worked out by hand, asked in SQL."""

import gzip
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from schemas.events import FlightState
from schemas.raw import LIGHT_LOG, RawLightLog, prefix, raw_line
from tests.warehouse.compaction import raw_folder
from tests.warehouse.compaction.raw_folder import HOUR, START, some_lines, tables, write
from warehouse.compaction.compact import Compacted, compact
from warehouse.storage import Store


def run(folder: Path, *, again: bool = False) -> Compacted:
    return compact(Store(str(folder / "raw")), Store(str(folder / "clean")), again=again)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Compacted]:
    folder = tmp_path_factory.mktemp("compaction")
    write(folder / "raw", some_lines(), "all.jsonl")
    return folder, run(folder)


def ask(folder: Path, table: str, select: str) -> list[tuple[Any, ...]]:
    source = f"read_parquet('{folder}/clean/{table}/*/*.parquet', hive_partitioning = false)"
    return duckdb.connect().execute(select.replace("TABLE", source)).fetchall()


def test_each_fact_is_there_once(made: tuple[Path, Compacted]) -> None:
    folder, found = made
    # 12 reports and 4 corrections; the one said twice and the garbage are not rows
    assert ask(folder, "flight_status", "SELECT count(*), count(DISTINCT event_id) FROM TABLE") == [(16, 16)]
    assert (found.objects, found.lines, found.undecodable, found.late) == (6, 26, 1, 1)
    assert found.duplicates == 2  # an arrival and a KPI row
    assert found.rows == {
        "flight_status": 16,
        "flight_finance": 1,
        "route_heartbeat": 1,
        "dead_letter": 2,
        "late_event": 1,
        "kpi_row": 3,
        "raw_range": 5,
        "flight": 4,
    }


def test_the_earliest_position_of_an_event_stays(made: tuple[Path, Compacted]) -> None:
    select = "SELECT \"offset\" FROM TABLE WHERE event_id = '2-ARRIVED'"
    assert ask(made[0], "flight_status", select) == [(8,)]


def test_a_row_lies_in_the_month_of_its_instant(made: tuple[Path, Compacted]) -> None:
    # flights leave at 20, 21, 22, 23 h; of their 16 events the four arrivals and four corrections are of February
    months = "SELECT strftime(event_at, '%Y-%m') m, count(*) FROM TABLE GROUP BY m ORDER BY m"
    assert ask(made[0], "flight_status", months) == [("2013-01", 8), ("2013-02", 8)]
    assert {name for name in tables(made[0] / "clean") if name.startswith("flight_status")} == {
        "flight_status/month=2013-01/part-0.parquet",
        "flight_status/month=2013-02/part-0.parquet",
    }


def test_a_flight_stands_as_its_newest_correction_left_it(made: tuple[Path, Compacted]) -> None:
    select = "SELECT number, state, passengers, corrections, tail, event_at FROM TABLE ORDER BY number"
    at = START.replace(tzinfo=None)
    assert ask(made[0], "flight", select) == [
        ("0", "ARRIVED", 80, 0, "N1", at + 6 * HOUR),  # its correction was refused: a day ahead of the clock
        ("1", "ARRIVED", 84, 2, "N1", at + 60 * HOUR),
        ("2", "ARRIVED", 80, 0, "N1", at + 8 * HOUR),
        ("3", "ARRIVED", 77, 1, "N1", at + 9 * HOUR),  # late, but it holds
    ]


def test_only_the_late_event_is_late(made: tuple[Path, Compacted]) -> None:
    assert ask(made[0], "flight_status", "SELECT event_id FROM TABLE WHERE is_late") == [("3-CORRECTED",)]


def test_a_kpi_row_is_known_since_its_first_arrival(made: tuple[Path, Compacted]) -> None:
    select = 'SELECT known_at, sequence_number, events, operated, flown_by FROM TABLE ORDER BY "at"'
    known = START.replace(tzinfo=None) + HOUR
    assert ask(made[0], "kpi_row", select) == [
        (known, "9", 1, 1, "B6"),
        (known, "9", 2, 1, "B6"),
        (known + HOUR, "10", 3, 1, "B6"),
    ]


def test_unbroken_runs_of_offsets(tmp_path: Path) -> None:
    lines = [line for line in some_lines() if line[0] == "flight-status"]
    write(tmp_path / "raw", [*lines[:3], lines[1], *lines[5:]], "a.jsonl")
    run(tmp_path)
    select = "SELECT first_offset, last_offset, messages, events, undecodable, delivered_on FROM TABLE ORDER BY 1"
    day = datetime(2013, 2, 1)  # noqa: DTZ001 - as DuckDB gives it
    assert ask(tmp_path, "raw_range", select) == [(0, 2, 3, 3, 0, day), (5, 17, 13, 12, 1, day)]


def test_a_beat_is_told_from_a_heartbeat(made: tuple[Path, Compacted]) -> None:
    select = "SELECT messages, events, clock_beats, heartbeats FROM TABLE WHERE topic = 'route-heartbeat'"
    assert ask(made[0], "raw_range", select) == [(2, 0, 1, 1)]


def test_once_more_changes_nothing(made: tuple[Path, Compacted]) -> None:
    folder, _ = made
    before = tables(folder / "clean")
    nothing = run(folder)
    assert (nothing.objects, nothing.objects_before, nothing.files_written) == (0, 6, 0)
    everything = run(folder, again=True)
    assert (everything.objects, everything.files_written, sum(everything.rows.values())) == (6, 0, 0)
    assert tables(folder / "clean") == before


def test_a_note_that_comes_later_marks_its_event(tmp_path: Path) -> None:
    notes = {"late-events", "dead-letters"}
    write(tmp_path / "raw", [line for line in some_lines() if line[0] not in notes], "a.jsonl")
    assert run(tmp_path).late == 0
    assert ask(tmp_path, "flight", "SELECT passengers, corrections FROM TABLE WHERE number = '0'") == [(1, 1)]
    write(tmp_path / "raw", [line for line in some_lines() if line[0] in notes], "b.jsonl")
    assert run(tmp_path).late == 1
    assert ask(tmp_path, "flight_status", "SELECT event_id FROM TABLE WHERE is_late") == [("3-CORRECTED",)]
    assert ask(tmp_path, "flight", "SELECT passengers, corrections FROM TABLE WHERE number = '0'") == [(80, 0)]


def test_a_flight_that_is_put_off_to_another_month_leaves_its_old_one(tmp_path: Path) -> None:
    lines = some_lines()
    write(tmp_path / "raw", lines, "a.jsonl")
    run(tmp_path)
    later = raw_folder.flight(
        2,
        FlightState.SCHEDULED,
        START + 80 * HOUR,
        event_id="put-off",
        scheduled_departure_at=START + 90 * HOUR,
        scheduled_arrival_at=START + 96 * HOUR,
    )
    write(tmp_path / "raw", [raw_folder.message("flight-status", 99, later, START + 80 * HOUR)], "b.jsonl")
    run(tmp_path)
    months = "SELECT number, strftime(scheduled_departure_at, '%m') FROM TABLE ORDER BY number"
    assert ask(tmp_path, "flight", months) == [("0", "01"), ("1", "01"), ("2", "02"), ("3", "01")]


def test_gzip_is_read_and_an_object_that_is_broken_is_named(tmp_path: Path) -> None:
    lines = some_lines()
    write(tmp_path / "raw", lines, "a.jsonl")
    broken = tmp_path / "raw" / prefix("flight-status", "2013-02-02")
    broken.mkdir(parents=True)
    whole = gzip.compress(b"".join(line for topic, line in lines if topic == "flight-status"))
    (broken / "b.gz").write_bytes(whole[:-9])
    (broken / "c.jsonl").write_bytes(lines[0][1] + b"half a li")
    found = run(tmp_path)
    names = {f"topic=flight-status/date=2013-02-02/{name}" for name in ("b.gz", "c.jsonl")}
    assert (found.objects, set(found.unreadable)) == (6, names)
    (broken / "b.gz").write_bytes(whole)  # sent again: only this one and the other broken one are read
    mended = run(tmp_path)
    assert (mended.objects, mended.lines, mended.duplicates) == (1, 18, 17)
    assert set(mended.unreadable) == {"topic=flight-status/date=2013-02-02/c.jsonl"}


def test_what_is_no_entry_of_the_light_log_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "raw" / prefix(LIGHT_LOG, "2013-02-01") / "a.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(raw_line(RawLightLog(sequence_number="1", changed_at_ms=0, item={"entity": "route#A-B"})))
    assert run(tmp_path).undecodable == 1
