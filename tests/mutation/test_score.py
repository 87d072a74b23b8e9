"""The score of mutants, worked out by hand."""

import json
from pathlib import Path

import pytest

from tests.mutation import __main__ as command
from tests.mutation.__main__ import EQUIVALENT, draw
from tests.mutation.score import Change, Mutant, equivalents, report, score

DIFF = """\
--- rules/wilson.py
+++ rules/wilson.py
@@ -1,3 +1,3 @@
 def f(a: int) -> int:
-    return a if a >= 0 else 0
+    return a if a > 0 else 0
"""
SAME = {Change("wilson", "return a if a >= 0 else 0", "return a if a > 0 else 0")}
NONE: set[Change] = set()


def mutants(*exit_codes: int | None) -> list[Mutant]:
    return [Mutant(f"rules.wilson.x_f__mutmut_{number}", code) for number, code in enumerate(exit_codes)]


def test_killed_and_endless_over_all_that_differ() -> None:
    # Killed: a failed test, a crash of pytest, of Python. Endless: by CPU time, by the clock. Two survive.
    found = score([*mutants(1, 3, -11, -24, 36, 0, 33), Mutant("rules.wilson.x_f__mutmut_9", 0, DIFF)], SAME)
    assert found == (3, 2, 2, 1)
    assert found.share == pytest.approx(5 / 7)


def test_an_equivalent_mutant_is_that_of_its_module_and_text_alone() -> None:
    one = Mutant("rules.wilson.x_f__mutmut_9", 0, DIFF)
    others = [
        Mutant("rules.choose.x_f__mutmut_9", 0, DIFF),
        one._replace(diff=DIFF.replace("a > 0", "a > 1")),
        one._replace(diff=DIFF.replace("a >= 0", "a >= 1")),
    ]
    assert score([one, *others], SAME) == (0, 0, 3, 1)


@pytest.mark.parametrize("exit_code", [None, 2, 34])
def test_no_verdict_is_no_score(exit_code: int | None) -> None:
    with pytest.raises(ValueError, match="x_f__mutmut_0: no verdict"):
        score(mutants(exit_code), NONE)


def test_the_interval_of_a_sample() -> None:
    # 90 of 100 drawn of very many, by the score equation: 82.6 to 94.5 %. Of 400 it is narrower, of 100 there is none.
    found = score(mutants(*[1] * 90, *[0] * 10), NONE)
    assert found.interval(10**9) == pytest.approx((0.8256, 0.9448), abs=1e-4)
    low, high = found.interval(400)
    assert 0.8256 < low < 0.90 < high < 0.9448
    assert found.interval(100) == pytest.approx((0.9, 0.9))


def test_a_sample_is_the_seeds_and_a_larger_one_holds_the_smaller() -> None:
    names = [str(number) for number in range(1000)]
    small = draw(names, 20, seed=1)
    assert len(set(small)) == 20
    assert draw(names, 400, seed=1)[:20] == small
    assert draw(names, 20, seed=2) != small
    assert sorted(draw(names, 0, seed=1)) == sorted(names)


def test_what_was_stopped_goes_on_with_those_that_have_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "MUTANTS", tmp_path)
    assert command.undecided(["rules.a.x", "rules.b.y"]) == ["rules.a.x", "rules.b.y"], "nothing is there yet"
    (tmp_path / "rules").mkdir()
    for module, verdicts in {"a": {"rules.a.x": None, "rules.a.z": 1}, "b": {"rules.b.y": 0}}.items():
        (tmp_path / "rules" / f"{module}.py.meta").write_text(json.dumps({"exit_code_by_key": verdicts}))
    assert command.undecided(["rules.b.y", "rules.a.x", "rules.a.z"]) == ["rules.a.x"]


def test_verdicts_hold_until_code_or_a_test_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("rules", "tests/mutation"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    for name in ("rules/a.py", "tests/test_a.py", "tests/mutation/equivalent.toml"):
        Path(name).write_text("")
    Path("pyproject.toml").write_text('[tool.mutmut]\nsource_paths = ["rules/"]\n')
    command.forget_verdicts_on_other_code()
    found = Path("mutants/rules.a")
    for name, kept in {"tests/mutation/equivalent.toml": True, "tests/test_a.py": False, "rules/a.py": False}.items():
        found.write_text("killed")
        Path(name).write_text("# changed")
        command.forget_verdicts_on_other_code()
        assert found.exists() == kept, name


def test_the_report_has_a_line_per_module_and_says_what_was_drawn() -> None:
    some = [*mutants(1, 1, 1, 0), Mutant("rules.choose.x_g__mutmut_1", -24)]
    lines = [line.split() for line in report(some, NONE, 5).splitlines()]
    assert lines[1:] == [
        ["choose", "0", "1", "0", "0", "100.0%"],
        ["wilson", "3", "0", "1", "0", "75.0%"],
        ["all", "3", "1", "1", "0", "80.0%"],
    ]
    assert "(5 drawn of 50: " in report(some, NONE, 50)


def test_each_equivalent_mutant_has_a_reason_and_is_still_of_the_code() -> None:
    for module, old, _ in equivalents(EQUIVALENT):
        lines = [line.strip() for line in Path(f"rules/{module}.py").read_text(encoding="utf-8").splitlines()]
        assert old in " ".join(lines)
