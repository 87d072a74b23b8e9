import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from optimizer.delay.forest import Forest, exported


def test_a_tree_by_hand() -> None:
    # feature 1 <= 5 ? (feature 0 <= 0 ? 1 : 2) : 4, and a second tree of one leaf
    forest = Forest(10.0, (0, 5), (1, 0, -1, -1, -1, -1), (5.0, 0.0, 1.0, 2.0, 4.0, 0.5), (4, 3, 0, 0, 0, 0))
    x = np.array([[0, 5], [1, 5], [0, 5.1]], np.float32)
    assert forest.sums(x).tolist() == [11.5, 12.5, 14.5]
    assert list(forest.faults(2)) == []


def test_our_sum_is_scikit_learns() -> None:
    luck = np.random.default_rng(1)
    x = np.round(luck.normal(0, 50, (2000, 5)), 4).astype(np.float32)
    y = x[:, 0] + np.abs(x[:, 1]) + luck.normal(0, 20, 2000)
    with threadpool_limits(1):
        classifier = HistGradientBoostingClassifier(max_iter=30, random_state=0).fit(x, y > 30)
        regressor = HistGradientBoostingRegressor(loss="quantile", quantile=0.9, max_iter=30, random_state=0).fit(x, y)
    assert exported(classifier).sums(x) == pytest.approx(classifier.decision_function(x), abs=1e-3)
    assert exported(regressor).sums(x) == pytest.approx(regressor.predict(x), abs=1e-3)


GOOD = {"start": 0.0, "roots": (0,), "split": (0, -1, -1), "at": (1.0, 2.0, 3.0), "right": (2, 0, 0)}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"at": (1.0,)}, "lists of nodes differ"),
        ({"roots": (1,)}, "do not follow each other"),
        ({"split": (7, -1, -1)}, "node 0 asks for feature 7 of 3"),
        ({"right": (0, 0, 0)}, "node 0 leads out of its tree"),
        ({"split": (0, -1, 0)}, "ends without a leaf"),
    ],
)
def test_what_is_unsafe_to_walk_is_named(wrong: dict[str, object], says: str) -> None:
    assert list(Forest(**GOOD).faults(3)) == []  # type: ignore[arg-type]
    assert any(says in fault for fault in Forest(**GOOD | wrong).faults(3))  # type: ignore[arg-type]
