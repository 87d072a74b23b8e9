"""Boosted trees without a library: by hand, against scikit-learn, and what is no tree."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from rules.boosted import exported, log_odds
from rules.trees import Trees

# First: is the first feature at most 2? If so 0.5, else is the second at most -1? 1 or 3. Then a tree of one leaf.
BY_HAND = Trees(
    intercept=-0.25,
    roots=(0, 5),
    split=(0, -1, 1, -1, -1, -1),
    at=(2.0, 0.5, -1.0, 1.0, 3.0, 10.0),
    right=(2, 0, 4, 0, 0, 0),
)


@pytest.mark.parametrize(
    ("features", "leaves"), [((2.0, 5.0), 10.5), ((2.1, -1.0), 11.0), ((2.1, -0.9), 13.0), ((-9.0, -9.0), 10.5)]
)
def test_by_hand(features: tuple[float, ...], leaves: float) -> None:
    assert BY_HAND.log_odds(features) == leaves - 0.25
    assert log_odds(BY_HAND, np.array([features])).tolist() == [leaves - 0.25]
    assert not list(BY_HAND.faults(2))


def test_no_trees_say_the_intercept() -> None:
    none = Trees(1.5, (), (), (), ())
    assert none.log_odds((1.0,)) == 1.5
    assert not list(none.faults(1))


def test_what_is_exported_says_what_scikit_learn_says() -> None:
    chance = np.random.default_rng(1)
    x = np.round(chance.normal(size=(3_000, 4)), 3)
    y = x[:, 0] * x[:, 1] + x[:, 2] + chance.normal(size=3_000) > 0.5
    with threadpool_limits(1):  # 0.4 s; 10 s where its threads wait for each other on busy cores
        fitted = HistGradientBoostingClassifier(max_iter=30, max_leaf_nodes=8, early_stopping=False).fit(x, y)
    trees = exported(fitted)
    assert not list(trees.faults(4))
    assert all(round(number, 5) == number for number in (trees.intercept, *trees.at)), "as short as it is written"
    said = fitted.decision_function(x)
    assert np.allclose(log_odds(trees, x), said, atol=0.001)
    assert np.allclose([trees.log_odds(one) for one in x[:200].tolist()], said[:200], atol=0.001)
    assert np.allclose(log_odds(exported(fitted, 2.0, 1.0), x), 2 * said + 1, atol=0.002)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"at": (2.0,)}, "differ in length"),
        ({"roots": (1, 5)}, "do not follow each other"),
        ({"roots": (0, 5, 5)}, "do not follow each other"),
        ({"roots": (0, 9)}, "do not follow each other"),
        ({"split": (7, -1, 1, -1, -1, -1)}, "asks for feature 7 of 2"),
        ({"right": (0, 0, 4, 0, 0, 0)}, "node 0 leads out of its tree"),
        ({"right": (5, 0, 4, 0, 0, 0)}, "node 0 leads out of its tree"),
        ({"split": (0, -1, 1, -1, 1, -1)}, "node 4 leads out of its tree"),
        ({"split": (0, -1, 1, -1, 1, -1)}, "a tree ends without a leaf"),
        ({"split": (0, -1, 1, -1, -1, 0)}, "a tree ends without a leaf"),
    ],
)
def test_what_cannot_be_walked_to_an_end_is_said(changes: dict[str, tuple[float, ...]], says: str) -> None:
    fields = {name: getattr(BY_HAND, name) for name in Trees.__struct_fields__} | changes
    assert any(says in fault for fault in Trees(**fields).faults(2))
