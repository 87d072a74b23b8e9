"""A sum of small decision trees, as fitted by gradient boosting, that a Lambda can add up without any library."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec


class Trees(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Log odds as `intercept` plus one leaf of each tree.

    Node `i` asks whether feature `split[i]` is at most `at[i]`: if so node `i + 1` is next, else node `right[i]`. At a
    leaf `split` is -1 and `at` its log odds. A tree's nodes stand together from its root on, a branch before the next.
    """

    intercept: float
    roots: tuple[int, ...]
    split: tuple[int, ...]
    at: tuple[float, ...]
    right: tuple[int, ...]

    def log_odds(self, features: Sequence[float]) -> float:
        """Of features by position."""
        split, at, right = self.split, self.at, self.right
        total = self.intercept
        for node in self.roots:
            while (feature := split[node]) >= 0:
                node = node + 1 if features[feature] <= at[node] else right[node]
            total += at[node]
        return total

    def faults(self, features: int) -> Iterator[str]:
        """Why these are no trees of so many features: whatever is published must be safe to walk, and to an end."""
        if not len(self.split) == len(self.at) == len(self.right):
            yield "its lists of nodes differ in length"
            return
        ends = (*self.roots, len(self.split))
        if (self.roots and self.roots[0] != 0) or any(root >= end for root, end in pairwise(ends)):
            yield "its trees do not follow each other"
            return
        for root, end in pairwise(ends):
            for node in range(root, end):
                if self.split[node] >= features:
                    yield f"node {node} asks for feature {self.split[node]} of {features}"
                elif self.split[node] >= 0 and not node + 1 < self.right[node] < end:
                    yield f"node {node} leads out of its tree"
        if self.split and any(self.split[end - 1] >= 0 for end in ends[1:]):
            yield "a tree ends without a leaf"
