"""What the commands say and with which code they leave. Real brokers: tests/integration/test_publish.py."""

import base64
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner, Result

from producers import command
from producers.__main__ import app
from producers.command import _client, _stop_signals
from producers.delivery import Deliveries
from producers.errors import BrokersAway
from producers.settings import Settings
from tests.producers.memory import MemoryChannel
from tests.public_commands import command_of

DAY = ("replay", "--from", "2013-02-08", "--to", "2013-02-09")


class Acknowledging(MemoryChannel):
    """A channel in memory that counts everything as acknowledged."""

    deliveries = Deliveries()

    def close(self) -> None:
        self.deliveries = Deliveries(acked=len(self.sent))
        super().close()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    for name in ("SEMAFORO_STAGE", "SEMAFORO_KAFKA_BOOTSTRAP", "SEMAFORO_KAFKA_PROPERTIES"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*arguments: str, channel: Callable[..., Any] | None = None) -> Result:
        if channel is not None:
            monkeypatch.setattr(command, "KafkaChannel", channel)
        return CliRunner().invoke(app, [*arguments])

    return invoke


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "2012-12-31", "--to", "2013-01-02"), "the data set has 2013-01-01 to 2013-12-31"),
        (("--from", "2013-02-08", "--to", "2013-02-08"), "the end must come after the start"),
        (("--from", "2013-02-08", "--to", "2013-02-30"), "a date like 2013-02-07"),
        ((*DAY[1:], "--speed", "fast"), "or max"),
        ((*DAY[1:], "--speed", "0"), "or max"),
        ((*DAY[1:], "--speed", "nan"), "or max"),
        (DAY[1:], "no brokers: give --bootstrap or SEMAFORO_KAFKA_BOOTSTRAP"),
        ((*DAY[1:], "--bootstrap", "b:1", "--stage", "no!"), "stage: String should match pattern"),
    ],
)
def test_bad_usage_is_explained_with_code_2(
    run: Callable[..., Result], arguments: tuple[str, ...], message: str
) -> None:
    said = run("replay", *arguments)
    assert said.exit_code == 2
    assert message in " ".join(said.output.split())


def test_brokers_away_is_code_1_and_the_summary_says_why(run: Callable[..., Result], tmp_path: Path) -> None:
    def away(*_: object) -> None:
        raise BrokersAway("no broker at b:1 answered within 15 s")

    summary = tmp_path / "new" / "summary.json"
    said = run(*DAY, "--bootstrap", "b:1", "--summary-file", str(summary), channel=away)
    assert said.exit_code == 1
    assert "replay: BrokersAway: no broker at b:1 answered within 15 s" in said.output
    written = json.loads(summary.read_text())
    assert (written["error"], written["events_total"], written["acked"]) == (
        "BrokersAway: no broker at b:1 answered within 15 s", 0, 0,
    )  # fmt: skip


def test_a_run_is_summed_up(run: Callable[..., Result], tmp_path: Path) -> None:
    channel = Acknowledging()
    summary = tmp_path / "summary.json"
    said = run(*DAY, "--bootstrap", "b:1", "--summary-file", str(summary), channel=lambda *_: channel)
    assert said.exit_code == 0, said.output
    written = json.loads(summary.read_text())
    assert written["flights_closed"] == 930
    assert written["events_total"] + written["route_heartbeats"] + written["clock_beats"] == len(channel.sent)
    assert written["first_event_at"] == "2013-02-08T05:00:00Z"
    assert written["clock_at"] > written["last_event_at"]
    assert sum(n for records in written["events"].values() for n in records.values()) == written["events_total"]


def test_heartbeats_need_routes_from_one_place(run: Callable[..., Result], tmp_path: Path) -> None:
    assert "either --routes FILE, or --from DATE and --to DATE" in run("heartbeat", "--bootstrap", "b:1").output
    wrong = tmp_path / "routes.json"
    wrong.write_text('[{"origin": "JFK"}]')
    said = run("heartbeat", "--routes", str(wrong), "--bootstrap", "b:1")
    assert (said.exit_code, "destination" in said.output) == (2, True)


@pytest.mark.parametrize("name", ["replay", "simulate", "files"])
def test_every_publishing_command_offers_the_shared_options(name: str) -> None:
    offered = {option for param in command_of("producers").commands[name].params for option in param.opts}
    assert {"--speed", "--bootstrap", "--stage", "--heartbeat-minutes", "--summary-file"} <= offered
    assert "--options" not in offered


def test_settings_come_from_the_environment() -> None:
    found = Settings.read(
        {
            "SEMAFORO_STAGE": "dev",
            "SEMAFORO_KAFKA_BOOTSTRAP": "b:9094",
            "SEMAFORO_KAFKA_PROPERTIES": '{"security.protocol": "SSL"}',
            "PATH": "ignored",
        }
    )
    assert (found.stage, found.kafka_bootstrap, found.kafka_properties) == (
        "dev", "b:9094", {"security.protocol": "SSL"},
    )  # fmt: skip
    assert Settings.read({"SEMAFORO_STAGE": ""}).stage == "demo"
    with pytest.raises(ValidationError, match="kafka_properties"):
        Settings.read({"SEMAFORO_KAFKA_PROPERTIES": "security.protocol=SSL"})


def test_a_publisher_logs_in_to_msk_by_its_role_if_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    known = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "eu-west-1"}
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    told = Settings.read({"SEMAFORO_KAFKA_LOGIN": "iam", "SEMAFORO_KAFKA_PROPERTIES": '{"linger.ms": "50"}'})
    client = _client(told)
    assert (client["security.protocol"], client["sasl.mechanisms"]) == ("SASL_SSL", "OAUTHBEARER")
    assert client["linger.ms"] == "50"
    text, ends = client["oauth_cb"]("")
    asked = parse_qs(urlsplit(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()).query)
    assert asked["Action"] == ["kafka-cluster:Connect"]
    assert asked["X-Amz-Credential"][0].split("/")[2:4] == ["eu-west-1", "kafka-cluster"]
    assert 890 < ends - time.time() <= 900, "MSK takes a quarter of an hour at most"
    assert _client(Settings.read({"SEMAFORO_KAFKA_PROPERTIES": '{"linger.ms": "50"}'})) == {"linger.ms": "50"}
    with pytest.raises(ValidationError, match="kafka_login"):
        Settings.read({"SEMAFORO_KAFKA_LOGIN": "password"})


def test_the_first_signal_asks_and_the_second_ends() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with _stop_signals() as received:
        os.kill(os.getpid(), signal.SIGTERM)
        assert received == ["SIGTERM"]
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) is before
