"""What each action does to a day that can be worked out by hand, and what forbids it."""

import numpy as np
import pytest

from optimizer.actions.action import Action, alternatives, applied, objections
from optimizer.actions.day_plan import Known
from optimizer.actions.effect import effect, interval, totals
from optimizer.actions.foresee import known_at, play
from optimizer.airline.fleet import fleet
from optimizer.airline.prices import TERMS, Prices
from optimizer.flights import NEVER
from tests.optimizer.actions.made_up import luck, nothing_known, plan

# Two aircraft: 0 then 2, 1 then 3. Leg 0 lands 200 minutes late, so 2 would wait 170 minutes for it; 3 has 120 to
# spare.
DAY = plan((600, -1, 0), (610, -1, 0), (800, 0, 770), (900, 1, 780))
BAD = luck(200, 0, 0, 0, gone=2)
SWAP = Action("swap_tails", aircraft_of=(("AA-2", "AA-3"), ("AA-3", "AA-2")))


def test_nothing_done_the_late_aircraft_is_waited_for() -> None:
    assert play(DAY, BAD).departure[:, 0].tolist() == [200, 0, 170, 0]


def test_swapped_tails() -> None:
    # Leg 2 takes the aircraft that is ready at 780; leg 3 the one that is ready 200 late: 970, 70 after its schedule.
    swapped = applied(SWAP, DAY)
    assert play(swapped, BAD).departure[:, 0].tolist() == [200, 0, 0, 70]
    assert swapped.swapped.tolist() == [False, False, True, True]


def test_a_type_goes_with_its_aircraft() -> None:
    mixed = plan((600, -1, 0), (610, -1, 0), (800, 0, 770), (900, 1, 780), designator=["A320", "A321", "A320", "A321"])
    gauge = applied(Action("swap_gauge", aircraft_of=SWAP.aircraft_of), mixed)
    assert gauge.designator == ["A320", "A321", "A321", "A320"]
    # All the rotation has it: the first legs change, those after them follow.
    first = Action("swap_gauge", aircraft_of=(("AA-0", "AA-1"), ("AA-1", "AA-0")))
    assert applied(first, mixed).designator == ["A321", "A320", "A321", "A320"]


def test_a_cancelled_leg_sets_its_aircraft_free() -> None:
    day = plan((600, -1, 0), (700, 0, 690), (900, 1, 880))
    # An hour late from the start: 50 minutes for leg 1, then 30 for leg 2; without leg 1 its aircraft is there for
    # leg 2.
    assert play(day, luck(60, 0, 0)).departure[:, 0].tolist() == [60, 50, 30]
    without = play(applied(Action("cancel", ("AA-1",)), day), luck(60, 0, 0)).departure[:, 0]
    assert np.isnan(without[1])
    assert without[[0, 2]].tolist() == [60, 0]


def test_a_held_leg_leaves_no_earlier_and_its_aircraft_is_later() -> None:
    day = plan((600, -1, 0), (700, 0, 690))
    assert play(applied(Action("hold", ("AA-0",), minutes=30), day), luck(10, 0)).departure[:, 0].tolist() == [30, 20]
    # Who has left cannot be held.
    assert play(applied(Action("hold", ("AA-0",), minutes=30), day), luck(10, 0, gone=1)).departure[0, 0] == 10


def test_other_lines() -> None:
    relinked = applied(Action("reroute", lines=(("AA-2", ()), ("AA-3", ("AA-2",)))), DAY)
    # The aircraft of leg 3 flies leg 2, and nobody leg 3.
    assert relinked.cancelled.tolist() == [False, False, False, True]
    assert play(relinked, BAD).departure[2, 0] == 0
    both = applied(
        Action("reroute", lines=(("AA-0", ()), ("AA-1", ("AA-0", "AA-2")))),
        plan((600, -1, 0), (610, -1, 0), (800, 0, 770)),
    )
    assert both.before.tolist() == [-1, -1, 0]
    assert both.cancelled.tolist() == [False, True, False]
    with pytest.raises(ValueError, match="before it has left"):
        applied(Action("reroute", lines=(("AA-2", ("AA-3", "AA-2")), ("AA-3", ()))), DAY)


@pytest.mark.parametrize(
    ("action", "says"),
    [
        (Action("cancel", ("AA-9",)), "no flight AA-9 of AA that day"),
        (Action("cancel", ("AA-0",)), "AA-0 has left"),
        (Action("cancel", ("AA-1",)), "AA-1 leaves in less than 45 minutes"),
        (Action("hold", ("AA-2",), minutes=90), "nobody waits more than 60 minutes"),
        (Action("swap_tails", aircraft_of=(("AA-2", "AA-3"),)), "an aircraft would be in two places"),
        (
            Action("swap_tails", aircraft_of=(("AA-2", "AA-4"), ("AA-4", "AA-2"))),
            "AA-2 and AA-4 leave from different airports",
        ),
        (Action("swap_tails", aircraft_of=(("AA-2", "AA-5"), ("AA-5", "AA-2"))), "before it has left"),
        (
            Action("swap_tails", aircraft_of=(("AA-3", "AA-6"), ("AA-6", "AA-3"))),
            "the crew of AA-3 is not rated for E190",
        ),
        (Action("swap_tails", aircraft_of=(("AA-3", "AA-7"), ("AA-7", "AA-3"))), "A319 cannot fly the 9000 km of AA-7"),
        (Action("swap_tails", aircraft_of=(("AA-3", "AA-8"), ("AA-8", "AA-3"))), "AA-8 has no known aircraft"),
    ],
)
def test_what_forbids_it_is_said(action: Action, says: str) -> None:
    legs = ((600, -1, 0), (640, -1, 0), (800, 0, 770), (900, 1, 780), (850, -1, 0), (950, 2, 940))
    kinds = ["A319"] * 6 + ["E190", "A332", "A319"]
    day = plan(
        *legs,
        *((960, -1, 0), (960, -1, 0), (960, -1, 0)),
        designator=kinds if says != "A319 cannot fly the 9000 km of AA-7" else ["A319"] * 9,
        origin=["JFK"] * 4 + ["LGA"] + ["JFK"] * 4,
        distance_km=np.array([700] * 7 + [9000, 700]),
        may_change=np.array([True] * 8 + [False]),
    )
    departed = np.full(9, NEVER)
    departed[0] = 600
    known = Known(610, departed, np.full(9, NEVER))
    assert any(says in one for one in objections(action, day, known)), objections(action, day, known)


def test_nothing_forbids_a_swap_of_two_free_legs() -> None:
    assert objections(SWAP, DAY, nothing_known(4, at=620)) == []
    # Partners leave later than notice allows, and are of another rotation.
    assert alternatives(DAY, 2, 620, 300) == [3]
    assert alternatives(DAY, 2, 620, 99) == []


def test_what_a_day_costs_by_hand() -> None:
    day = plan((600, -1, 0), (700, -1, 0), passengers=160, changing=np.array([10.0, 0.0]))
    found = totals(day, play(day, luck(60, np.nan, samples=1)), Prices())
    cents = dict(zip(TERMS, found.cents[:, 0].tolist(), strict=True))
    a320 = fleet()["A320"]
    # The first leg is an hour late: 150 on board at US$ 3 + 45 x 0.30, ten without a seat (half of their fares, and
    # US$ 150 each), ten who change, of whom 20 of 170 minutes' worth miss it. Of the second 160 x US$ 150, and 65 %
    # of fares.
    assert cents["fuel"] == pytest.approx(a320.fuel_kg(700) * 97)
    assert cents["crew"] == pytest.approx(a320.crew_cents(60))
    assert cents["maintenance"] == pytest.approx(a320.maintenance_cents(60) / 2)
    assert cents["airport"] == a320.airport_cents
    assert cents["passengers"] == pytest.approx(150 * 1650 + 160 * 15_000)
    assert cents["spill"] == pytest.approx(10 * (5_000 + 15_000))
    assert cents["misconnections"] == pytest.approx(10 * 20 / 170 * 15_000)
    assert cents["fares"] == pytest.approx(0.65 * 160 * 10_000)
    assert (found.on_time[0], found.operated[0], found.spilled[0]) == (0, 1, 10)
    assert found.co2_kg[0] == pytest.approx(3.16 * a320.fuel_kg(700))


def test_an_effect_is_a_difference_with_the_same_luck() -> None:
    done = applied(SWAP, DAY)
    changed = effect(totals(DAY, play(DAY, BAD), Prices()), totals(done, play(done, BAD), Prices()))
    # 100 passengers at 170 minutes late against 100 at 70; 100 crew minutes; two flights by another aircraft.
    passengers = 100 * (Prices().late_cents(170) - Prices().late_cents(70)) / 100
    crew = fleet()["A320"].crew_cents(100) / 100
    assert changed.margin_usd.mean == pytest.approx(passengers + crew - 300, abs=0.1)
    assert changed.margin_usd.low == pytest.approx(changed.margin_usd.high)  # all samples are alike
    assert changed.terms_usd["handling"] == 300
    assert changed.a14_points.mean == 0  # leg 3 is late now in place of leg 2


def test_an_interval_by_hand() -> None:
    # Mean 2, deviation 1, three samples: 1.96 x 1 / sqrt(3).
    assert interval(np.array([1.0, 2.0, 3.0])) == pytest.approx((2, 2 - 1.1316, 2 + 1.1316), abs=1e-3)


def test_what_is_known_at_a_minute() -> None:
    known = known_at(DAY, play(DAY, BAD), 805)
    assert known.departed.tolist() == [800, 610, NEVER, NEVER]
    assert known.arrived.tolist() == [NEVER, 670, NEVER, NEVER]


def test_a_timetable_that_gives_more_time() -> None:
    # Two legs of one aircraft with no time to spare, 40 minutes late at first.
    day = plan((600, -1, 0), (700, 0, 700))
    assert play(day, luck(40, 0)).departure[:, 0].tolist() == [40, 40]
    ground = applied(Action("turnaround", ("AA-1",), minutes=25), day)
    assert play(ground, luck(40, 0)).departure[:, 0].tolist() == [40, 15]
    assert ground.arrives.tolist() == [660, 785]
    block = applied(Action("pad_block", ("AA-0",), minutes=10), day)
    assert (block.departs[0], block.arrives[0], block.ready[1]) == (600, 670, 710)
    # Less late at its end, and the aircraft as late as before.
    assert play(block, luck(40, 0)).arrival[:, 0].tolist() == [30, 40]
    priced = totals(block, play(block, luck(0, 0)), Prices()).cents - totals(day, play(day, luck(0, 0)), Prices()).cents
    assert priced[TERMS.index("crew"), 0] >= fleet()["A320"].crew_cents(10)


def test_a_published_timetable_stays() -> None:
    later = Action("retime", ("AA-3",), minutes=20)
    assert objections(later, DAY, nothing_known(4, at=620)) == ["the timetable of AA-3 is published"]
    assert objections(later, DAY, nothing_known(4, at=900 - 8 * 24 * 60)) == []
