"""A catalogue as text: the same rules come back, and nothing that is broken or strange."""

from pathlib import Path

import pytest

from rules.bundle import pack, unpack
from rules.load import load_catalog
from rules.problems import CatalogError
from tests.rules.test_load import RULE, written
from tests.rules.test_testing import NEGATIVE, POSITIVE


def problems(files: dict[str, str]) -> list[str]:
    with pytest.raises(CatalogError) as caught:
        unpack(files)
    return [str(problem) for problem in caught.value.problems]


def test_the_shipped_rules_come_back_as_they_are() -> None:
    shipped = load_catalog()
    found = unpack(pack())
    assert found.version == shipped.version
    assert found.rules == shipped.rules


def test_only_rules_and_models_are_packed(tmp_path: Path) -> None:
    path = written(tmp_path, RULE + POSITIVE + NEGATIVE)
    (tmp_path / "notes.txt").write_text("x")
    assert pack(tmp_path) == {"on_time_arrival.toml": path.read_text()}


def test_what_does_not_pass_is_named_by_file_and_line(tmp_path: Path) -> None:
    sound = RULE + POSITIVE + NEGATIVE
    unreachable = problems({"late.toml": sound.replace("red = 70", "red = 0"), "fine.toml": sound})
    assert unreachable == ["late.toml:6: RED is unreachable: no on_time_arrival is beyond 0"]
    (untested,) = problems({"late.toml": RULE + POSITIVE})
    assert untested.startswith("late.toml:1: no negative test")
    # Sound by itself, but not what its own test says: an amber of 60 lets half of 12 pass.
    (failed,) = problems({"late.toml": sound.replace("red = 70", "red = 60")})
    assert failed.startswith("late.toml:26: 'half are late' at 5h: expected RED, got AMBER")
    written(tmp_path, RULE)
    with pytest.raises(CatalogError):
        pack(tmp_path)


@pytest.mark.parametrize("name", ["../evil.toml", "/etc/passwd", "a/b.toml", "Late.toml", "x.py", ".toml"])
def test_a_name_that_is_none_of_a_rule_is_refused(name: str) -> None:
    assert problems({name: RULE}) == [f"{name}:1: not the name of a rule or a model"]


def test_nothing_is_no_catalogue() -> None:
    assert problems({})[0].endswith("no rule files (*.toml) here")
