"""`python -m producers aviationstack` as a process, asking a real HTTP server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.producers.aviationstack_server import KEY, FlightsApi, flight, flights_api

pytestmark = pytest.mark.integration

PROJECT = Path(__file__).parent.parent.parent


@pytest.fixture
def api() -> Iterator[FlightsApi]:
    with flights_api() as server:
        server.flights = [flight()]
        yield server


def run(api: FlightsApi, tmp_path: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "producers", "aviationstack", "--check", "--base-url", api.url]
    command += ["--usage-file", str(tmp_path / "usage.json"), *words]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEMAFORO_", "AWS_"))}
    given = {"SEMAFORO_AVIATIONSTACK_KEY": KEY, **environment}
    return subprocess.run(
        command, cwd=PROJECT, env={**kept, **given}, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_command_tells_what_it_did_and_never_its_key(api: FlightsApi, tmp_path: Path) -> None:
    api.flights = [flight(), flight(flight_status="incident", number="430")]
    rejects = tmp_path / "rejects.jsonl"
    done = run(api, tmp_path, "--date", "2020-02-04", "--airports", "sin", "--rejects-file", str(rejects))
    assert done.returncode == 1
    assert "2 flights read, 0 of them codeshares, 2 events, 1 left out; 1 of 100 requests used" in done.stdout
    assert json.loads(rejects.read_text())["flight"] == "TR430 SIN-PEN 2020-02-04"
    files = "".join(path.read_text() for path in tmp_path.iterdir())
    assert KEY not in done.stdout + done.stderr + files + " ".join(done.args)
    assert [asked["dep_iata"] for asked in api.asked] == ["SIN"]


@pytest.mark.parametrize(
    ("words", "environment", "code", "reason"),
    [
        ((), {"SEMAFORO_AVIATIONSTACK_KEY": ""}, 2, "no key: set SEMAFORO_AVIATIONSTACK_KEY"),
        ((), {"SEMAFORO_AVIATIONSTACK_KEY": "wrong"}, 2, "the key is refused: invalid_access_key"),
        (("--airports", "QQQ"), {}, 2, "no airport has the IATA code 'QQQ'"),
        (("--airlines", "SCOOT"), {}, 2, "must be an IATA code of 2 characters"),
        (("--base-url", "http://api.aviationstack.com/v1"), {}, 2, "the key may only travel by https"),
        (("--quota", "0"), {}, 1, "not all was read: 0 of 0 requests"),
        (("--date", "04/02/2020"), {}, 2, "Invalid value for '--date'"),
    ],
)
def test_every_mistake_has_its_code_and_a_word(
    api: FlightsApi, tmp_path: Path, words: tuple[str, ...], environment: dict[str, str], code: int, reason: str
) -> None:
    done = run(api, tmp_path, *words, **environment)
    assert done.returncode == code, done.stderr
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
