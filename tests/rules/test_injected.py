"""Lights against injected incidents, on one small storm."""

from datetime import timedelta
from pathlib import Path

import pytest

from rules.backtest import show
from rules.injected import AFTER, Injection, Seen, against_injections, read_injections, words
from rules.load import Catalog
from schemas.rows import to_ms
from tests.rules.making import HOUR, rule
from tests.rules.test_backtest import DAY, NOON, call, flat, written

STORM = """{"text":"storm MEX","kind":"storm","target":"MEX","start_at":"2013-02-09T12:00:00Z",\
"end_at":"2013-02-09T16:00:00Z","magnitude":0.5,"expected":{"on_time_arrival":"down"},"flights":9,"routes":[%s]}"""
ROUTE = """{"route":"%s","first_at":"2013-02-09T12:30:00Z","last_at":"2013-02-09T18:00:00Z","flights":3,\
"kpis":{"%s":{"without":0.9,"with_incident":0.2,"direction":"%s"}}}"""
CATALOG = Catalog([rule(hold=timedelta(), dwell=timedelta(seconds=1))])


def storm(folder: Path, *routes: tuple[str, str, str]) -> list[Injection]:
    path = folder / "injected.jsonl"
    path.write_text(STORM % ",".join(ROUTE % one for one in routes) + "\n")
    return read_injections(path)


def bad_in(folder: Path, hours: dict[str, range]) -> Path:
    """Ten flights in each day of each route, 2 of them on time in the rows of these hours since NOON, else all."""
    rows = [
        flat(route, NOON + hour * HOUR, 2 if hour in bad else 10, 10)
        for route, bad in hours.items()
        for hour in range(96)
    ]
    return written(folder, rows)


def test_an_incident_is_found_by_the_first_light_that_turned_after_it_began(tmp_path: Path) -> None:
    """The storm begins at hour 24. GDL-MEX turns red at 26, two hours later. MEX-CUN was red from 20 on, and never got
    worse. TIJ-MEX turns red at 53, a day and an hour after the end. Each reached or not, four turned red: MEX-CUN's
    before and TIJ-MEX's after are no storm's, nor is that of CUN-TIJ."""
    hours = {"GDL-MEX": range(26, 40), "MEX-CUN": range(20, 40), "TIJ-MEX": range(53, 60), "CUN-TIJ": range(26, 30)}
    incidents = storm(tmp_path, *((route, "on_time_arrival", "down") for route in ("GDL-MEX", "MEX-CUN", "TIJ-MEX")))
    shown = show(bad_in(tmp_path, hours), CATALOG, NOON, NOON + 4 * DAY, lambda _rows: None)
    score = against_injections(shown, CATALOG, incidents)
    (one,) = score.incidents
    assert one.routes == [Seen("GDL-MEX", "on_time_arrival", 120.0), Seen("MEX-CUN"), Seen("TIJ-MEX")]
    assert (score.reds, score.false_reds) == (4, 3)
    said = words(score)
    assert "storm MEX: found on 1 of 3 routes, after 120 min (median)" in said
    assert "not seen on MEX-CUN, TIJ-MEX" in said
    assert "1 of 1 incidents found; 4 times red, 3 of them where and when no incident was" in said


@pytest.mark.parametrize(("hour", "minutes"), [(24, None), (25, 60.0), (28 + AFTER // HOUR, 1680.0), (53, None)])
def test_from_just_after_the_begin_to_a_day_after_the_end(hour: int, minutes: float | None, tmp_path: Path) -> None:
    incidents = storm(tmp_path, ("GDL-MEX", "on_time_arrival", "down"))
    path = bad_in(tmp_path, {"GDL-MEX": range(hour, hour + 2)})
    shown = show(path, CATALOG, NOON, NOON + 4 * DAY, lambda _rows: None)
    (one,) = against_injections(shown, CATALOG, incidents).incidents
    assert one.routes[0].minutes == minutes


def test_amber_is_seen_but_is_not_red(tmp_path: Path) -> None:
    """72 of 100 where amber is 80 and red 70."""
    bad = range(26, 40)
    rows = [flat("GDL-MEX", NOON + hour * HOUR, 72 if hour in bad else 100, 100) for hour in range(96)]
    shown = show(written(tmp_path, rows), CATALOG, NOON, NOON + 4 * DAY, lambda _rows: None)
    score = against_injections(shown, CATALOG, storm(tmp_path, ("GDL-MEX", "on_time_arrival", "down")))
    assert score.incidents[0].routes == [Seen("GDL-MEX", "on_time_arrival", 120.0)]
    assert (score.reds, score.false_reds) == (0, 0)


def test_routes_where_nothing_that_a_rule_is_on_got_worse_are_not_asked(tmp_path: Path) -> None:
    incidents = storm(tmp_path, ("GDL-MEX", "on_time_arrival", "up"), ("MEX-CUN", "yield", "down"))
    shown = show(bad_in(tmp_path, {"GDL-MEX": range(26, 30)}), CATALOG, NOON, NOON + 4 * DAY, lambda _rows: None)
    score = against_injections(shown, CATALOG, incidents)
    assert score.incidents[0].routes == []
    assert "storm MEX: missed" in words(score)
    assert score.false_reds == 0, "the storm was there all the same"


def test_the_command_reads_incidents_and_names_a_line_that_is_none(tmp_path: Path) -> None:
    assert to_ms(NOON + DAY) == 1360411200000, "the storm's begin is hour 24"
    storm(tmp_path, ("JFK-LAX", "on_time_arrival", "down"))
    rows = bad_in(tmp_path, {"JFK-LAX": range(26, 40)})
    options = ("--from", "2013-02-08", "--to", "2013-02-12", "--rows", rows, "--injected", tmp_path / "injected.jsonl")
    code, said = call(*options)
    assert code == 0
    assert "1 of 1 incidents found" in said
    (tmp_path / "injected.jsonl").write_text("{}\n")
    code, said = call(*options)
    assert code == 2
    assert "injected.jsonl:1: no injected incident" in said
