"""`python -m schemas check` finds each kind of disagreement (and finds none in the contracts as they are)."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from schemas import codec
from schemas.__main__ import app
from schemas.check import EXAMPLES_FOLDER, kpi_problems, problems
from schemas.kpis import KPIS, Kpi


def test_the_contracts_agree() -> None:
    assert problems() == []


@pytest.fixture
def copies(tmp_path: Path) -> tuple[Path, Path]:
    return (
        shutil.copytree(codec.AVRO_FOLDER, tmp_path / "avro"),
        shutil.copytree(EXAMPLES_FOLDER, tmp_path / "examples"),
    )


def edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def test_an_example_that_does_not_decode(copies: tuple[Path, Path]) -> None:
    edit(copies[1] / "PassengerFeedback.v2" / "promoter.json", lambda e: e.update(satisfaction=7))
    assert any("PassengerFeedback.v2/promoter.json: does not decode" in p for p in problems(*copies))


def test_an_example_of_a_field_the_record_does_not_have_is_still_read(copies: tuple[Path, Path]) -> None:
    edit(copies[1] / "PassengerFeedback.v2" / "promoter.json", lambda e: e.update(seat="12A"))
    assert problems(*copies) == []


def test_a_bad_example_that_is_accepted(copies: tuple[Path, Path]) -> None:
    edit(copies[1] / "PassengerFeedback.v2" / "bad-satisfaction.json", lambda e: e.update(satisfaction=4))
    assert problems(*copies) == ["PassengerFeedback.v2/bad-satisfaction.json: a bad example that is accepted"]


def test_a_version_without_a_good_example(copies: tuple[Path, Path]) -> None:
    shutil.rmtree(copies[1] / "RouteHeartbeat.v1")
    assert "RouteHeartbeat v1: no good example" in problems(*copies)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda s: s["fields"].pop(), "AirportWeather.pressure_hpa: only in the record"),
        (
            lambda s: s["fields"].append({"name": "snow_cm", "type": "int", "default": 0}),
            "AirportWeather.snow_cm: only in the schema",
        ),
        (
            lambda s: s["fields"][5].update(type=["null", "string"]),
            "AirportWeather.temperature_c: the record says number or null, the schema string or null",
        ),
        (
            lambda s: s["fields"][5].update(type="double", default=0.0),
            "AirportWeather.temperature_c: the record says number or null, the schema number",
        ),
        (lambda s: s["fields"][5].pop("default"), "AirportWeather.temperature_c: a default in the record only"),
        (lambda s: s.update(name="Weather"), "AirportWeather.v1.avsc: the schema is named 'Weather'"),
        (lambda s: s["fields"][3].update(type="strin"), "AirportWeather.v1.avsc: UnknownType"),
    ],
)
def test_a_record_and_its_schema_that_disagree(
    copies: tuple[Path, Path], change: Callable[[dict[str, Any]], None], expected: str
) -> None:
    edit(copies[0] / "AirportWeather.v1.avsc", change)
    assert any(p.startswith(expected) for p in problems(*copies)), problems(*copies)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        # v1 without a default: the newer reader cannot read what has no such field
        (lambda s: s["fields"][-1].pop("default"), "v2 cannot read what v1 writes: recommend: not written"),
        # dropped in v2 and no default in v1: the older reader is lost
        (lambda s: s["fields"].pop(0), "v1 cannot read what v2 writes: event_id: not written"),
        (
            lambda s: s["fields"][10].update(type=["null", "string"]),
            "v2 cannot read what v1 writes: satisfaction: no branch of the union takes int",
        ),
        (
            lambda s: s["fields"][1].update(type="long"),
            "v2 cannot read what v1 writes: event_at: logical type timestamp-millis against None",
        ),
    ],
)
def test_an_incompatible_version_pair(
    copies: tuple[Path, Path], change: Callable[[dict[str, Any]], None], expected: str
) -> None:
    edit(copies[0] / "PassengerFeedback.v2.avsc", change)
    assert any(expected in p for p in problems(*copies)), problems(*copies)


def test_a_kpi_that_names_an_unknown_measure() -> None:
    wrong = Kpi("w", "w", "w", {"arrivals_on_tim": 1}, {"flights": 1}, "%", "neither", ("24h",), "none", times="x")
    assert list(kpi_problems({**KPIS, "w": wrong})) == [
        "KPI w: unknown measure arrivals_on_tim",
        "KPI w: unknown KPI x",
    ]


def test_the_command_exits_1_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    assert CliRunner().invoke(app, ["check"]).exit_code == 0
    monkeypatch.setattr("schemas.__main__.problems", lambda: ["a: b"])
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 1
    assert "schemas: a: b" in result.output
