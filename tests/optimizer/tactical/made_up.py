"""Small problems by Hypothesis, and their best answer by trying everything."""

from collections.abc import Iterator
from itertools import product

from hypothesis import strategies as st

from optimizer.tactical.check import broken_by, terms_of
from optimizer.tactical.problem import (
    Aircraft,
    Connection,
    Curfew,
    Flown,
    Leg,
    Overnight,
    Slots,
    TacticalProblem,
)

AIRPORTS = ("MEX", "MTY", "CUN")
TYPES = {"A320": 150, "E190": 99}


def leg(leg_id: str, departs: int, block: int = 100, **changed: object) -> Leg:
    """There and back from MEX, 100 passengers at US$ 150, unless it is said otherwise."""
    fields: dict[str, object] = {
        "leg_id": leg_id,
        "origin": "MEX",
        "destination": "MTY",
        "back": "MEX",
        "departs_minute": departs,
        "arrives_minute": departs + block,
        "back_minute": departs + 2 * block,
        "turnaround_minutes": 40,
        "block_minutes": 2 * block,
        "distance_km": 700,
        "passengers": 100,
        "fare_cents": 15_000,
    }
    return Leg(**(fields | changed))  # type: ignore[arg-type]


def aircraft(tail: str, ready: int, designator: str = "A320", airport: str = "MEX", crew: int = 900) -> Aircraft:
    """With its type's seats here."""
    return Aircraft(tail, designator, TYPES[designator], airport, ready, crew)


@st.composite
def problems(draw: st.DrawFn) -> TacticalProblem:
    """One to three legs, one or two aircraft, and any of what may bind them."""
    airport = st.sampled_from(AIRPORTS[:2])
    legs = tuple(
        leg(
            f"L{n}",
            draw(st.integers(0, 30)) * 10,
            draw(st.integers(3, 8)) * 10,
            origin=draw(airport),
            destination=draw(st.sampled_from(AIRPORTS)),
            back=draw(airport),
            distance_km=draw(st.sampled_from((700, 5000))),
            passengers=draw(st.integers(50, 180)),
            family=draw(st.sampled_from((None, None, "A320", "E190"))),
            must_fly=draw(st.integers(0, 3)) == 0,
        )
        for n in range(draw(st.integers(1, 3)))
    )
    fleet = tuple(
        aircraft(
            f"T{n}",
            draw(st.integers(0, 20)) * 10,
            draw(st.sampled_from(sorted(TYPES))),
            draw(airport),
            draw(st.integers(1, 6)) * 80,
        )
        for n in range(draw(st.integers(1, 2)))
    )
    ids, tails = st.sampled_from([one.leg_id for one in legs]), st.sampled_from([one.tail for one in fleet])
    start = draw(st.integers(0, 40)) * 10
    pairs = draw(
        st.lists(st.tuples(ids, ids).filter(lambda pair: pair[0] != pair[1]), max_size=1)
        if len(legs) > 1
        else st.just([])
    )
    return TacticalProblem(
        legs,
        fleet,
        {one.leg_id: draw(tails) for one in legs},
        connections=tuple(Connection(a, b, draw(st.integers(1, 40)), 30) for a, b in pairs),
        slots=tuple(draw(st.lists(st.just(Slots("MEX", start, start + 60, draw(st.integers(0, 1)))), max_size=1))),
        curfews=tuple(draw(st.lists(st.just(Curfew("MEX", start + 200, start + 260)), max_size=1))),
        overnight=tuple(draw(st.lists(st.just(Overnight("MEX", "A320", 1)), max_size=1))),
        hold_minutes=draw(st.sampled_from(((), (30,), (20, 60)))),
        longest_delay_minutes=draw(st.sampled_from((40, 80))),
    )


def cheapest(problem: TacticalProblem) -> int | None:
    """The cost of the best answer, by trying each aircraft and minute for each leg; None if nothing may be flown."""
    costs = [terms_of(problem, *answer).total for answer in answers(problem) if not broken_by(problem, *answer)]
    return min(costs, default=None)


def answers(problem: TacticalProblem) -> Iterator[tuple[tuple[Flown, ...], tuple[str, ...]]]:
    """Every leg cancelled, or with any aircraft at any full ten minutes up to its longest delay: all instants in these
    problems are full tens, so nothing else can be the earliest one."""
    late = range(0, problem.longest_delay_minutes + 1, 10)
    choices = [
        [None, *(Flown(leg.departs_minute + m, leg.leg_id, one.tail) for one in problem.aircraft for m in late)]
        for leg in problem.legs
    ]
    for chosen in product(*choices):
        flown = tuple(one for one in chosen if one is not None)
        yield flown, tuple(leg.leg_id for leg, one in zip(problem.legs, chosen, strict=True) if one is None)
