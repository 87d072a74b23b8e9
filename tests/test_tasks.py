"""The tasks of the Makefile pass on what they are given, and CI repeats how the test runs closed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import LONGEST_FIRST
from tests.public_commands import command_lines, command_of

PROJECT = Path(__file__).parent.parent
# Without what a make around this one says, and without the system's word for what its user reads.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "LANGUAGE"))}


def make(*arguments: str) -> str:
    """What make says, not what it says to a make that runs these tests."""
    command = ["make", "--no-print-directory", *arguments]
    done = subprocess.run(command, cwd=PROJECT, env=ENVIRONMENT, capture_output=True, text=True, check=True)
    return done.stdout


def test_make_alone_lists_the_tasks() -> None:
    assert make() == make("help")
    assert "make demo " in make()
    assert "make test " in make()


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        ([], "-m deploy demo"),
        (["FROM=2013-06-01", "TO=2013-06-03"], "-m deploy demo --from '2013-06-01' --to '2013-06-03'"),
        (["SPEED=600", "SOURCE=simulator"], "-m deploy demo --speed '600' --source 'simulator'"),
        (["LANGUAGE=es_MX:es"], "-m deploy demo --language 'es_MX:es'"),
        (["KEEP=1"], "-m deploy demo --keep"),
        (["KEEP=0"], "-m deploy demo"),
    ],
)
def test_demo_passes_its_variables_on(given: list[str], passed: str) -> None:
    commands = make("--dry-run", "demo", *given).splitlines()
    assert " ".join(commands[-1].split()) == f".venv/bin/python {passed}"


def test_the_app_plays_a_demo_only_where_nothing_is_up() -> None:
    said = make("--dry-run", "app", "LANGUAGE=es_MX:es", "APP_PORT=9000", "SPEED=600")
    played, served = said.replace("\\\n", " ").splitlines()[-2:]
    assert " ".join(played.split()) == (
        ".venv/bin/python -m deploy local status >/dev/null 2>&1 || "
        ".venv/bin/python -m deploy demo --keep --speed '600' --language 'es_MX:es'"
    )
    assert "SEMAFORO_APP_LANGUAGE=es .venv/bin/python -m streamlit_app --port '9000'" in " ".join(served.split())


def test_the_demo_offers_what_its_task_passes_on() -> None:
    everything = ["FROM=a", "TO=b", "SPEED=1", "SOURCE=c", "LANGUAGE=d", "KEEP=1"]
    passed = re.findall(r"--[a-z]+", make("--dry-run", "demo", *everything).splitlines()[-1])
    demo = command_of("deploy").commands["demo"]
    offered = {option for parameter in demo.params for option in parameter.opts}
    assert len(passed) == 6
    assert set(passed) <= offered


def test_unit_and_integration_runs_part_the_tests_between_them() -> None:
    assert "-m 'not integration and not e2e and not faults'" in make("--dry-run", "unit")
    assert "-m '(integration or e2e) and not faults' tests/integration" in make("--dry-run", "integration")


def test_what_starts_servers_is_in_one_folder() -> None:
    """That task looks at no other: to collect all tests takes each of its workers 8 s of CPU, these alone 2."""
    marked = re.compile(r"pytest\.mark\.(integration|e2e)\b")
    found = {path for path in (PROJECT / "tests").rglob("*.py") if marked.search(path.read_text(encoding="utf-8"))}
    assert found
    assert {path.parent for path in found} == {PROJECT / "tests" / "integration"}


def test_what_comes_first_is_there() -> None:
    assert [name for name in LONGEST_FIRST if not (PROJECT / "tests" / name).exists()] == []
    assert "--no-loadscope-reorder" in make("--dry-run", "unit")
    assert "--no-loadscope-reorder" in make("--dry-run", "integration")


def test_bench_runs_every_benchmark() -> None:
    assert set(command_lines("bench")) <= {
        line.removeprefix(".venv/bin/") for line in make("--dry-run", "bench").splitlines()
    }


CLOSINGS = """\
============================= 41 passed in 3.20s ==============================
[INFO] Tests run: 7, Failures: 0, Errors: 0, Skipped: 0
=================== 1 failed, 11 passed in 421.09s (0:07:01) ===================
"""


@pytest.mark.parametrize("status", [0, 2])
def test_ci_repeats_the_closing_lines_and_the_status(status: int, tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(PROJECT / ".ci" / "run", tmp_path / ".ci")
    (tmp_path / "bin").mkdir()
    stand_in = tmp_path / "bin" / "make"
    # A process that outlives the run and holds its output open must not hold CI.
    stand_in.write_text(f"#!/bin/sh\nsleep 60 &\necho $! >child\necho Running\ncat <<'E'\n{CLOSINGS}E\nexit {status}\n")
    stand_in.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    try:
        done = subprocess.run(
            ["bash", ".ci/run"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=20
        )
    finally:
        subprocess.run(["/bin/kill", (tmp_path / "child").read_text().strip()], check=True)
    assert done.returncode == status
    assert "Running" in done.stdout
    assert done.stdout.endswith(CLOSINGS)
    assert done.stdout.count(CLOSINGS) == 2
