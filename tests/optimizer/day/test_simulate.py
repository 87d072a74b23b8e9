"""Days of one aircraft or a few, so that what must come out can be worked out by hand."""

from typing import Any

import numpy as np
import pytest

from optimizer.day.plan import Plan, brought_along, carried_over, planned
from optimizer.day.simulate import Simulated, recovered_share, simulate
from optimizer.flights import Flights, of_table
from tests.optimizer.made_up import flight, season, table

DAYS = 12


def always(*legs: tuple[str, int | None, int | None]) -> Flights:
    """Five aircraft that fly these legs on each of DAYS days, always as late; leg after leg, as they are ordered."""
    rows: list[dict[str, Any]] = [
        flight(out, left, landed, day=day, number=f"{n}{tail}", tail=f"N{tail}")
        for day in range(DAYS)
        for n, (out, left, landed) in enumerate(legs)
        for tail in range(5)
    ]
    return of_table(table(*rows))


def last_day(flights: Flights, samples: int = 4, recovered: float = 0.0) -> Simulated:
    day = flights.day.max()
    plan = planned(flights)
    return simulate(flights, plan, np.array([day]), samples=samples, seed=1, recovered=recovered)[1]


def test_a_plan_knows_the_leg_before_and_its_slack() -> None:
    flights = always(("10:00", 0, 0), ("15:00", 0, 0))
    plan = planned(flights)
    # Landed at 11:00, 60 + 67 minutes to be back: 113 are left till 15:00, and till the next morning more than enough.
    assert plan.before[[0, 5, 10, 15]].tolist() == [-1, 0, 5, 10]
    assert (plan.slack[5], plan.slack[10]) == (113, 18 * 60 - 127)


def test_what_really_was_carried_over() -> None:
    flights = always(("10:00", 130, 123), ("15:00", 12, 0))
    assert carried_over(flights, planned(flights))[5] == 123 - 113
    assert brought_along(flights, planned(flights))[5] == 10


def test_a_day_like_all_others_is_simulated_as_it_was() -> None:
    simulated = last_day(always(("10:00", 130, 120), ("15:00", 25, 20)))
    assert simulated.departure[[0, 5], 0].tolist() == [130, 25]
    assert simulated.arrival[[0, 5], 0].tolist() == [120, 20]
    assert (simulated.departure == simulated.departure[:, :1]).all()  # whichever day is drawn


def test_a_later_first_leg_makes_the_second_later_unless_it_is_recovered() -> None:
    flights = always(("10:00", 0, 0), ("13:10", 0, 0))
    plan = planned(flights)
    slack = Plan(plan.before, np.where(plan.before >= 0, -30.0, 0.0))  # three minutes of slack become half an hour less
    day = np.array([flights.day.max()])
    _, pushed = simulate(flights, slack, day, samples=3, seed=1)
    assert pushed.departure[5].tolist() == [30, 30, 30]
    assert pushed.late_aircraft[5].tolist() == [30, 30, 30]
    _, recovered = simulate(flights, slack, day, samples=3, seed=1, recovered=1.0)
    assert recovered.departure[5].tolist() == [0, 0, 0]


def test_a_cancelled_leg_brings_nothing_along_and_stays_cancelled() -> None:
    simulated = last_day(always(("10:00", None, None), ("13:00", 5, 5)))
    assert np.isnan(simulated.departure[:5]).all()
    assert np.isnan(simulated.arrival[:5]).all()
    assert simulated.departure[5].tolist() == [5, 5, 5, 5]


def test_the_same_seed_gives_the_same_days_and_more_samples_begin_with_the_fewer() -> None:
    flights = of_table(season(30, seed=4)[0])
    plan, days = planned(flights), np.unique(flights.day)[-3:]
    chosen, once = simulate(flights, plan, days, samples=5, seed=1)
    assert (flights.day[chosen] >= days[0]).all()
    again = simulate(flights, plan, days, samples=9, seed=1)[1]
    assert np.array_equal(once.arrival, again.arrival[:, :5], equal_nan=True)
    assert not np.array_equal(once.arrival, simulate(flights, plan, days, samples=5, seed=2)[1].arrival, equal_nan=True)


def test_nothing_of_the_day_itself_or_the_day_before_is_used() -> None:
    rows, _ = season(30, seed=4)
    flights = of_table(rows)
    day = int(flights.day.max())
    worse = of_table(rows.with_columns(arrived_at=rows["arrived_at"].set(rows["day"].cast(int) >= day - 1, None)))
    plan = planned(flights)
    was, now = (simulate(one, plan, np.array([day]), samples=5, seed=1)[1] for one in (flights, worse))
    assert np.array_equal(was.arrival, now.arrival, equal_nan=True)


def test_a_day_without_any_before_it_is_refused() -> None:
    flights = always(("10:00", 0, 0))
    with pytest.raises(ValueError, match="no flights in the 28 days before 2013-05-01"):
        simulate(flights, planned(flights), flights.day[:1], samples=1, seed=1)


def test_recovery_is_what_aircraft_did_not_bring_along() -> None:
    # Each second leg waits for its aircraft exactly: nobody recovers anything.
    waits = always(("10:00", 150, 143), ("15:00", 30, 30))
    days = np.unique(waits.day)[-4:]
    assert recovered_share(waits, planned(waits), days, samples=5, seed=1) == pytest.approx(0.0, abs=0.01)
