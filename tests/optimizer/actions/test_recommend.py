"""Advice on made-up seasons: what it may know, that it repeats itself, and that it helps where anybody can see how."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from optimizer.actions.candidates import candidates
from optimizer.actions.day_plan import DayPlan, Known
from optimizer.actions.days_2013 import Days
from optimizer.actions.effect import totals
from optimizer.actions.follow import followed, padded
from optimizer.actions.foresee import foreseen, known_at, play, real
from optimizer.actions.recommend import Recommendation, recommend
from optimizer.airline.prices import Prices
from optimizer.airline.tails_2013 import designators
from optimizer.day.past_days import past_days
from optimizer.day.plan import planned
from optimizer.flights import Flights, of_table
from tests.optimizer.actions.made_up import luck, nothing_known, plan
from tests.optimizer.made_up import season

SHARE = 0.3


def days_of(table: pl.DataFrame) -> Days:
    flights = of_table(table)
    count = len(flights)
    passengers, fares = np.full(count, 100.0), np.full(count, 15_000)
    return Days(past_days(flights, planned(flights)), ["A320"] * count, passengers, np.zeros(count), fares)


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return season(40, seed=3)[0]


def advised(days: Days, at_hour: int, known: Known | None = None) -> tuple[DayPlan, Known, Recommendation]:
    day = int(days.past.flights.day.max())
    day_plan = days.plan(day, "AA")
    if known is None:
        happened = play(day_plan, real(days.past, day_plan, seed=1, recovered=SHARE))
        known = known_at(day_plan, happened, day * 1440 + at_hour * 60)
    every = list(range(len(day_plan)))
    found = recommend(days.past, day_plan, known, every, recovered=SHARE, seed=5, samples=20)
    return day_plan, known, found


def test_nothing_that_becomes_known_later_is_used(table: pl.DataFrame) -> None:
    days = days_of(table)
    _, known, found = advised(days, 15)
    late = pl.lit(99).cast(pl.Duration("ms")) * 60_000
    at = pl.lit(known.at * 60_000).cast(pl.Datetime("ms", "UTC"))
    spoiled = table.with_columns(
        departed_at=pl.when(pl.col("departed_at") > at).then(pl.col("departed_at") + late).otherwise("departed_at"),
        arrived_at=pl.when(pl.col("arrived_at") > at).then(None).otherwise("arrived_at"),
    )
    assert not spoiled.equals(table)
    assert advised(days_of(spoiled), 15, known)[2] == found


def test_it_repeats_itself_and_ranks_by_margin(table: pl.DataFrame) -> None:
    days = days_of(table)
    found = advised(days, 14)[2]
    assert found.advice
    assert advised(days, 14)[2] == found
    margins = [one.effect.margin_usd.mean for one in found.advice]
    assert margins == sorted(margins, reverse=True)
    for one in found.advice:
        assert -sum(one.effect.terms_usd.values()) == pytest.approx(one.effect.margin_usd.mean, abs=0.01)


def test_what_has_left_stays_as_it_was(table: pl.DataFrame) -> None:
    days = days_of(table)
    day_plan, known, _ = advised(days, 16)
    future = play(day_plan, foreseen(days.past, day_plan, known, samples=7, seed=1, recovered=SHARE))
    landed = known.arrived < 2**40
    assert landed.any()
    late = (known.arrived - day_plan.arrives)[landed]
    assert np.allclose(future.arrival[landed], late[:, None], atol=0.6)
    # Who should have left and has not waits ten minutes more at least.
    overdue = (known.departed == 2**40) & (day_plan.departs < known.at)
    waited = (known.at - day_plan.departs)[overdue][:, None] + 10
    assert (np.nan_to_num(future.departure[overdue], nan=1e9) >= waited - 0.01).all()


def test_a_real_day_is_played_as_it_was(table: pl.DataFrame) -> None:
    days = days_of(table)
    day_plan = days.plan(int(days.past.flights.day.max()), "UA")
    played = play(day_plan, real(days.past, day_plan, seed=1, recovered=SHARE))
    flights: Flights = days.past.flights
    delay = (flights.arrived - flights.arrives)[day_plan.place].astype(np.float64)
    delay[~flights.landed[day_plan.place]] = np.nan
    assert np.allclose(played.arrival[:, 0], delay, atol=0.01, equal_nan=True)


def test_the_way_out_that_anybody_can_see_is_found() -> None:
    day = plan((600, -1, 0), (610, -1, 0), (800, 0, 770), (900, 1, 780))
    known = nothing_known(4, at=620)
    found = candidates(day, known, luck(120, 0, 0, 0, gone=2), [0, 1, 2, 3], Prices(), seed=0)
    assert found.actions[0].kind == "swap_tails"
    assert found.actions[0].touched == ("AA-2", "AA-3")
    # Everybody is on time then, so the solver's rotations are the same swap.
    assert [one.lines for one in found.actions if one.kind == "reroute"] == [(("AA-2", ("AA-3",)), ("AA-3", ("AA-2",)))]


def test_a_route_that_is_late_all_day_may_be_suspended() -> None:
    # One aircraft, six hours late, was to fly all of it.
    day = plan((600, -1, 0), (800, 0, 790), (1000, 1, 990))
    found = candidates(day, nothing_known(3, at=620), luck(360, 0, 0, gone=1), [1, 2], Prices(), seed=0)
    assert [one.legs for one in found.actions if one.kind == "suspend"] == [("AA-1", "AA-2")]
    assert [one.legs for one in found.actions if one.kind == "cancel"] == [("AA-1",), ("AA-2",)]


def test_a_day_followed_by_each_policy(table: pl.DataFrame) -> None:
    days = days_of(table)
    day = int(days.past.flights.day.max())
    found = followed(days, day, "AA", recovered=SHARE, prices=Prices())
    assert set(found.by_policy) == {"nothing", "top action", "largest aircraft", "pad by 5 min"}
    assert found.actions["nothing"] == 0
    nothing, pad = found.by_policy["nothing"].on_time[0], found.by_policy["pad by 5 min"].on_time[0]
    assert found.on_time_as_sold["pad by 5 min"] == found.on_time_as_sold["nothing"] == nothing <= pad
    assert found.actions["largest aircraft"] == 0  # all are of one type


def test_a_pad_makes_five_minutes_of_lateness_go_away_and_is_paid() -> None:
    day = plan((600, -1, 0))
    played = play(day, luck(18, samples=1))
    nothing, pad = totals(day, played, Prices()), padded(day, played, Prices())
    # 13 minutes late in place of 18; US$ 990 of crews an hour.
    assert (nothing.on_time[0], pad.on_time[0]) == (0, 1)
    assert nothing.cost_cents[0] - pad.cost_cents[0] == pytest.approx(100 * (300 + 90) - 8_250)


def test_tails_that_nobody_knows_are_what_their_carrier_flew(tmp_path: Path) -> None:
    (tmp_path / "planes.csv").write_text("tailnum,model\nN1,A321-231\nN2,ROBINSON R44\n")
    tails = pl.DataFrame({"carrier": ["US", "B6", "DL", "XX"], "tail": ["N1", "N2", None, "N9"]})
    assert designators(tmp_path, tails).to_list() == ["A321", "A320", "MD88", "B738"]
