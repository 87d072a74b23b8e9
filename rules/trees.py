"""A sum of small decision trees, as fitted by gradient boosting, that a Lambda can add up without any library."""

from collections.abc import Iterator, Sequence

import msgspec

from schemas.trees import leaf_sum, tree_faults


class Trees(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Log odds as `intercept` plus one leaf of each tree.

    Nodes as `schemas/trees.py` says.
    """

    intercept: float
    roots: tuple[int, ...]
    split: tuple[int, ...]
    at: tuple[float, ...]
    right: tuple[int, ...]

    def log_odds(self, features: Sequence[float]) -> float:
        """Of features by position."""
        return leaf_sum(self.intercept, self.roots, self.split, self.at, self.right, features)

    def faults(self, features: int) -> Iterator[str]:
        """Why these are no trees of so many features: whatever is published must be safe to walk, and to an end."""
        return tree_faults(self.roots, self.split, self.at, self.right, features)
