"""Tactical answers: against trying everything, by hand, and by a checker that knows nothing of how they were found."""

from hypothesis import given, settings

from optimizer.mip.selection import Stop
from optimizer.solve import solve
from optimizer.tactical.check import broken_by, missed_connections
from optimizer.tactical.problem import Connection, Curfew, Flown, Overnight, Slots, TacticalProblem
from tests.optimizer.tactical.made_up import aircraft, cheapest, leg, problems


@settings(max_examples=40, deadline=None)
@given(problems())
def test_answers_are_exactly_the_best_there_are(problem: TacticalProblem) -> None:
    found = solve(problem)
    best = cheapest(problem)
    if best is None:
        assert found.outcome.status == "infeasible"
        assert found.outcome.fighting
        return
    assert (found.outcome.status, found.outcome.cost_cents) == ("optimal", best)
    assert broken_by(problem, found.flown, found.cancelled) == []
    assert list(found.missed) == missed_connections(problem, found.flown)


def test_a_late_aircraft_changes_places_with_an_early_one() -> None:
    # T1 is back at 500 for a leg at 400; T2 has been waiting since 300 for one at 520.
    problem = TacticalProblem(
        (leg("AM1", 400), leg("AM2", 520)), (aircraft("T1", 500), aircraft("T2", 300)), {"AM1": "T1", "AM2": "T2"}
    )
    found = solve(problem)
    assert found.flown == (Flown(400, "AM1", "T2"), Flown(520, "AM2", "T1"))
    # Two flights by another aircraft, US$ 150 each; as planned 100 people land 100 minutes late, US$ 28.50 each, and
    # the crew waits 100 minutes.
    assert found.outcome.terms.handling == 30_000
    assert found.outcome.terms.passengers == 0


def test_one_is_cancelled_to_save_the_others() -> None:
    # One aircraft for three legs, an hour late for all of them; the crew may fly two.
    legs = (leg("AM1", 400, 60, passengers=20), leg("AM2", 570, 60), leg("AM3", 740, 60))
    problem = TacticalProblem(legs, (aircraft("T1", 490, crew=240),), {one.leg_id: "T1" for one in legs})
    found = solve(problem)
    assert found.cancelled == ("AM1",)
    assert [one.departs_minute for one in found.flown] == [570, 740]


def test_a_leg_waits_for_those_who_change_if_that_is_cheaper() -> None:
    legs = (leg("AM1", 400, back="MTY"), leg("AM2", 520, origin="MTY"))
    fleet = (aircraft("T1", 400), aircraft("T2", 300, airport="MTY"))
    changing = Connection("AM1", "AM2", 30, 40)
    problem = TacticalProblem(legs, fleet, {"AM1": "T1", "AM2": "T2"}, connections=(changing,), hold_minutes=(20, 40))
    found = solve(problem)
    assert (found.flown[1].departs_minute, found.missed) == (540, ())
    # Nobody waits for one who changes: 100 people 20 minutes late cost US$ 450, and the crew's time.
    few = TacticalProblem(
        legs, fleet, problem.planned, connections=(Connection("AM1", "AM2", 1, 40),), hold_minutes=(20,)
    )
    assert (solve(few).flown[1].departs_minute, solve(few).missed) == (520, (0,))


def test_what_fights_is_named_and_nothing_else() -> None:
    legs = (leg("AM1", 400, must_fly=True), leg("AM2", 410, must_fly=True), leg("AM3", 900))
    problem = TacticalProblem(
        legs, (aircraft("T1", 300),), {one.leg_id: "T1" for one in legs}, longest_delay_minutes=60
    )
    assert solve(problem).outcome.status == "infeasible"
    assert solve(problem).outcome.fighting == (
        "AM1 is flown or cancelled once",
        "AM2 is flown or cancelled once",
        "T1 flies one line",
    )


def test_without_time_everybody_flies_as_planned_and_the_gap_is_said() -> None:
    legs = tuple(leg(f"AM{n}", 300 + 17 * n) for n in range(14))
    fleet = tuple(aircraft(f"T{n}", 320 + 29 * (n % 7)) for n in range(14))
    problem = TacticalProblem(legs, fleet, {f"AM{n}": f"T{n}" for n in range(14)}, longest_line_legs=1)
    hurried = solve(problem, Stop(seconds=0.0))
    assert hurried.outcome.status in ("feasible", "optimal")
    assert broken_by(problem, hurried.flown, hurried.cancelled) == []
    best = solve(problem)
    assert best.outcome.status == "optimal"
    assert hurried.outcome.bound_cents <= best.outcome.cost_cents <= hurried.outcome.cost_cents


def test_the_checker_finds_each_breach() -> None:
    """An answer with everything wrong, one thing at a time."""
    legs = (
        leg("AM1", 400, destination="CUN"),
        leg("AM2", 500, origin="MTY"),
        leg("AM3", 620, 300, distance_km=9000, must_fly=True),
    )
    problem = TacticalProblem(
        legs,
        (aircraft("T1", 450, crew=300),),
        {},
        slots=(Slots("MEX", 0, 2000, 0),),
        curfews=(Curfew("CUN", 500, 510),),
        overnight=(Overnight("CUN", "A320", 1),),
        longest_delay_minutes=60,
    )
    assert broken_by(problem, (Flown(400, "AM1", "T1"), Flown(700, "AM2", "T1"), Flown(710, "AM3", "T1")), ()) == [
        "T1 leaves for AM1 before it is ready or scheduled",
        "T1 is at MEX, AM2 leaves from MTY",
        "AM2 is held for 200 minutes",
        "AM2 is 200 minutes late",
        "T1 leaves for AM3 before it is ready or scheduled",
        "AM3 is 90 minutes late",
        "T1 cannot reach MTY",
        "the crew of T1 flies 1000 minutes",
        "somebody moves at CUN in its curfew",
        "2 leave MEX from minute 0",
        "0 A320 stay at CUN",
    ]
    assert broken_by(problem, (Flown(450, "AM1", "T1"), Flown(460, "AM1", "T1")), ("AM3",))[:3] == [
        "AM1 is decided 2 times",
        "AM2 is decided 0 times",
        "AM3 must fly",
    ]
