"""When another timetable is the right answer, by numbers worked out by hand; legs of an hour out of JFK and back."""

import numpy as np
import pytest

from optimizer.actions.action import Action, objections
from optimizer.actions.day_plan import DayPlan
from optimizer.actions.foresee import Luck
from optimizer.actions.recommend import Recommendation, ranked
from optimizer.actions.timetable import timetable_choices
from optimizer.airline.fleet import fleet
from optimizer.airline.prices import Prices
from tests.optimizer.actions.made_up import luck, nothing_known, plan

AHEAD = -14 * 24 * 60
PRICES = Prices()
A320 = fleet()["A320"]


def best(day: DayPlan, fate: Luck, *focus: int) -> Recommendation:
    actions, forbidden = timetable_choices(day, nothing_known(len(day), at=AHEAD), list(focus))
    return ranked(day, fate, actions, PRICES, forbidden, "nothing")


def passengers_usd(minutes: float) -> float:
    return 100 * PRICES.late_cents(minutes) / 100


def bound_usd(minutes: float) -> float:
    """Ownership of an A320: half of its US$ 1,340 an hour."""
    return A320.maintenance_cents(minutes) / 2 / 100


def test_a_longer_turnaround_where_the_aircraft_always_comes_late() -> None:
    """Three legs without a minute to spare, the first one 30 late: 30 and 30 after it. With half an hour more
    on the ground before the second all after it are on time, and the aircraft's day is so much longer."""
    day = plan((600, -1, 0), (700, 0, 700), (800, 1, 800))
    found = best(day, luck(30, 0, 0), 1)
    action = found.advice[0].action
    assert (action.kind, action.minutes) == ("turnaround", 30)
    worth = 2 * passengers_usd(30) + 2 * A320.crew_cents(30) / 100 - bound_usd(30)
    assert found.advice[0].effect.margin_usd.mean == pytest.approx(worth, abs=0.1)


def test_an_earlier_departure_gives_the_next_leg_its_aircraft() -> None:
    """The first leg is ready all night, but takes 20 minutes more on the way than it is given; its aircraft then keeps
    the second waiting. Leaves it 20 minutes earlier, the second leaves on time."""
    day = plan((600, -1, 0), (700, 0, 700))
    fate = luck(0, 0)
    slow = fate._replace(lost=np.array([[20.0] * 3, [0.0] * 3]))
    found = best(day, slow, 0)
    action = found.advice[0].action
    assert (action.kind, action.minutes) == ("retime", -20)
    worth = passengers_usd(20) + A320.crew_cents(20) / 100 - bound_usd(20)
    assert found.advice[0].effect.margin_usd.mean == pytest.approx(worth, abs=0.1)


def test_a_longer_block_where_the_way_takes_longer() -> None:
    """Alone that day, 20 minutes lost on the way: ten more in the timetable and nobody is late by it."""
    found = best(plan((600, -1, 0)), luck(0)._replace(lost=np.full((1, 3), 20.0)), 0)
    assert (found.advice[0].action.kind, found.advice[0].action.minutes) == ("pad_block", 10)
    worth = passengers_usd(20) - A320.crew_cents(10) / 100 - bound_usd(10)
    assert found.advice[0].effect.margin_usd.mean == pytest.approx(worth, abs=0.1)


def test_nobody_is_left_without_the_time_that_a_turn_takes() -> None:
    day = plan((600, -1, 0), (700, 0, 690))
    known = nothing_known(2, at=AHEAD)
    assert objections(Action("retime", ("AA-1",), minutes=-20), day, known) == [
        "the aircraft of AA-1 would not be ready"
    ]
    assert objections(Action("retime", ("AA-0",), minutes=20), day, known) == [
        "the aircraft of AA-1 would not be ready"
    ]
    assert objections(Action("turnaround", ("AA-0",), minutes=20), day, known) == []
    # One that has less time than it needs as it stands may not lose more of it.
    tight = plan((600, -1, 0), (700, 0, 710))
    assert objections(Action("pad_block", ("AA-0",), minutes=5), tight, known)
    assert objections(Action("trim_block", ("AA-0",), minutes=5), tight, known) == []
