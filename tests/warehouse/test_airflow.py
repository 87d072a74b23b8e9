"""The DAG for Airflow: its structure as Python reads it, and, where one is installed, as a real Airflow parses it."""

import ast
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from warehouse.__main__ import app
from warehouse.daily_steps import STEPS

PROJECT = Path(__file__).parent.parent.parent
FOLDER = PROJECT / "warehouse" / "airflow"
AIRFLOW_PYTHON = PROJECT / "build" / "venv-airflow" / "bin" / "python"
ORDER = [step.name for step in STEPS]


def test_its_steps_are_the_chains_in_order() -> None:
    tree = ast.parse((FOLDER / "semaforo_daily.py").read_text())
    (steps,) = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "STEPS"
    ]
    assert list(steps) == ORDER


def test_its_command_is_one_that_we_have() -> None:
    offered = CliRunner().invoke(app, ["daily", "--help"], env={"COLUMNS": "200", "TERM": "dumb"}).output
    used = re.findall(r"--[a-z]+", (FOLDER / "semaforo_daily.py").read_text())
    assert set(used) == {"--step", "--date"}
    assert all(option in offered for option in used)


@pytest.mark.faults
def test_a_real_airflow_parses_it(tmp_path: Path) -> None:
    """`make airflow-test` installs one, in an environment of its own."""
    assert AIRFLOW_PYTHON.exists(), "make airflow-test installs it"
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/airflow.db",
    }
    script = PROJECT / "tests" / "warehouse" / "airflow_parse.py"
    done = subprocess.run(
        [str(AIRFLOW_PYTHON), str(script), str(FOLDER)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["errors"] == {}
    dag = found["dags"]["semaforo_daily"]
    assert dag["tasks"] == dict(zip(ORDER, [[name] for name in ORDER[1:]] + [[]], strict=True))
    assert dag["retries"] == [2]
    for name, command in dag["commands"].items():
        assert command.startswith(f".venv/bin/python -m warehouse daily --step {name} --date ")
