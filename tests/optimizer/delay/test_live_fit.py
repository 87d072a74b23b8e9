"""The live model's rows: what of a flight was known at some minute, whatever happened later."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from optimizer.__main__ import app
from optimizer.delay.live_fit import rows_of, seen_flights
from optimizer.flights import NEVER, of_table
from optimizer.live.delay_model import read_model
from tests.optimizer.data_folder import write
from tests.optimizer.made_up import season

FLIGHTS, WEATHER = season(20, seed=3)


def row(table: pl.DataFrame, number: int) -> NDArray[np.float32]:
    flights = of_table(table)
    lead = np.full(len(flights), NEVER)
    lead[number] = 120
    return rows_of(flights, seen_flights(flights, ["A320"] * len(flights)), [lead]).x


@pytest.mark.parametrize("number", [650, 700, 733])
def test_rows_know_nothing_of_what_comes_after(number: int) -> None:
    """A departure or landing after the minute may be at any other; a cancellation is known at its schedule."""
    minute = int(of_table(FLIGHTS).departs[number]) - 120 - 15
    at = pl.lit(minute * 60_000).cast(pl.Datetime("ms", "UTC"))
    later = pl.duration(minutes=77)
    spoiled = FLIGHTS.with_columns(
        departed_at=pl.when(pl.col("departed_at") > at + pl.duration(minutes=15))
        .then(pl.col("departed_at") + later)
        .otherwise("departed_at"),
        arrived_at=pl.when(pl.col("arrived_at") > at + pl.duration(minutes=15)).then(None).otherwise("arrived_at"),
    )
    assert not spoiled.equals(FLIGHTS)
    assert (row(FLIGHTS, number) == row(spoiled, number)).all()


def test_it_is_trained_by_a_command_and_versioned(tmp_path: Path) -> None:
    write(tmp_path, *season(45, seed=7))
    out = tmp_path / "live.json"
    asked = ["train", "--live", "--data", str(tmp_path), "--until", "2013-06-08", "--trees", "5", "--out", str(out)]
    trained = CliRunner().invoke(app, [*asked, "--json"])
    assert trained.exit_code == 0, trained.output
    said = json.loads(trained.stdout)
    model = read_model(out)
    assert (said["version"], said["flights"], model.until) == (model.version, 7 * 45, "2013-06-08")
    out.write_text(out.read_text().replace('"split":[', '"split":[99,', 1))
    with pytest.raises(ValueError, match="nodes differ"):
        read_model(out)
