"""Boosted trees between scikit-learn, which fits them, and a Lambda, which adds them up (`trees.py`)."""

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from rules.trees import Trees

Floats = NDArray[np.float64]


def exported(fitted: HistGradientBoostingClassifier, slope: float = 1.0, intercept: float = 0.0) -> Trees:
    """scikit-learn's trees as ours, their log odds times `slope` plus `intercept`.

    It publishes no way to its trees, so this reads what its own prediction reads; a test holds both to be equal."""
    roots: list[int] = []
    nodes: list[tuple[int, float, int]] = []
    for (tree,) in fitted._predictors:
        roots.append(len(nodes))
        _add_branch(tree.nodes, 0, slope, nodes)
    split, at, right = zip(*nodes, strict=True) if nodes else ((), (), ())
    start = float(fitted._baseline_prediction.ravel()[0]) * slope + intercept
    return Trees(round(start, 5), tuple(roots), split, at, right)


def _add_branch(of: NDArray[np.void], number: int, slope: float, nodes: list[tuple[int, float, int]]) -> None:
    one, place = of[number], len(nodes)
    if one["is_leaf"]:
        nodes.append((-1, round(float(one["value"]) * slope, 5), 0))
        return
    nodes.append((-1, 0.0, 0))
    _add_branch(of, one["left"], slope, nodes)
    nodes[place] = int(one["feature_idx"]), round(float(one["num_threshold"]), 5), len(nodes)
    _add_branch(of, one["right"], slope, nodes)


def log_odds(trees: Trees, x: Floats) -> Floats:
    """`Trees.log_odds` of every row of `x`."""
    split, at, right = np.array(trees.split), np.array(trees.at), np.array(trees.right)
    rows = np.arange(len(x))
    total = np.full(len(x), trees.intercept)
    for root in trees.roots:
        node = np.full(len(x), root)
        while (asks := split[node] >= 0).any():
            below = x[rows, split[node]] <= at[node]
            node = np.where(asks, np.where(below, node + 1, right[node]), node)
        total += at[node]
    return total
