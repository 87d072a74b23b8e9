"""`python -m bench rules`: it compares like with like, and says so when that fails."""

from collections import Counter

import pytest
from typer.testing import CliRunner

from bench import rules_cost
from bench.__main__ import app
from bench.rules_cost import FEW, MANY, made_up_rows, made_up_rules, measure, plain_loop
from rules.load import Catalog
from rules.validate_where import where_problems


@pytest.fixture(autouse=True)
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is decided is the same in each round; only times are the best of three."""
    monkeypatch.setattr(rules_cost, "ROUNDS", 1)


def test_the_index_decides_what_the_plain_loop_decides() -> None:
    rows, rules = list(made_up_rows(2_000, seed=3)), made_up_rules(MANY, seed=3)
    indexed, plain = measure(rows, Catalog(rules).rules_for), measure(rows, plain_loop(rules))
    assert indexed.decided == plain.decided
    chosen = Counter(state.where for _, state in indexed.decided)
    assert chosen[""] > 0
    assert len(chosen) > 20, "the overrides are about the rows"


def test_it_is_a_thousand_rules_that_pass_the_check() -> None:
    for count in (FEW, MANY):
        rules = made_up_rules(count, seed=1)
        assert sum(1 + len(rule.overrides) for rule in rules) == count
        found = [message for rule in rules for _, message in where_problems(rule)]
        assert not [message for message in found if "as specific as" in message]


def test_a_difference_is_exit_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_cost, "plain_loop", lambda rules: Catalog(rules[:5]).rules_for)
    result = CliRunner().invoke(app, ["rules", "--rows", "200"])
    assert result.exit_code == 1
    assert "rules: the plain loop decides otherwise" in result.stderr


def test_a_bar_that_is_missed_is_exit_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_cost, "LEAST_GAIN", 1e9)
    result = CliRunner().invoke(app, ["rules", "--rows", "200"])
    assert result.exit_code == 1
    assert "rules: they are found too slowly" in result.stderr
