"""`python -m bench lights`: each method on a series small enough to follow, and the table's word."""

import json
from datetime import timedelta
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from bench.__main__ import app
from bench.lights import command, methods
from bench.lights.compare import Line, compare, not_cheapest, ranked
from bench.lights.hours import Hours, from_rows, gains, read
from bench.lights.ours import by_hour, ours
from bench.lights.steady import AMBER, GREEN, GREY, RED, Lights, Limits, messages, steady
from bench.lights.tuned import CONTESTANTS, tune
from rules.__main__ import app as rules_app
from rules.backtest import LIGHTS, Score
from rules.notice import is_notifiable
from rules.truth import Truth
from rules.wilson import wilson_bounds
from schemas.lights import Transition
from tests.rules.making import HOUR, START
from tests.rules.test_backtest import NOON, flat, written

WORDS = {"R": RED, "A": AMBER, "G": GREEN, "-": GREY}


def said(lights: Lights) -> str:
    """The first route's, a letter an hour."""
    letters = {int(light): letter for letter, light in WORDS.items()}
    return "".join(letters[int(light)] for light in lights[0])


def trailing(flights: list[float], late: list[float]) -> Hours:
    return from_rows(["JFK-LAX"], START, np.array([flights], float), np.array([late], float))


def single(late: str) -> Hours:
    """A flight an hour, `x` late or `.` not, `-` none."""
    closed, was_late = np.array([[c != "-" for c in late]], float), np.array([[c == "x" for c in late]], float)
    return Hours(["JFK-LAX"], START, closed.cumsum(axis=1), was_late.cumsum(axis=1), closed, was_late)


def test_gains_are_what_closed_in_each_hour() -> None:
    """Two flights at hour 3, one at hour 10, and one at hour 27, when those of hour 3 leave."""
    came = np.zeros(60)
    came[[3, 10, 27, 59]] = 2, 1, 1, 4
    trailing_day = np.array([came[max(0, hour - 23) : hour + 1].sum() for hour in range(60)])
    assert gains(trailing_day[None])[0].tolist() == came.tolist()


def test_of_what_the_first_row_holds_the_hours_are_unknown_and_the_sum_is_right() -> None:
    found = gains(np.full((1, 72), 12.0))[0]
    assert found.tolist() == pytest.approx([0.5] * 72)


def test_hysteresis_and_hours_in_a_row() -> None:
    bad = np.array([[0, 35, 35, 0, 35, 35, 35, 28, 28, 28, 24, 24, 24]], float)
    known = np.ones(bad.shape, np.bool_)
    assert said(steady(bad, known, Limits(20, 30))) == "GRRGRRRAAAAAA"
    assert said(steady(bad, known, Limits(30, 30, 3))) == "GRRGRRRRRRGGG"
    assert said(steady(bad, known, Limits(30, 30, 3), in_a_row=3)) == "------RRRRRRG"
    assert said(steady(bad, known & (bad != 24), Limits(30, 30))) == "GRRGRRRGGG---"


def test_thresholds_by_hand() -> None:
    """0, 25, 50 and 31 % late; then of three flights, one of which is late; then none."""
    hours = trailing([8, 8, 8, 16, 3, 0], [0, 2, 4, 5, 1, 0])
    assert said(methods.thresholds(hours, red=30, amber=20, min_n=1)) == "GARRR-"
    assert said(methods.thresholds(hours, red=30, amber=20, min_n=8)) == "GARR--"
    assert said(methods.thresholds(hours, red=40, amber=101, min_n=1)) == "GGRGG-"


@pytest.mark.parametrize(("late", "n"), [(0, 8), (3, 8), (8, 8), (1, 40), (39, 40)])
def test_wilson_is_the_rules(late: int, n: int) -> None:
    ours_of = wilson_bounds(late, n, 1.28)[0]
    assert methods.wilson_lower(np.array([float(late)]), np.array([float(n)]), 1.28)[0] == pytest.approx(ours_of)


def test_wilson_by_hand() -> None:
    """At 80 %, 4 of 8 late prove 35.6 %, so beyond 30 in the third hour; 3 of 8 prove 24.7; 2 of 8 have recovered."""
    assert 100 * wilson_bounds(4, 8, 0.8416)[0] == pytest.approx(35.8, abs=0.3)
    hours = trailing([8] * 10, [3, 3, 3, 4, 4, 4, 3, 2, 2, 2])
    given = {"red": 30, "confidence": 0.8, "min_n": 8, "recovery": 3, "in_a_row": 3}
    assert said(methods.wilson(hours, **given)) == "--GGGRRRRG"


def test_ewma_by_hand() -> None:
    """From 20 %: at weight ½ late ones make it 60, 80, 90, on-time ones 45, 22.5; an hour without flights nothing."""
    lights = methods.ewma(single("-xxx-.."), red=70, weight=0.5, recovery=30, min_n=1)
    assert said(lights) == "-GRRRRG"
    both = Hours(["JFK-LAX"], START, *[np.array([[2.0]])] * 4)
    assert said(methods.ewma(both, red=79, weight=0.5, recovery=0, min_n=1)) == "R", (
        "two at once are as two in turn: 80 %"
    )


def test_cusum_by_hand() -> None:
    """Beyond 0.4 per flight: 0, 0.6, 1.2, 1.8, then 1.4, 1.0, 0.6: red beyond 1.5, green at 0.75."""
    assert said(methods.cusum(single(".xxx..."), reference=0.4, red=1.5, recovery=0.5, min_n=1)) == "GGGRRRG"
    long = methods.cusum(single("x" * 50 + "." * 6), reference=0.4, red=1.5, recovery=0.5, min_n=1)
    assert said(long)[-6:] == "RRRRRG", "never beyond 3, so six on time are enough"


def test_beta_binomial_by_hand() -> None:
    """Late flights raise the chance that more than 30 % are late, time lets them fade, a heavier prior resists."""
    given = {"red": 80, "half_life_hours": 6, "recovery": 20, "min_n": 1}
    hours = single("." * 40 + "-" * 48 + "xxx" + "-" * 60 + "..")
    light = said(methods.beta_binomial(hours, prior_flights=1, **given))
    assert light[:91] == "G" * 89 + "RR"
    assert light[-1] == "G"
    assert said(methods.beta_binomial(hours, prior_flights=200, **given)) == "G" * len(light)


def test_always() -> None:
    hours = trailing([8, 0], [0, 0])
    assert (said(methods.always_red(hours)), said(methods.always_green(hours))) == ("RR", "GG")


def test_messages_are_those_that_people_hear_of() -> None:
    for before, after in product(range(4), repeat=2):
        if before != after:
            one = _transition(before, after)
            assert messages(np.array([[before, after]], np.int8)) == is_notifiable(one), (before, after)
    assert messages(np.array([[RED, RED]], np.int8), np.array([GREEN], np.int8)) == 1


def _transition(before: int, after: int) -> Transition:
    class Of:
        from_light, to_light = LIGHTS[before], LIGHTS[after]

    return Of()  # type: ignore[return-value]


def test_tuning_takes_the_cheapest() -> None:
    """Half the flights late in twelve bad hours, a third in all others: only a limit in between errs never."""
    late = [4.0] * 30 + [6.0] * 12 + [4.0] * 30
    hours = trailing([12.0] * 72, late)
    bad = np.array([[number == 6 for number in late[:60]]])
    was = Truth(["JFK-LAX"], START, bad, [], np.full((1, 60), 5000), np.zeros((1, 60), np.int64))
    contestant = CONTESTANTS[1]._replace(grid={"red": (25, 30, 40, 60)})
    found = tune(contestant, hours, was, 2)
    assert found.contestant.parameters["red"] == 40
    assert found.usd == pytest.approx(2 * 15 / 2)


def line(name: str, usd: float, double: float) -> Line:
    return Line(name, {}, Score(name, 1, 0, 0, 0, 0), {"once": usd, "double": double}, {})


def test_ranks_and_the_claim() -> None:
    lines = ranked([line("ours", 10, 20), line("other", 12, 15), line("third", 12, 30)])
    assert [one.rank["once"] for one in lines] == [1, 2, 2]
    assert [one.rank["double"] for one in lines] == [2, 1, 3]
    assert not_cheapest(lines) == ["prices double: other costs 15.00, ours 20.00"]
    assert not_cheapest(lines[::2]) == []


def two_routes(folder: Path) -> Path:
    """Four days of rows by the hour, a bad stretch on one route."""
    rows = [
        flat(route, NOON + hour * HOUR, 2 if route == "JFK-LAX" and 30 <= hour < 70 else 10, 10) | {"arrivals": 10}
        for route, hour in product(("JFK-BOS", "JFK-LAX"), range(96))
    ]
    months = [row | {"window": "28d", "flights": 200, "arrivals_on_time": 170} for row in rows]
    return written(folder, [*rows, *months])


def test_ours_is_the_backtests_light(tmp_path: Path) -> None:
    path, out = two_routes(tmp_path), tmp_path / "lights.parquet"
    first, until = NOON.replace(hour=0), NOON.replace(hour=0) + timedelta(days=5)
    mine = ours(path, first, until)
    options = ["--from", f"{first:%Y-%m-%d}", "--to", f"{until:%Y-%m-%d}", "--rows", str(path), "--lights", str(out)]
    result = CliRunner().invoke(rules_app, ["backtest", *options, "--rules", "rules/catalog/on_time_arrival.toml"])
    assert result.exit_code == 0
    assert mine.table().equals(pl.read_parquet(out))
    assert mine.rows == 2 * 2 * 96
    hourly = by_hour(mine, ["JFK-BOS", "JFK-LAX"], first, until)
    assert hourly.shape == (2, 120)
    assert (hourly[:, :12] == GREY).all(), "before its first row"
    assert (hourly[1, 12:108] == mine.light[mine.entity == mine.entities.index("JFK-LAX")]).all()


def test_every_method_is_scored_on_the_same_rows(tmp_path: Path) -> None:
    """Late from row 30 to 69, so bad from hour 18 to 57 after the first: thresholds are red 12 hours too late."""
    path = two_routes(tmp_path)
    first, until = NOON, NOON + timedelta(days=4)
    lines = {one.name: one for one in compare(path, ours(path, first, until), CONTESTANTS, first, until)}
    assert next(iter(lines)) == "ours"
    assert len(lines) == 1 + len(CONTESTANTS)
    plain = lines["thresholds 80/70"].score
    assert (plain.found, plain.delay_hours, plain.right) == (1.0, 12.0, 28 / 40)
    assert lines["always green"].score.right is None
    assert lines["always red"].score.missed_usd == 0
    months = 2 * 4 / (365.25 / 12)
    assert lines["always red"].usd["false x 2"] == pytest.approx(200 * (2 * 84 - 40) / months)
    assert {one.score.episodes for one in lines.values()} == {1}


def test_the_command_says_whether_ours_is_the_cheapest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = two_routes(tmp_path)
    day, until = f"{NOON:%Y-%m-%d}", f"{NOON + timedelta(days=4):%Y-%m-%d}"
    monkeypatch.setattr(command, "LEAST_ROWS_PER_MINUTE", 0)
    result = CliRunner().invoke(app, ["lights", "--from", day, "--to", until, "--rows", str(path), "--json"])
    found = json.loads(result.stdout)
    beaten = any(rank > 1 for rank in found["methods"][0]["rank"].values())
    assert (result.exit_code == 1) == (beaten or "lights: prices" in result.stderr)
    monkeypatch.setattr(command, "not_cheapest", lambda _lines: [])
    result = CliRunner().invoke(app, ["lights", "--from", day, "--to", until, "--rows", str(path)])
    assert result.exit_code == 0
    assert "ours is the cheapest at all of these prices" in result.stdout
    assert "Wilson 80 %, n >= 8" in result.stdout
    monkeypatch.setattr(command, "LEAST_ROWS_PER_MINUTE", 10**12)
    result = CliRunner().invoke(app, ["lights", "--from", day, "--to", until, "--rows", str(path)])
    assert result.exit_code == 1
    assert "rows a minute, fewer than" in result.stderr


def test_wrong_dates_and_wrong_rows_are_refused(tmp_path: Path) -> None:
    assert (
        CliRunner().invoke(app, ["lights", "--from", "2013-03-02", "--to", "2013-03-01", "--rows", "x"]).exit_code == 2
    )
    result = CliRunner().invoke(app, ["lights", "--rows", str(tmp_path / "none.parquet")])
    assert result.exit_code == 2
    with pytest.raises(ValueError, match="no 24 h rows"):
        read(two_routes(tmp_path), NOON - timedelta(days=9), NOON - timedelta(days=8))


def test_tune_finds_parameters_before_it_compares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, until = two_routes(tmp_path), NOON + timedelta(days=4)
    monkeypatch.setattr(command, "TUNED_ON", (NOON, until))
    monkeypatch.setattr(command, "LEAST_ROWS_PER_MINUTE", 0)
    days = ["--from", f"{NOON:%Y-%m-%d}", "--to", f"{until:%Y-%m-%d}", "--rows", str(path)]
    result = CliRunner().invoke(app, ["lights", *days, "--json", "--tune"])
    said = [line for line in result.stderr.splitlines() if line.startswith("tuned: ")]
    assert len(said) == len(CONTESTANTS)
    assert "tuned: always red: nothing to tune: US$" in said[-2]
    cusum = next(one for one in json.loads(result.stdout)["methods"] if one["name"] == "CUSUM of flights")
    assert f"reference {cusum['parameters']['reference']:g}, red {cusum['parameters']['red']:g}" in result.stderr
