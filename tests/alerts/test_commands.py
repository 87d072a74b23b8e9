"""The operator's commands where nothing answers: a message and an exit code, no traceback."""

import os
import sys

import pytest

from alerts.__main__ import main
from deploy.local.ports import free_ports


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> str:
    """An environment that knows of no AWS but a port nobody listens on."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "SEMAFORO_"))]:
        monkeypatch.delenv(name)
    url = f"http://127.0.0.1:{free_ports(1)[0]}"
    known = {"AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    known |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    for name, value in (known | dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)).items():
        monkeypatch.setenv(name, value)
    return url


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    """The exit code of a command."""
    monkeypatch.setattr(sys, "argv", ["alerts", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    return stopped.value.code


@pytest.mark.parametrize("command", [["lights"], ["list"], ["explain", "0" * 24]])
def test_a_cloud_that_is_down_is_named_with_the_way_to_start_it(
    command: list[str], nowhere: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, *command) == 2
    said = capsys.readouterr().err
    assert nowhere in said
    assert "python -m deploy local up" in said


def test_an_environment_without_aws_is_named(
    nowhere: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert run(monkeypatch, "lights") == 2
    assert "region" in capsys.readouterr().err


def test_a_wrong_stage_is_named(
    nowhere: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SEMAFORO_STAGE", "no stage")
    assert run(monkeypatch, "lights") == 2
    assert "stage" in capsys.readouterr().err


def test_help_lists_the_commands(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "--help") == 0
    said = capsys.readouterr().out
    assert all(word in said for word in ("lights", "list", "explain"))
