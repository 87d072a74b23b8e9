"""Plans of a week: against trying everything, by hand, and by a checker that knows nothing of how they were found."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.planning.check import plan_broken_by, plan_terms
from optimizer.planning.problem import (
    AirportSlots,
    Market,
    Planned,
    PlanningProblem,
    Timetable,
    TypeHours,
    week_terms,
)
from optimizer.planning.timetables import choices
from optimizer.solve import solve


def market(
    route: str, week_passengers: float, flights: tuple[tuple[str, int], ...] = (("A320", 7),), **changed: object
) -> Market:
    fields: dict[str, object] = {
        "route": route,
        "origin": route[:3],
        "distance_km": 1000,
        "block_minutes": 120,
        "week_passengers": week_passengers,
        "fare_cents": 20_000,
        "current": Timetable(flights),
        "late_cents": ((0, 500),),
    }
    return Market(**(fields | changed))  # type: ignore[arg-type]


@st.composite
def problems(draw: st.DrawFn) -> PlanningProblem:
    mix = st.sampled_from(((("A320", 7),), (("E190", 14),), (("A320", 7), ("E190", 7))))
    markets = tuple(
        market(
            f"MEX-{end}",
            draw(st.integers(300, 3000)),
            draw(mix),
            late_cents=draw(st.sampled_from((((0, 500),), ((0, 900), (10, 100))))),
            may_suspend=draw(st.booleans()),
            fixed=draw(st.integers(0, 5)) == 0,
            distance_km=draw(st.sampled_from((1000, 5000))),
        )
        for end in ("MTY", "CUN")[: draw(st.integers(1, 2))]
    )
    hours = tuple(TypeHours(kind, draw(st.integers(0, 20)) * 400) for kind in ("A320", "E190"))
    return PlanningProblem(
        markets,
        hours,
        slots=tuple(draw(st.lists(st.just(AirportSlots("MEX", draw(st.integers(0, 35)))), max_size=1))),
        crew_minutes_per_week=draw(st.none() | st.integers(0, 20).map(lambda n: n * 600)),
        most_changed=draw(st.none() | st.integers(0, 1)),
    )


@settings(max_examples=40, deadline=None)
@given(problems())
def test_plans_are_exactly_the_best_there_are(problem: PlanningProblem) -> None:
    every = product(
        *([Planned(one.route, timetable) for timetable in choices(problem, one)] for one in problem.markets)
    )
    costs = [plan_terms(problem, plan).total for plan in every if not plan_broken_by(problem, plan)]
    found = solve(problem)
    if not costs:
        assert found.outcome.status == "infeasible"
        assert found.outcome.fighting
        return
    assert (found.outcome.status, found.outcome.cost_cents) == ("optimal", min(costs))
    assert plan_broken_by(problem, found.plan) == []


def test_gauges_change_places() -> None:
    # The small aircraft flies where 130 want to go each day, the large one where 60 do.
    full, empty = market("MEX-MTY", 7 * 130, (("E190", 7),)), market("MEX-CUN", 7 * 60, (("A320", 7),))
    minutes = 7 * 2 * (120 + 50)
    problem = PlanningProblem((full, empty), (TypeHours("A320", minutes), TypeHours("E190", minutes)), spread=0.2)
    found = solve(problem)
    assert [one.timetable.flights for one in found.plan] == [(("A320", 7),), (("E190", 7),)]
    assert found.outcome.binding == ("A320 fly 2380 minutes a week", "E190 fly 2380 minutes a week")


def test_a_pad_is_worth_its_minutes_where_flights_are_late() -> None:
    hours = (TypeHours("A320", 10_000),)
    late = market("MEX-MTY", 700, late_cents=((0, 2000), (10, 200)))
    on_time = market("MEX-MTY", 700, late_cents=((0, 250), (10, 200)))
    slots = (AirportSlots("MEX", 7),)
    assert solve(PlanningProblem((late,), hours, slots)).plan[0].timetable == Timetable((("A320", 7),), 10)
    assert solve(PlanningProblem((on_time,), hours, slots)).plan[0].timetable == Timetable((("A320", 7),), 0)


def test_a_flight_is_added_where_seats_are_short_and_cut_where_they_are_empty() -> None:
    """240 want a seat each day where one A320 has 150: another one spills nobody. And 50 in two E190 of 98 seats fit
    into one, at half the cost of flying."""
    slots, hours = (AirportSlots("MEX", 14),), (TypeHours("A320", 10_000), TypeHours("E190", 10_000))
    short = PlanningProblem((market("MEX-MTY", 7 * 240),), hours[:1], slots, spread=0.0)
    assert solve(short).plan[0].timetable == Timetable((("A320", 14),))
    # Twice the flights draw 240 x 2^0.3 = 295.5 into 300 seats: US$ 200 each, both ways, seven days.
    drawn, terms = 240 * 2**0.3, week_terms(short, short.markets[0], Timetable((("A320", 14),)))
    assert (terms.spill, terms.fares) == (0, -round(14 * drawn * 20_000))
    empty = PlanningProblem((market("MEX-MTY", 7 * 50, (("E190", 14),)),), hours[1:], slots, spread=0.0)
    assert solve(empty).plan[0].timetable == Timetable((("E190", 7),))


def test_a_shorter_block_frees_the_hours_that_another_flight_takes() -> None:
    """Two daily flights and their ways back take 4,760 minutes of the A320s as published; there are 4,700. With five
    minutes less each way, which nobody is late for, they take 4,620."""
    short = market("MEX-MTY", 7 * 240, late_cents=((-5, 500), (0, 500)))
    slots = (AirportSlots("MEX", 14),)
    found = solve(PlanningProblem((short,), (TypeHours("A320", 4_700),), slots, spread=0.0))
    assert found.plan[0].timetable == Timetable((("A320", 14),), -5)
    enough = solve(PlanningProblem((short,), (TypeHours("A320", 4_760),), slots, spread=0.0))
    assert enough.plan[0].timetable.per_week == 14


def test_what_nobody_flies_is_suspended_where_that_is_allowed() -> None:
    hours = (TypeHours("A320", 10_000),)
    assert solve(PlanningProblem((market("MEX-MTY", 70, may_suspend=True),), hours)).plan[0].timetable.flights == ()
    assert solve(PlanningProblem((market("MEX-MTY", 70),), hours)).plan[0].timetable.per_week == 7


def test_a_fleet_that_cannot_fly_what_must_be_flown_is_named() -> None:
    problem = PlanningProblem((market("MEX-MTY", 700),), (TypeHours("A320", 100),))
    assert solve(problem).outcome.fighting == ("MEX-MTY has one timetable", "A320 fly 100 minutes a week")


def test_a_week_by_hand() -> None:
    problem = PlanningProblem((), (), spread=0.0)
    terms = week_terms(problem, market("MEX-MTY", 7 * 170), Timetable((("A320", 7),)))
    # 170 want to fly each day and each way, 150 have a seat: 20 x 14 x US$ 200 are spilled.
    assert (terms.fares, terms.spill) == (-14 * 170 * 20_000, 14 * 20 * 20_000)
    assert terms.passengers == 14 * 150 * 500
    assert terms.crew == 14 * 2 * 99_000
    assert terms.fuel == round(14 * (486 + 3.288 * 1000) * 97)
