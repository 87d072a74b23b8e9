"""The preflight names everything a machine lacks, at once, on machines made of a folder of pretended tools."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

PREFLIGHT = Path(__file__).parent.parent / "requirements" / "preflight.sh"
JAVA_17 = "echo 'openjdk version \"17.0.15\" 2025-04-15' >&2"
WORKS = "exit 0"


def python(*, is_311: bool = True, has_venv: bool = True) -> str:
    """A pretended interpreter: answers the three questions that the preflight asks."""
    return f"""case "$2" in
*version_info*) exit {0 if is_311 else 1} ;;
*venv*) exit {0 if has_venv else 1} ;;
*executable*) echo "real:$0" ;;
esac"""


COMPLETE = {"python3.11": python(), "java": JAVA_17, "javac": WORKS, "mvn": WORKS, "make": WORKS}


def machine(folder: Path, tools: dict[str, str]) -> Path:
    folder.mkdir(parents=True)
    for name, script in tools.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder


def preflight(*folders: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    path = ":".join(str(folder) for folder in folders)
    command = ["/bin/sh", str(PREFLIGHT)]
    return subprocess.run(command, env={"PATH": path, **environment}, capture_output=True, text=True, check=False)


def test_a_complete_machine_passes_and_its_python_is_named(tmp_path: Path) -> None:
    bin_ = machine(tmp_path / "bin", COMPLETE)
    done = preflight(bin_)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"real:{bin_}/python3.11\n", "")


def test_an_empty_machine_is_told_everything_at_once(tmp_path: Path) -> None:
    done = preflight(machine(tmp_path / "bin", {}))
    assert done.returncode == 2
    assert done.stdout == ""
    for lacking, way in [
        ("Python 3.11", "apt-get install python3.11"),
        ("JDK 17", "apt-get install openjdk-17-jdk"),
        ("Maven", "apt-get install maven"),
        ("make", "apt-get install make"),
    ]:
        assert f"- {lacking}\n" in done.stderr
        assert way in done.stderr


@pytest.mark.parametrize(
    ("absent", "named"),
    [("python3.11", "Python 3.11"), ("java", "JDK 17"), ("javac", "the compiler of JDK 17"), ("mvn", "Maven")],
)
def test_only_what_is_absent_is_named(absent: str, named: str, tmp_path: Path) -> None:
    tools = {name: script for name, script in COMPLETE.items() if name != absent}
    done = preflight(machine(tmp_path / "bin", tools))
    assert done.returncode == 2
    assert done.stderr.count("\n  - ") == 1
    assert f"- {named}" in done.stderr


def test_a_stand_in_that_does_not_run_3_11_is_passed_over(tmp_path: Path) -> None:
    first = machine(tmp_path / "shims", {**COMPLETE, "python3.11": python(is_311=False)})
    second = machine(tmp_path / "bin", {"python3": python()})
    assert preflight(first, second).stdout == f"real:{second}/python3\n"
    assert preflight(first).returncode == 2


def test_python_without_venv_gets_its_own_advice(tmp_path: Path) -> None:
    done = preflight(machine(tmp_path / "bin", {**COMPLETE, "python3.11": python(has_venv=False)}))
    assert done.returncode == 2
    assert "apt-get install python3.11-venv" in done.stderr
    assert "pyenv" not in done.stderr


def test_a_chosen_python_is_the_only_one_considered(tmp_path: Path) -> None:
    bin_ = machine(tmp_path / "bin", COMPLETE)
    chosen = machine(tmp_path / "other", {"python": python(), "python3.12": python(is_311=False)})
    assert preflight(bin_, PYTHON=f"{chosen}/python").stdout == f"real:{chosen}/python\n"
    refused = preflight(bin_, PYTHON=f"{chosen}/python3.12")
    assert refused.returncode == 2
    assert f"PYTHON={chosen}/python3.12 is not one" in refused.stderr


@pytest.mark.parametrize(
    ("says", "passes"),
    [
        ('openjdk version "17" 2021-09-14', True),
        ('java version "17.0.1" 2021-10-19 LTS', True),
        ('openjdk version "17-ea" 2021-09-14', True),
        ('Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "17.0.15" 2025-04-15', True),
        ('openjdk version "11.0.2" 2019-01-15', False),
        ('java version "1.8.0_17"', False),
        ('openjdk version "21.0.4" 2024-07-16', False),
        ('openjdk version "170.1" 2099-07-16', False),
    ],
)
def test_jdk_versions(says: str, passes: bool, tmp_path: Path) -> None:
    done = preflight(machine(tmp_path / "bin", {**COMPLETE, "java": f"echo '{says}' >&2"}))
    assert done.returncode == (0 if passes else 2)
    if not passes:
        assert f"is {says.split(chr(34))[1]})" in done.stderr


def test_java_home_wins_over_the_path(tmp_path: Path) -> None:
    bin_ = machine(tmp_path / "bin", {**COMPLETE, "java": "echo 'openjdk version \"11.0.2\"' >&2"})
    machine(tmp_path / "jdk" / "bin", {"java": JAVA_17, "javac": WORKS})
    assert preflight(bin_).returncode == 2
    assert preflight(bin_, JAVA_HOME=str(tmp_path / "jdk")).returncode == 0
    nothing = preflight(machine(tmp_path / "complete", COMPLETE), JAVA_HOME=str(tmp_path / "gone"))
    assert nothing.returncode == 2
    assert f"JAVA_HOME={tmp_path / 'gone'} holds no java" in nothing.stderr
