"""The CDK's command line as it is called, and that nobody is paged while it runs."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner

from deploy.bundles.stand_in import MARK
from deploy.cli import cli
from deploy.cost.bill import read_prices
from deploy.errors import DeployError, NoAccountError
from deploy.operate import nobody_is_paged, run_cdk, standing
from deploy.topics import client_properties, compare


class CloudWatch:
    """Remembers what was put."""

    def __init__(self) -> None:
        self.put: list[Any] = []
        self.twice = threading.Event()

    def put_metric_data(self, **request: Any) -> None:
        self.put.append(request)
        if len(self.put) > 1:
            self.twice.set()


def test_it_is_said_before_and_while(tmp_path: Path) -> None:
    cloudwatch = CloudWatch()
    with nobody_is_paged(cloudwatch, "prod", every_seconds=0.01):
        (first, *_) = cloudwatch.put
        assert cloudwatch.twice.wait(10)
    count = len(cloudwatch.put)
    assert first["Namespace"] == "Semaforo"
    (metric,) = first["MetricData"]
    assert (metric["MetricName"], metric["Value"]) == ("deploying", 1.0)
    assert metric["Dimensions"] == [{"Name": "stage", "Value": "prod"}]
    assert not any(thread.name.endswith("(keep_saying)") for thread in threading.enumerate())
    assert len(cloudwatch.put) == count


def test_the_cdk_gets_what_was_synthesised_and_its_exit_code_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "cdk"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/called\nexit 3\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert run_cdk(["deploy", "--all"], Path("made")) == 3
    assert (tmp_path / "called").read_text() == "deploy --all --app made\n"
    (tmp_path / MARK).touch()
    with pytest.raises(DeployError, match="synth --bundles"):
        run_cdk(["deploy", "--all"], tmp_path)
    done = CliRunner().invoke(cli, ["diff", "--assembly", "made"])
    assert done.exit_code == 3
    assert (tmp_path / "called").read_text() == "diff --fail --app made\n"


def test_without_the_cdk_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoAccountError, match="npm install -g aws-cdk"):
        run_cdk(["diff"], tmp_path)


class CloudFormation:
    """Three stacks, one of another stage."""

    def get_paginator(self, _name: str) -> CloudFormation:
        return self

    def paginate(self) -> list[Any]:
        names = ("semaforo-prod-live-path", "semaforo-prod-app", "semaforo-dev-app")
        return [{"Stacks": [{"StackName": name, "StackStatus": "UPDATE_COMPLETE"}]} for name in names]


class Raised:
    """One alarm; or no answer."""

    def __init__(self, code: str = "") -> None:
        self._code = code

    def describe_alarms(self, **_request: Any) -> Any:
        if self._code:
            raise ClientError({"Error": {"Code": self._code, "Message": "no"}}, "DescribeAlarms")
        return {"MetricAlarms": [{"AlarmName": "semaforo-prod-job-down"}]}


def test_how_a_stage_stands() -> None:
    stacks, raised = standing(CloudFormation(), Raised(), "prod")
    assert list(stacks) == ["semaforo-prod-app", "semaforo-prod-live-path"]
    assert raised == ["semaforo-prod-job-down"]
    with pytest.raises(NoAccountError, match="AWS does not answer"):
        standing(CloudFormation(), Raised("ExpiredToken"), "prod")


def test_properties_of_a_kafka_client(tmp_path: Path) -> None:
    path = tmp_path / "client.properties"
    path.write_text("# how to log in\nsecurity.protocol = SASL_SSL\n\nsasl.mechanism=OAUTHBEARER\n")
    assert client_properties(path) == {"security.protocol": "SASL_SSL", "sasl.mechanism": "OAUTHBEARER"}
    assert client_properties(None) == {}


def test_brokers_that_do_not_answer_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.topics.ANSWER_SECONDS", 0.2)
    with pytest.raises(DeployError, match=r"127\.0\.0\.1:1 do not answer"):
        compare("127.0.0.1:1", "prod", {"log_level": "0"})


def test_cost_says_what_it_goes_by() -> None:
    done = CliRunner().invoke(cli, ["cost", "--events-per-day", "1000000", "--routes", "900"])
    assert done.exit_code == 0
    assert read_prices()["as_of"] in done.output
    assert "dearest: " in done.output
    as_json = CliRunner().invoke(cli, ["cost", "--json"])
    assert '"per_million_events_usd"' in as_json.output


def test_a_zip_that_must_not_be_shipped_is_refused_before_it_is_started(tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_text("no zip")
    done = CliRunner().invoke(cli, ["preflight", str(tmp_path / "no.zip")])
    assert isinstance(done.exception, DeployError)
    assert "is not a zip file" in str(done.exception)
