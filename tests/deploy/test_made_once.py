"""What is there is whole: made once, and anew after a maker that failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.made_once import made_once


def test_a_folder_is_made_once(tmp_path: Path) -> None:
    calls: list[Path] = []

    def make(folder: Path) -> None:
        calls.append(folder)
        folder.mkdir()
        (folder / "part").write_text("whole")

    folder = tmp_path / "things" / "abc"
    folder.parent.mkdir()
    assert made_once(folder, make) == made_once(folder, make) == folder
    assert (folder / "part").read_text() == "whole"
    assert len(calls) == 1


def test_what_a_failed_maker_left_is_never_taken_for_the_whole(tmp_path: Path) -> None:
    folder = tmp_path / "things" / "abc"

    def fail(partial: Path) -> None:
        partial.mkdir(parents=True)
        (partial / "half").write_text("")
        raise OSError("disk full")

    def make(partial: Path) -> None:
        partial.mkdir(parents=True)

    with pytest.raises(OSError, match="disk full"):
        made_once(folder, fail)
    assert not folder.exists()
    assert list(made_once(folder, make).iterdir()) == []
