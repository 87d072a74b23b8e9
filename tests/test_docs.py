"""The README says what there is: every command, task, folder, KPI and dependency, and nothing that is gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rules.durations import format_duration
from rules.load import load_catalog
from schemas.kpis import KPIS
from tests.architecture import Tree
from tests.public_commands import command_lines

PROJECT = Path(__file__).parent.parent
README = (PROJECT / "README.md").read_text(encoding="utf-8")
TREE = Tree.of_git(PROJECT)
FOLDERS = {path.parts[0] for path in TREE.paths if len(path.parts) > 1 and not path.parts[0].startswith(".")}
RUNNABLE = sorted(folder for folder in FOLDERS if (PROJECT / folder / "__main__.py").exists())


def section(heading: str) -> str:
    """The text under a second-level heading."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, f"the README has no section {heading!r}"
    return found.group(1)


def rows(heading: str) -> list[list[str]]:
    """The cells of the tables under a heading, without their header rows."""
    lines = section(heading).splitlines()
    is_rule = [line.startswith("|--") for line in lines]
    body = [
        line
        for line, rule, rule_follows in zip(lines, is_rule, [*is_rule[1:], False], strict=True)
        if line.startswith("|") and not rule and not rule_follows
    ]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body]


@pytest.mark.parametrize("folder", RUNNABLE)
def test_every_command_is_in_the_readme(folder: str) -> None:
    listed = {cell.strip("`") for cell, *_ in rows("Commands")}
    assert sorted(set(command_lines(folder)) - listed) == []


def test_every_command_in_the_readme_is_there() -> None:
    listed = {cell.strip("`") for cell, *_ in rows("Commands") if cell.startswith("`python -m")}
    offered = {line for folder in RUNNABLE for line in command_lines(folder)}
    assert sorted(listed - offered) == []


def test_every_task_of_the_makefile_is_in_the_readme_and_back() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    offered = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    listed = {cell.strip("`") for cell, *_ in rows("Commands") if cell.startswith("`make ")}
    assert listed == {f"make {task}" for task in offered}


def test_every_task_says_what_it_does_in_make_help() -> None:
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.findall(r"^\.PHONY: ([a-z-]+)$", makefile, re.MULTILINE))
    assert phony - set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)) == {"environments"}


def test_the_kpi_table_is_the_catalogue() -> None:
    expected = [
        [f"`{kpi.name}`", f"`{kpi.formula}`", kpi.unit, kpi.direction, " ".join(kpi.windows), kpi.source]
        for kpi in KPIS.values()
    ]
    paste = "\n".join(f"| {' | '.join(row)} |" for row in expected)
    assert rows("KPIs") == expected, f"the table should read:\n{paste}"


def rule_rows() -> list[list[str]]:
    """The table of rules: each with its thresholds, and those it has elsewhere."""
    found = []
    for one in load_catalog().rules.values():
        limits = one.thresholds
        elsewhere = [
            f"{there.rule.where}: {there.rule.thresholds.amber:g} / {there.rule.thresholds.red:g}"
            for there in one.overrides
            if there.rule.thresholds != limits
        ]
        elsewhere += [f"{there.rule.where}: other bounds" for there in one.overrides if there.rule.thresholds == limits]
        unit = one.unit.replace("_", " ")
        lasts = format_duration(one.hold)
        stake = ", ".join(one.severity).replace("_", " ")
        thresholds = (f"{limits.amber:g}", f"{limits.red:g}")
        found.append([f"`{one.id}`", one.scope, one.window, *thresholds, unit, "; ".join(elsewhere), lasts, stake])
    return found


def test_the_rule_table_is_the_catalogue() -> None:
    paste = "\n".join(f"| {' | '.join(row)} |" for row in rule_rows())
    assert rows("Rules") == rule_rows(), f"the table should read:\n{paste}"


def test_the_folder_map_is_the_tree() -> None:
    mapped = set(re.findall(r"^([a-z_]+)/ ", section("Folders"), re.MULTILINE))
    assert mapped == FOLDERS


def test_every_dependency_has_a_row_and_back() -> None:
    files = [path for path in TREE.paths if path.parts[0] == "requirements" and path.suffix == ".in"]
    lines = [line for path in files for line in TREE.text(path).splitlines()]
    wanted = {re.split(r"[\[=<>]", line)[0] for line in lines if line and not line.startswith(("#", "-"))}
    listed = [name for cell, *_ in rows("Dependencies") for name in re.findall(r"`([^`]+)`", cell)]
    assert sorted(listed) == sorted(wanted)


def test_every_path_the_readme_names_exists() -> None:
    named = re.findall(r"`((?:{})/[\w./-]+)`".format("|".join(sorted(FOLDERS))), README)
    assert [path for path in named if not (PROJECT / path).exists()] == []
