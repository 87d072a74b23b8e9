"""Pooled rules that contradict their model, and windows that a KPI is not read over."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from rules.load import load_catalog
from rules.pooled import Logistic
from rules.validate import rule_problems
from tests.rules.making import rule, stumps
from tests.rules.test_load import problems

POOLED = load_catalog().rules["on_time_arrival"]
WEIGHS_ITSELF = ("confidence", "pooled evidence weighs chance itself, so it takes no confidence and no spread")
OF_A_ROUTES_DAY = ("evidence", "the model speaks of on_time_arrival of a route over 24h alone")
OTHER_FEATURES = ("evidence", "the model was fitted for another release: it weighs other features")
NOTHING_TO_COMPARE = ("against", "there is nothing to compare")


def test_pooled_evidence_needs_its_model(tmp_path: Path) -> None:
    pooled = ("confidence = 0.9", 'evidence = "pooled"')
    model = "on_time_arrival.model.json"
    gone = f"{model} cannot be read: No such file or directory; `fit` writes it"
    assert problems(tmp_path, pooled) == [(9, gone)]
    (tmp_path / model).write_text("{}")
    ((line, message),) = problems(tmp_path, pooled)
    assert line == 9
    assert message.startswith(f"{model} is no model: Object missing required field ")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, []),
        ({"confidence": 0.9}, [WEIGHS_ITSELF]),
        ({"spread": 9.0}, [WEIGHS_ITSELF]),
        ({"scope": "airport"}, [OF_A_ROUTES_DAY]),
        ({"window": "7d"}, [OF_A_ROUTES_DAY]),
        ({"kpi_name": "completion"}, [OF_A_ROUTES_DAY]),
        ({"against": "completion"}, [NOTHING_TO_COMPARE]),
    ],
)
def test_a_pooled_rule_is_what_its_model_speaks_of(changes: dict[str, Any], found: list[tuple[str, str]]) -> None:
    assert rule_problems(replace(POOLED, **changes)) == found


def test_a_model_weighs_the_features_of_this_release() -> None:
    model = POOLED.model
    assert model is not None
    weights = model.miss.weights
    for others in (weights | {"moon": 1.0}, dict(list(weights.items())[1:])):
        changed = replace(model, miss=Logistic(0.0, others))
        assert rule_problems(replace(POOLED, model=changed)) == [OTHER_FEATURES]


def test_the_trees_of_a_model_can_be_walked_and_ask_for_features_that_there_are() -> None:
    trees = stumps(("missing", 0.0, -1.0, 1.0))
    model = replace(POOLED.model, risk=replace(trees, split=(99, -1, -1)))  # type: ignore[type-var]
    [(place, words)] = rule_problems(replace(POOLED, model=model))
    assert (place, words.partition(" of ")[0]) == ("evidence", "the model's trees: node 0 asks for feature 99")


def test_a_kpi_is_read_over_its_windows_in_every_scope() -> None:
    hours = rule(kpi_name="yield", scope="airport", window="3h", spread=15.0)
    assert rule_problems(hours) == [("window", "yield is not read over 3h; windows: 7d, 28d, 24h")]
