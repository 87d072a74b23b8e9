"""`python -m bench kpi-job`: its options, its exit codes, which engine runs on which load."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.__main__ import app
from bench.kpi_job import command
from bench.kpi_job.compare import Finding
from bench.kpi_job.contestant import Cost
from bench.kpi_job.engines import Ground, Load, Run
from bench.kpi_job.expected import route_panes
from bench.kpi_job.report import Measured
from bench.kpi_job.shape import Shape, dense
from bench.kpi_job.templates import Encoding
from deploy.errors import PartError
from deploy.local.brokers import KafkaCluster
from deploy.local.cloud import LocalCloud

COST = Cost(1.0, 2.0, 0.5, 500)
RIGHT = Run(COST, Finding(compared=1))


class Contestant:
    """An engine that says what it is told to, or fails."""

    name = "contestant"
    encoding = Encoding.SINGLE_OBJECT
    does = "nothing"

    def __init__(self, run: Run | None) -> None:
        self._run = run

    def run(self, ground: Ground, load: Load) -> Run:
        if self._run is None:
            (ground.folder / "logs" / "contestant.log").write_text("out of memory")
            raise PartError(self.name, "died")
        return self._run


def run(contestant: Contestant, folder: Path) -> tuple[Run | None, list[str]]:
    ground = Ground(KafkaCluster(folder), LocalCloud(folder), folder / "run")
    shape = dense(1_000, 10)
    return command._run(contestant, ground, Load(shape, route_panes(shape), 500))


def test_a_run_leaves_nothing(tmp_path: Path) -> None:
    assert run(Contestant(RIGHT), tmp_path) == (RIGHT, [])
    assert list(tmp_path.iterdir()) == []


def test_a_run_with_another_output_is_wrong(tmp_path: Path) -> None:
    differs = Run(COST, Finding(compared=1, problems=["1 panes are missing"]))
    assert run(Contestant(differs), tmp_path) == (differs, ["1 panes are missing"])


def test_the_log_of_a_failed_run_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "KEPT_LOGS", tmp_path / "kept")
    failed, (problem,) = run(Contestant(None), tmp_path)
    assert failed is None
    assert problem == f"contestant: died\nkept in {tmp_path / 'kept' / 'run'}"
    assert (tmp_path / "kept" / "run" / "contestant.log").read_text() == "out of memory"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--only", "spark"], "no engine spark"),
        (["--warm-up", "6000", "--events", "6000"], "must be less than"),
        (["--routes", "4000"], "3540"),
        (["--events", "999999999999"], "GB free"),
    ],
)
def test_wrong_options_are_refused(options: list[str], says: str) -> None:
    done = CliRunner().invoke(app, ["kpi-job", *options], env={"COLUMNS": "300"})
    assert done.exit_code == 2
    assert says in done.output


@pytest.mark.parametrize(("problems", "code"), [([], 0), (["polars, 1,000 events: 1 panes are missing"], 1)])
def test_a_difference_fails_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, problems: list[str], code: int
) -> None:
    def measure(_folder: Path, _contests: object, _warm_up: int, _repeat: int, measured: list[Measured]) -> list[str]:
        measured.append(Measured("polars", dense(2_000, 1_000), RIGHT))
        return list(problems)

    monkeypatch.setattr(command, "_measure", measure)
    monkeypatch.setattr(command, "RESULT", tmp_path / "bench" / "kpi_job.json")
    done = CliRunner().invoke(app, ["kpi-job", "--warm-up", "1000", "--events", "2000", "--only", "polars"])
    assert done.exit_code == code
    assert json.loads((tmp_path / "bench" / "kpi_job.json").read_text())["problems"] == problems


def contests(chosen: list[str], routes: int, same: command.Same) -> list[tuple[str, Shape]]:
    return [(engine.name, shape) for engine, shape in command._contests(chosen, 6_000, routes, same)]


def test_all_engines_run_on_all_routes_and_the_job_on_fewer() -> None:
    """Reading alone once more beside each that is held against it."""
    beside = ["read-only", "read-only", "job-without-dedup", "read-only", "job"]
    others = [name for name in command.ENGINES if name not in beside]
    assert contests([*command.ENGINES, "flatness"], 1_000, command.Same.RATE) == [
        *((name, dense(6_000, 1_000)) for name in (*beside, *others)),
        ("job", Shape(6_000, 10, 30_000)),
        ("job", Shape(6_000, 100, 30_000)),
    ]


def test_whoever_is_not_held_against_reading_alone_runs_without_it() -> None:
    names = ["job", "polars"]
    assert [name for name, _ in contests(names, 1_000, command.Same.RATE)] == names


def test_flatness_alone_runs_the_job_on_all_counts_of_routes() -> None:
    assert contests(["flatness"], 100, command.Same.DENSITY) == [
        ("job", dense(6_000, 10)),
        ("job", dense(6_000, 100)),
    ]


def test_each_load_is_made_once_in_the_encodings_that_its_engines_read() -> None:
    chosen = command._contests(["read-only", "job", "flink-json", "flatness"], 6_000, 1_000, command.Same.RATE)
    single, both = {Encoding.SINGLE_OBJECT}, {Encoding.SINGLE_OBJECT, Encoding.JSON}
    assert command._loads(chosen) == {
        dense(6_000, 1_000): both,
        **{Shape(6_000, routes, 30_000): single for routes in (10, 100)},
    }
