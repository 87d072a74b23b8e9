"""The commands that need no server: messages and exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import cli
from deploy.errors import NotUpError, PartError
from deploy.local.processes import PidFiles
from deploy.local.stack import Stack

run = CliRunner().invoke


def test_status_of_nothing_is_1(tmp_path: Path) -> None:
    done = run(cli, ["local", "status", "--state-dir", str(tmp_path)])
    assert done.exit_code == 1
    assert "nothing runs" in done.output


def test_down_of_nothing_is_harmless(tmp_path: Path) -> None:
    done = run(cli, ["local", "down", "--state-dir", str(tmp_path)])
    assert done.exit_code == 0
    assert "nothing was running" in done.output


def test_a_stage_that_cannot_be_part_of_a_name_is_bad_usage(tmp_path: Path) -> None:
    done = run(cli, ["local", "up", "--stage", "My Stage", "--state-dir", str(tmp_path)])
    assert done.exit_code == 2
    assert not (tmp_path / "pids").exists()


def test_an_unknown_part_is_bad_usage_and_the_known_ones_are_named(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "cloud.log").write_text("one\ntwo\n")
    done = run(cli, ["local", "logs", "broker-9", "--state-dir", str(tmp_path)])
    assert done.exit_code == 2
    assert "there are: cloud" in done.output
    assert "two" in run(cli, ["local", "logs", "cloud", "-n", "1", "--state-dir", str(tmp_path)]).output


def test_tail_and_env_need_a_running_stack(tmp_path: Path) -> None:
    for command in (["env"], ["tail", "kpis"], ["tail", "alerts"], ["tail", "dead-letters"]):
        done = run(cli, ["local", *command, "--state-dir", str(tmp_path)])
        assert isinstance(done.exception, NotUpError), command


def test_a_part_whose_program_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(PartError, match="broker-1: no-such-java is not installed"):
        PidFiles(tmp_path).launch("broker-1", ["no-such-java"])


def test_a_stale_pid_file_is_a_crash_in_status_and_nothing_to_down(tmp_path: Path) -> None:
    process = PidFiles(tmp_path).launch("cloud", ["sh", "-c", "echo its last words"])
    while process.is_running():
        pass
    done = run(cli, ["local", "status", "--state-dir", str(tmp_path)])
    assert done.exit_code == 1
    assert "CRASHED" in done.output
    assert "its last words" in done.output
    with pytest.raises(PartError, match="its last words"):
        Stack(state_dir=tmp_path).check()
    assert run(cli, ["local", "down", "--state-dir", str(tmp_path)]).exit_code == 0
    assert Stack(state_dir=tmp_path).parts() == []
