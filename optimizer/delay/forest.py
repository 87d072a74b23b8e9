"""Boosted trees as numbers: fitted by scikit-learn, stored as JSON, added up for many flights by a few lines."""

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from optimizer.flights import Floats
from schemas.trees import SummedTrees


class Forest(SummedTrees, frozen=True, forbid_unknown_fields=True):
    """The same trees for many flights at once."""

    def sums(self, x: NDArray[np.float32]) -> Floats:
        """Of every row of features."""
        # A column after the other, and flights in their order within each node: memory is read in rows, not at random.
        columns = np.asfortranarray(x)
        # A threshold may be a feature's very value, and is rounded as features are.
        asked_at = np.array(self.at).astype(x.dtype)
        total = np.full(len(x), self.start)
        everyone = np.arange(len(x))
        for root in self.roots:
            waiting = [(root, everyone)]
            while waiting:
                node, flights = waiting.pop()
                if self.split[node] < 0:
                    total[flights] += self.at[node]
                    continue
                below = columns[flights, self.split[node]] <= asked_at[node]
                waiting += [(node + 1, flights[below]), (self.right[node], flights[~below])]
        return total


def exported(fitted: HistGradientBoostingClassifier | HistGradientBoostingRegressor) -> Forest:
    """scikit-learn's trees as ours. It publishes no way to them, so this reads what its own prediction reads; a test
    holds both to be equal."""
    roots: list[int] = []
    nodes: list[tuple[int, float, int]] = []
    for (tree,) in fitted._predictors:
        roots.append(len(nodes))
        _add_branch(tree.nodes, 0, nodes)
    split, at, right = zip(*nodes, strict=True) if nodes else ((), (), ())
    return Forest(round(float(np.ravel(fitted._baseline_prediction)[0]), 5), tuple(roots), split, at, right)


def _add_branch(of: NDArray[np.void], number: int, nodes: list[tuple[int, float, int]]) -> None:
    one, place = of[number], len(nodes)
    if one["is_leaf"]:
        nodes.append((-1, round(float(one["value"]), 5), 0))
        return
    nodes.append((-1, 0.0, 0))
    _add_branch(of, one["left"], nodes)
    # Features are rounded to four digits: the fifth tells a threshold between two of them from either.
    nodes[place] = int(one["feature_idx"]), round(float(one["num_threshold"]), 5), len(nodes)
    _add_branch(of, one["right"], nodes)
