"""The simulator's and the files' commands against real brokers: what was simulated or read is what the topics hold."""

import json
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from deploy.local.brokers import KafkaCluster
from producers.sources import Source
from producers.sources.files.source import FilesSource
from producers.sources.simulator.incidents import parse_incident
from producers.sources.simulator.source import Simulator, first_midnight
from schemas.codec import by_header, decode
from schemas.events import Event, RouteHeartbeat
from schemas.topics import TOPICS, topic_name
from warehouse.topic_log import read

pytestmark = pytest.mark.integration

DAY = date(2026, 5, 5)
STORM = "storm:MEX:2026-05-05T14:00:4h"


def run(broker: KafkaCluster, stage: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    broker.create_topics(stage)
    command = [sys.executable, "-m", "producers", *arguments, "--bootstrap", broker.bootstrap, "--stage", stage]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def messages(broker: KafkaCluster, stage: str) -> list[bytes]:
    written = [topic.name for topic in TOPICS.values() if "producers" in topic.written_by]
    return [m.value for topic in written for m in read(broker.bootstrap, topic_name(stage, topic)) if m.value]


def facts(held: list[bytes]) -> list[Event]:
    events = (decode(message) for message in held)
    return sorted(
        (event for event in events if not isinstance(event, RouteHeartbeat)), key=lambda e: (e.event_at, e.event_id)
    )


def expected(source: Source) -> list[Event]:
    return list(source.events())


def test_a_simulated_day_with_a_storm_and_both_versions_of_feedback(broker: KafkaCluster, tmp_path: Path) -> None:
    injected, summary = tmp_path / "injected.jsonl", tmp_path / "summary.json"
    days = ["--from", "2026-05-05", "--to", "2026-05-06", "--summary-file", str(summary)]
    done = run(broker, "simulated", "simulate", *days, "--incident", STORM, "--injected-file", str(injected))
    assert (done.returncode, done.stderr) == (0, "")
    held = messages(broker, "simulated")
    simulator = Simulator(DAY, 1, incidents=[parse_incident(STORM, first_midnight(DAY))])
    assert facts(held) == expected(simulator)
    versions = Counter((by_header()[each[:10]].record, by_header()[each[:10]].version) for each in held)
    assert versions["PassengerFeedback", 1] > 50
    assert versions["PassengerFeedback", 2] > 200
    assert json.loads(summary.read_text())["flights_closed"] == len(simulator.outcomes) == 252
    assert [json.loads(line)["target"] for line in injected.read_text().splitlines()] == ["MEX"]


def test_a_file_with_a_bad_line(broker: KafkaCluster, tmp_path: Path) -> None:
    path = tmp_path / "vuelos.csv"
    path.write_text(
        "origen,destino,numero_vuelo,fecha,estado,hora_salida_programada,hora_llegada_programada,retraso,satisfaccion\n"
        "MEX,CUN,AM501,2026-03-02,llegó,06:30,09:45,35,4\n"
        "MEX,CUN,AM503,2026-03-02,llegó,07:30,10:45,tarde,4\n"
        "TIJ,MEX,AM177,2026-03-02,cancelado,23:30,05:00,,\n"
    )
    done = run(broker, "files", "files", str(path))
    assert done.returncode == 1
    assert done.stderr == f"{path}:3: retraso 'tarde' is not a number\n"
    assert facts(messages(broker, "files")) == expected(FilesSource([path]))
    assert "3 lines, 4 events, 1 lines left out" in done.stdout
