"""The past replayed: lights against the truth, on rows small enough to follow by hand."""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from rules.__main__ import app
from rules.backtest import Score, backtest, pace, scores, show
from rules.load import Catalog
from rules.replay import replay
from rules.score_table import table
from rules.truth import Episode, truth
from schemas.lights import Light
from schemas.rows import FLAT_COLUMNS, to_ms
from tests.rules.making import HOUR, START, rule

DAY = timedelta(days=1)
NOON = START.replace(hour=0) + 12 * HOUR


def flat(entity: str, at: datetime, on_time: int, flights: int, scope: str = "route") -> dict[str, object]:
    window = "24h" if scope == "route" else "3h"
    given = {"scope": scope, "entity": entity, "window": window, "at_ms": to_ms(at), "ingested_at_ms": to_ms(at)}
    return {**dict.fromkeys(FLAT_COLUMNS, 0), **given, "flights": flights, "arrivals_on_time": on_time}


def written(folder: Path, rows: list[dict[str, object]]) -> Path:
    path = folder / "rows.parquet"
    pl.DataFrame(rows, schema=FLAT_COLUMNS).write_parquet(path)
    return path


def ten_flights(folder: Path, bad: range) -> Path:
    """Ten flights in every trailing day of JFK-LAX; 2 of them on time in the rows of the hours in `bad`, else 10."""
    rows = [flat("JFK-LAX", NOON + hour * HOUR, 2 if hour in bad else 10, 10) for hour in range(96)]
    return written(folder, [*rows, *(flat("JFK-BOS", NOON + hour * HOUR, 10, 10) for hour in range(96))])


def test_the_truth_of_an_hour_is_the_row_of_half_a_day_later(tmp_path: Path) -> None:
    """2 of 10 where 70 % is the rule: 0.16 %. The rows of hours 40 to 49 speak for hours 28 to 37."""
    found = truth(ten_flights(tmp_path, range(40, 50)), NOON, NOON + 4 * DAY)
    assert found.routes == ["JFK-BOS", "JFK-LAX"]
    assert found.bad.shape == (2, 84), "the last half day is not known"
    assert found.bad[1].nonzero()[0].tolist() == list(range(28, 38))
    assert not found.bad[0].any()
    assert found.episodes == [Episode(1, 28, 38)]


def test_five_hours_are_no_firm_episode(tmp_path: Path) -> None:
    found = truth(ten_flights(tmp_path, range(40, 45)), NOON, NOON + 4 * DAY)
    assert found.bad.sum() == 5
    assert found.episodes == []


@pytest.mark.parametrize(
    ("on_time", "flights", "bad", "firm"),
    [
        (1, 8, True, True),  # 0.13 % where 70 % is the rule
        (2, 8, True, False),  # 1.1 %
        (0, 7, True, False),  # 0.02 %, of seven
        (1, 4, True, False),  # 8.4 %
        (5, 10, False, False),  # 15 %
        (0, 3, False, False),  # 2.7 %, of three
    ],
)
def test_how_few_are_bad_and_how_few_firmly(tmp_path: Path, on_time: int, flights: int, bad: bool, firm: bool) -> None:
    rows = [flat("JFK-LAX", NOON + hour * HOUR, on_time, flights) for hour in range(48)]
    found = truth(written(tmp_path, rows), NOON, NOON + 48 * HOUR)
    assert found.bad.tolist() == [[bad] * 36]
    assert found.episodes == ([Episode(0, 0, 36)] if firm else [])


def test_a_row_that_is_a_day_old_says_nothing(tmp_path: Path) -> None:
    """The first hour's truth is the row of hour 12; one of hour -13 is of other flights, one of hour -12 is the newest
    there is."""
    rows = [flat("JFK-LAX", NOON - 13 * HOUR, 2, 10), flat("JFK-BOS", NOON - 12 * HOUR, 2, 10)]
    found = truth(written(tmp_path, rows), NOON, NOON + 48 * HOUR)
    assert found.routes == ["JFK-BOS"]
    with pytest.raises(ValueError, match="no 24 h rows of routes between 2013-02-20 and 2013-02-22"):
        truth(tmp_path / "rows.parquet", NOON + 12 * DAY, NOON + 14 * DAY)


def test_scores_by_hand(tmp_path: Path) -> None:
    """At 2 of 10 red at once, and green at once: red in hours 40 to 49, bad were 28 to 37. Never right, not found.

    With bad rows from hour 30 to 69: bad were 18 to 57, so 28 of 40 red hours are right, and red is 12 hours late.
    """
    one = rule(hold=timedelta(), dwell=timedelta(seconds=1), confidence=0.9)
    catalog, until = Catalog([one]), NOON + 4 * DAY
    (early,) = backtest(ten_flights(tmp_path, range(40, 50)), [catalog], NOON, until)
    (score,) = early.scores
    assert (score.found, score.delay_hours, score.right, score.episodes) == (0.0, None, 0.0, 1)
    months = 2 * 4 / (365.25 / 12)
    assert score.changes * months == pytest.approx(2)
    assert score.reds * months == pytest.approx(1)
    assert score.told * months == pytest.approx(2)
    (late,) = backtest(ten_flights(tmp_path, range(30, 70)), [catalog], NOON, until)
    (score,) = late.scores
    assert (score.found, score.delay_hours, score.right) == (1.0, 12.0, 28 / 40)
    assert score.red_share == pytest.approx(40 / (2 * 96))
    known_months = 2 * 84 / 24 / (365.25 / 12)
    assert score.missed_hours == pytest.approx(12 / known_months), "bad and not red: hours 18 to 29"
    assert score.false_hours == pytest.approx(12 / known_months), "red and not bad: hours 58 to 69"


def test_of_half_a_day_nothing_is_known_yet(tmp_path: Path) -> None:
    """Red in both routes' rows of all its hours, and whether that was right will be known half a day later."""
    rows = [flat(route, NOON + hour * HOUR, 2, 10) for hour in range(12) for route in ("JFK-LAX", "JFK-BOS")]
    catalog = Catalog([rule(hold=timedelta(), dwell=timedelta(seconds=1))])
    (result,) = backtest(written(tmp_path, rows), [catalog], NOON, NOON + 12 * HOUR)
    (score,) = result.scores
    assert (score.red_share, score.episodes) == (1.0, 0)
    assert (score.right, score.found, score.delay_hours, score.missed_hours, score.false_hours) == (None,) * 5


def test_lights_as_a_table_and_before_the_first_instant_nothing_counts(tmp_path: Path) -> None:
    """Red since hour 30, looked at from hour 36 on: it is red in the first row, and that is no change."""
    catalog = Catalog([rule(hold=timedelta(), dwell=timedelta(seconds=1))])
    path, first, until = ten_flights(tmp_path, range(30, 70)), NOON + 36 * HOUR, NOON + 40 * HOUR
    shown = show(path, catalog, first, until, lambda _rows: None)
    table = shown.table().filter(pl.col("route") == "JFK-LAX")
    assert table.columns == ["route", "rule", "at", "light"]
    assert table["light"].to_list() == ["RED"] * 4
    assert table["at"].to_list() == [first + hour * HOUR for hour in range(4)]
    (score,), held = scores(shown, first, until)
    assert held == {}
    assert (score.changes, score.right) == (0, None)


def test_the_pace_is_by_the_minute_of_cpu(tmp_path: Path) -> None:
    catalog = Catalog([rule(hold=timedelta())])
    one = show(ten_flights(tmp_path, range(1)), catalog, NOON, NOON + DAY, lambda _rows: None)
    shown = [one._replace(rows=300, cpu_seconds=0.25), one._replace(rows=900, cpu_seconds=0.5)]
    assert pace(shown) == "replayed 1,200 rows in 0.8 s of CPU: 96,000 a minute"
    assert shown[0].rows_per_minute == 72_000


def test_scores_as_a_table() -> None:
    known = Score("on_time_arrival", 2, 3.84, 1.19, 2.5, 0.0123, 0.77, 0.98, 3.0, 264, 9.96, 2.0)
    none = Score("completion", 2, 0, 0, 0, 0)
    title, head, *lines = table([known, none, none._replace(rule="nps", measured=False)], "rules/").splitlines()
    assert title == "rules/"
    said = "per entity and month changes reds told red % right found of delay missed h false h"
    assert " ".join(head.split()) == said
    assert lines == [
        "  on_time_arrival            3.84  1.19  2.50   1.23  77.0%  98.0%    264  3.0h     9.96     2.00",
        "  completion                 0.00  0.00  0.00   0.00      –      –      0     –        –        –",
        "  nps                     no data: the rows count none of what it is made of",
    ]


def test_airports_come_before_routes_and_rows_out_of_order_do_no_harm(tmp_path: Path) -> None:
    rows = [flat("JFK-LAX", NOON + hour * HOUR, 2, 10) for hour in range(3)]
    rows += [flat("JFK", NOON + hour * HOUR, 2, 10, "airport") for hour in range(3)]
    of_airport = rule(id="airport", scope="airport", window="3h", hold=timedelta())
    catalog = Catalog([rule(hold=timedelta()), of_airport])
    path = written(tmp_path, rows[::-1])
    seen: list[int] = []
    judged = list(replay(path, catalog, NOON, NOON + DAY, seen.append))
    assert [one.entity for one in judged] == ["JFK", "JFK-LAX"] * 3
    assert judged[0].light is Light.RED
    assert judged[0].transition is not None
    assert judged[2].transition is None
    assert sum(seen) == 6


def call(*words: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["backtest", *map(str, words)])
    return result.exit_code, result.output


def test_the_command_compares_two_rule_sets_and_writes_lights(tmp_path: Path) -> None:
    path, lights = ten_flights(tmp_path, range(30, 70)), tmp_path / "lights.parquet"
    day = f"{NOON:%Y-%m-%d}"
    until = f"{NOON + 4 * DAY:%Y-%m-%d}"
    catalog = Path("rules/catalog")
    code, said = call(
        "--from", day, "--to", until, "--rows", path, "--rules", catalog / "completion.toml",
        "--compare", catalog / "on_time_arrival.toml", "--lights", lights,
    )  # fmt: skip
    assert code == 0
    assert "completion" in said
    assert "on_time_arrival" in said
    assert "rows: " not in said, "a bar is for a terminal"
    assert "replayed 336 rows" in said, "two rule sets, two routes, 84 hours from noon to the fourth midnight"
    assert pl.read_parquet(lights)["rule"].unique().to_list() == ["completion"]


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    day = ("--from", "2013-03-02", "--to", "2013-03-01")
    assert call(*day, "--rows", "x")[0] == 2
    other = tmp_path / "other.parquet"
    pl.DataFrame({"a": [1]}).write_parquet(other)
    code, said = call("--from", "2013-03-01", "--to", "2013-03-02", "--rows", other)
    assert code == 2
    assert "not KPI rows" in said
    code, said = call("--from", "2013-03-01", "--to", "2013-03-02", "--rows", tmp_path / "none.parquet")
    assert code == 2
