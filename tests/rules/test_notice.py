import pytest

from rules.evaluate import evaluate
from rules.notice import is_notifiable, notice
from schemas.lights import Light, LightState
from tests.rules.making import HOUR, PUNCTUALITY, START, late, rule


@pytest.mark.parametrize(
    ("before", "after", "send", "reason"),
    [
        ("GREY", "GREEN", False, "GREY to GREEN asks for no one"),
        ("GREEN", "GREY", False, "GREEN to GREY asks for no one"),
        ("GREEN", "AMBER", True, "alarm: AMBER"),
        ("GREY", "RED", True, "alarm: RED"),
        ("AMBER", "RED", True, "worsening to RED"),
        ("RED", "AMBER", True, "easing from RED to AMBER"),
        ("RED", "GREEN", True, "recovery from RED"),
        ("AMBER", "GREEN", True, "recovery from AMBER"),
        ("RED", "GREY", True, "evidence lost while RED"),
        ("AMBER", "GREY", True, "evidence lost while AMBER"),
    ],
)
def test_what_people_hear_of(before: str, after: str, send: bool, reason: str) -> None:
    at_once = rule(hold=0 * HOUR)
    rows = {"GREEN": late(20, 20), "AMBER": late(13, 20), "RED": late(2, 20), "GREY": late(1, 2)}
    if before == "RED":
        rows["AMBER"] = late(15, 20)
    state = LightState(light=Light(before), since_at=START - HOUR, at=START - HOUR, rule_version=PUNCTUALITY.version)
    _, transition = evaluate(at_once, rows[after], {}, state, START)
    assert transition
    assert transition.to_light == after
    assert notice(transition) == (send, reason)
    assert is_notifiable(transition) is send
