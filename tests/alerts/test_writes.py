"""What goes into one transaction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.decide import Action, Decision
from alerts.entity import Change, EntityLights
from alerts.outbox import pending_of
from alerts.settings import AlertSettings
from alerts.writes import MOST_ACTIONS, Decided, Write, actions, together
from schemas.lights import Alert
from tests.alerts.samples import NOW, folded, row

SETTINGS = AlertSettings()  # type: ignore[call-arg]


def write(beside: int, name: str = "JFK-LAX") -> Write:
    """An entity without transitions, and so many other actions."""
    lights = EntityLights(scope="route", name=name)
    return Write(lights, lights, (), [{"Put": {}}] * beside)


def decided(change: Change, action: Action) -> Decided:
    transition = change.transition
    alert = Alert(
        alert_id=transition.alert_id, stage="demo", transition=transition, subject="s", text="t", text_es="t",
        decided_at=NOW, modelled=False,
    )  # fmt: skip
    return Decided(change, Decision(action, "why"), pending_of(alert, ("default",)))


@pytest.mark.parametrize(
    ("sizes", "groups"),
    [
        ([], []),
        ([100], [[100]]),
        ([60, 40, 1], [[60, 40], [1]]),
        ([99, 2, 98, 1], [[99], [2, 98], [1]]),
    ],
)
def test_entities_share_a_transaction_as_far_as_it_takes_them(sizes: list[int], groups: list[list[int]]) -> None:
    assert [[one.size for one in group] for group in together(write(size - 1) for size in sizes)] == groups


@given(st.lists(st.integers(1, MOST_ACTIONS), max_size=40))
def test_none_is_left_out_and_the_order_stays(sizes: list[int]) -> None:
    writes = [write(size - 1, f"R{number}-X") for number, size in enumerate(sizes)]
    groups = list(together(writes))
    assert [one for group in groups for one in group] == writes
    assert all(sum(one.size for one in group) <= MOST_ACTIONS for group in groups)


@pytest.mark.parametrize(("action", "entries"), [(Action.SEND, 2), (Action.GROUP, 2), (Action.LOG, 1)])
def test_a_write_is_as_large_as_it_says(action: Action, entries: int) -> None:
    """State, a note, log entry, and the outbox entry of what is sent or held back."""
    result = folded(row(0, 9), row(10, 4))
    one = Write(result.after, result.after, [decided(change, action) for change in result.changes], [{"Update": {}}])
    found = list(actions(one, NOW, SETTINGS))
    assert len(found) == one.size == 2 + entries * len(result.changes)
    ids = [change.transition.alert_id for change in result.changes]
    assert [name.alert_id for name in found if name.alert_id] == (ids if action is not Action.LOG else [])
