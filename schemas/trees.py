"""Boosted trees as they are stored: lists of numbers that whoever reads them can walk, and to an end.

Node `i` asks whether feature `split[i]` is at most `at[i]`: if so node `i + 1` is next, else node `right[i]`. At a leaf
`split` is -1 and `at` what it adds. A tree's nodes stand together from its root on, a branch before the next.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import msgspec


def tree_faults(
    roots: Sequence[int], split: Sequence[int], at: Sequence[float], right: Sequence[int], features: int
) -> Iterator[str]:
    """Why these are no trees of so many features: whatever is published must be safe to walk."""
    if not len(split) == len(at) == len(right):
        yield "its lists of nodes differ in length"
        return
    ends = (*roots, len(split))
    if (roots and roots[0] != 0) or any(root >= end for root, end in pairwise(ends)):
        yield "its trees do not follow each other"
        return
    for root, end in pairwise(ends):
        for node in range(root, end):
            if split[node] >= features:
                yield f"node {node} asks for feature {split[node]} of {features}"
            elif split[node] >= 0 and not node + 1 < right[node] < end:
                yield f"node {node} leads out of its tree"
    if split and any(split[end - 1] >= 0 for end in ends[1:]):
        yield "a tree ends without a leaf"


class SummedTrees(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number as `start` plus one leaf of each tree."""

    start: float
    roots: tuple[int, ...]
    split: tuple[int, ...]
    at: tuple[float, ...]
    right: tuple[int, ...]

    def of(self, features: Sequence[float]) -> float:
        """Of features by position."""
        return leaf_sum(self.start, self.roots, self.split, self.at, self.right, features)

    def faults(self, features: int) -> Iterator[str]:
        """Why these are no trees of so many features: a file must be safe to walk, and to an end."""
        return tree_faults(self.roots, self.split, self.at, self.right, features)


def leaf_sum(
    start: float,
    roots: Sequence[int],
    split: Sequence[int],
    at: Sequence[float],
    right: Sequence[int],
    features: Sequence[float],
) -> float:
    """`start` and one leaf of each tree, in their order, by features by position."""
    total = start
    for node in roots:
        while (feature := split[node]) >= 0:
            node = node + 1 if features[feature] <= at[node] else right[node]
        total += at[node]
    return total
