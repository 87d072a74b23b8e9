"""What moves is waited for, however long it takes; what stands still is not."""

from __future__ import annotations

from deploy.demo.patience import Patience


def test_it_ends_only_behind_what_stands_still() -> None:
    patience = Patience(300)
    moves = [(0, 7_000.0), (1, 7_299.0), (2, 7_598.0), (2, 7_898.0), (2, 7_898.5), (3, 8_000.0), (3, 8_301.0)]
    assert [patience.ends(where, now) for where, now in moves] == [False, False, False, False, True, False, True]


def test_what_never_moved_is_waited_for_once() -> None:
    patience = Patience(300)
    assert [patience.ends(None, now) for now in (5.0, 305.0, 306.0)] == [False, False, True]
