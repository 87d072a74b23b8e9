"""Choices against trying them all, and what is said when there is none."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.mip.choose import choose, fighting
from optimizer.mip.selection import Column, Row, Selection, Stop


def cheapest(selection: Selection) -> int | None:
    """By trying all."""
    places = range(len(selection.columns))
    every = (chosen for count in range(len(places) + 1) for chosen in combinations(places, count))
    costs = [selection.cost_cents(chosen) for chosen in every if not selection.broken(chosen)]
    return min(costs, default=None)


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    bound = st.none() | st.integers(-3, 6)
    rows = tuple(Row(f"row {n}", draw(bound), draw(bound)) for n in range(draw(st.integers(1, 4))))
    use = st.tuples(st.integers(0, len(rows) - 1), st.integers(-2, 3))
    column = st.builds(Column, st.integers(-500, 500), st.lists(use, max_size=3, unique_by=lambda u: u[0]).map(tuple))
    return Selection(tuple(draw(st.lists(column, max_size=7))), rows)


@settings(max_examples=60, deadline=None)
@given(selections(), st.integers(0, 3))
def test_it_is_exactly_the_cheapest_or_says_what_fights(selection: Selection, seed: int) -> None:
    found = choose(selection, Stop(), seed)
    best = cheapest(selection)
    if best is None:
        assert found.chosen is None
        assert found.fighting
        return
    assert found.chosen is not None
    assert (found.cost_cents, selection.broken(found.chosen)) == (best, [])
    assert found.gap == 0
    assert choose(selection, Stop(), seed) == found


@settings(max_examples=60, deadline=None)
@given(selections())
def test_of_what_fights_none_is_there_in_vain(selection: Selection) -> None:
    if cheapest(selection) is not None:
        return
    named = fighting(selection)

    def only(names: set[str]) -> Selection:
        free = [row if row.name in names else Row(row.name, None, None) for row in selection.rows]
        return Selection(selection.columns, tuple(free))

    assert cheapest(only(set(named))) is None
    for one in named:
        assert cheapest(only(set(named) - {one})) is not None


def test_without_time_the_fallback_is_the_answer_and_its_gap_is_honest() -> None:
    # Two of three, each worth more than the last: 1 and 2 alone cost 3, and nobody has had time to know.
    columns = tuple(Column(cost, ((0, 1),)) for cost in (1, 2, 3))
    selection = Selection(columns, (Row("two", 2, 2),))
    found = choose(selection, Stop(seconds=0.0), fallback=(1, 2))
    assert found.chosen is not None
    assert not selection.broken(found.chosen)
    assert found.bound_cents <= 3 <= found.cost_cents
    if found.chosen == (1, 2):
        assert found.gap == pytest.approx((5 - found.bound_cents) / 5)


def test_an_answer_that_presolve_cannot_lead_back_is_found_without_it() -> None:
    # Of 3a - 2b + 3c no choice makes 2: 0, 3, 6, 1, 4 and -2 are all there are.
    columns = (Column(0, ((0, 3),)), Column(0, ((0, -2),)), Column(0, ((0, 3),)))
    found = choose(Selection(columns, (Row("two", 2, 2),)), Stop())
    assert (found.chosen, found.fighting) == (None, ("two",))


def test_nothing_to_choose_from() -> None:
    assert choose(Selection((), (Row("one", 0, 1),)), Stop()).chosen == ()
    assert choose(Selection((), (Row("one", 1, 1),)), Stop()).fighting == ("one",)
