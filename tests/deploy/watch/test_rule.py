"""Composite rules: precedence, nesting, and what is no rule."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.watch.evaluate import State
from deploy.watch.rule import alarms_of, holds

STATES: dict[str, State] = {"a": "ALARM", "b": "OK", "c": "INSUFFICIENT_DATA"}


@pytest.mark.parametrize(
    ("rule", "true"),
    [
        ('ALARM("a")', True),
        ('ALARM("b")', False),
        ('OK("b") AND INSUFFICIENT_DATA("c")', True),
        ('NOT ALARM("a")', False),
        ('NOT NOT ALARM("a")', True),
        ('TRUE OR ALARM("b") AND FALSE', True),
        ('(TRUE OR ALARM("b")) AND FALSE', False),
        ('NOT ALARM("b") AND ALARM("a")', True),
        ('NOT (ALARM("b") OR ALARM("a"))', False),
    ],
)
def test_rules(rule: str, true: bool) -> None:
    assert holds(rule, STATES) is true


@pytest.mark.parametrize(
    "rule", ["", "ALARM", 'ALARM("a"', "ALARM(a)", 'ALARM("a") ALARM("b")', "AND TRUE", 'WRONG("a")', "(TRUE"]
)
def test_what_is_no_rule(rule: str) -> None:
    with pytest.raises(ValueError, match=r"not a rule|missing"):
        holds(rule, STATES)


def test_an_alarm_that_is_not_there() -> None:
    with pytest.raises(KeyError):
        holds('ALARM("z")', STATES)
    assert alarms_of('ALARM("a") AND NOT OK("b")') == ["a", "b"]


RULES = st.recursive(
    st.sampled_from(['ALARM("a")', 'OK("b")', 'ALARM("c")', "TRUE", "FALSE"]),
    lambda inner: st.one_of(
        inner.map(lambda rule: f"NOT {rule}"),
        inner.map(lambda rule: f"({rule})"),
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(" ".join),
    ),
    max_leaves=12,
)


@given(RULES)
def test_it_agrees_with_python(rule: str) -> None:
    """Python's words bind alike."""
    said = re.sub(r'(\w+)\("(\w)"\)', lambda found: str(STATES[found[2]] == found[1]), rule)
    said = said.replace("AND", "and").replace("OR", "or").replace("NOT", "not")
    said = said.replace("TRUE", "True").replace("FALSE", "False")
    assert holds(rule, STATES) is eval(said)  # noqa: S307 - five words of our own
