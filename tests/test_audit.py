"""`make audit` tells a hole from none, and neither from an answer that never came."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.audit import LOCKS, ROOT, audit

SOUND = {"name": "msgspec", "version": "0.22.0", "vulns": []}
HOLE = {"name": "pydantic", "version": "1.0", "vulns": [{"id": "PYSEC-2021-47", "fix_versions": ["1.8.2"]}]}
SKIPPED = {"name": "msgspec", "skip_reason": "Dependency not found on PyPI and could not be audited"}


@pytest.mark.parametrize(
    ("answers", "code", "says"),
    [
        ([[SOUND]], 0, "a.txt: 1 packages, 0 known holes"),
        ([[SOUND, HOLE]], 1, "pydantic 1.0: PYSEC-2021-47, mended in 1.8.2"),
        ([[HOLE], [SOUND]], 1, "b.txt: 1 packages, 0 known holes"),
        ([None], 2, "cannot be reached"),
        ([[SKIPPED]], 2, "cannot be reached"),
        ([[SOUND], None], 2, "b.txt: the database of known holes cannot be reached"),
        ([[HOLE], None], 1, "b.txt: the database of known holes cannot be reached"),
        ([[SOUND, SKIPPED]], 0, "not in the database: msgspec"),
    ],
)
def test_it_says(
    answers: list[list[dict[str, Any]] | None], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    left = [None if answer is None else {"dependencies": answer} for answer in answers]
    assert audit([Path("a.txt"), Path("b.txt")][: len(answers)], lambda _lock: left.pop(0)) == code
    assert says in capsys.readouterr().out


def test_it_looks_at_every_lock_but_airflows() -> None:
    assert {path.stem for path in (ROOT / "requirements").glob("*.txt")} == {*LOCKS, "airflow"}
