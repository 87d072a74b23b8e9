"""The demo's two languages: which one is meant, that both say everything, and that nothing English is left."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli import cli
from deploy.demo.books import Summary, broken_promises
from deploy.demo.plan import DemoPlan
from deploy.demo.words import ENGLISH, SPANISH, WORDS, language_of
from deploy.local import stack
from schemas.lights import Light

FEBRUARY = datetime(2013, 2, 8, 20, 30, tzinfo=UTC)
GOOD = Summary(
    source="replay",
    from_date="2013-02-07",
    to_date="2013-02-10",
    speed=3600,
    flights_replayed=7,
    flights_in_data_set=7,
    events_published=30,
    events_consumed=30,
    dead_letters=0,
    late_events=0,
    duplicates=0,
    events_lost=0,
    kpi_rows=100,
    kpi_mismatches=0,
    alerts_logged=5,
    alerts_received=5,
    latency_ms_p50=1.0,
    latency_ms_p99=2.0,
    seconds_to_first_alert=3.0,
    seconds_total=4.0,
)


@pytest.mark.parametrize("said", ["es", "es_MX:es", "es_MX.UTF-8", "ES", "es:en"])
def test_spanish_is_meant(said: str) -> None:
    assert language_of(said) == "es"


@pytest.mark.parametrize("said", ["en", "en_US:en", "de_DE:de:es", "C", ""])
def test_all_else_is_english(said: str) -> None:
    assert language_of(said) == "en"


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)", text))


def test_both_say_the_same_things() -> None:
    for field in ENGLISH._fields:
        ours, theirs = getattr(SPANISH, field), getattr(ENGLISH, field)
        if isinstance(theirs, str):
            assert placeholders(ours) == placeholders(theirs), field
    assert SPANISH.promises.keys() == ENGLISH.promises.keys()
    for name, text in ENGLISH.promises.items():
        assert placeholders(SPANISH.promises[name]) == placeholders(text)
    assert SPANISH.lights.keys() == ENGLISH.lights.keys() == set(Light)


def test_every_figure_has_a_spanish_name() -> None:
    assert SPANISH.figures.keys() == GOOD.figures().keys()


def test_every_step_of_the_stack_is_told_in_spanish() -> None:
    """What the stack says stands in its source: of each line no English word is left."""
    said = re.findall(r'self\._say\(f?"(.+?)"\)', Path(stack.__file__).read_text(encoding="utf-8"))
    assert len(said) >= 7
    english = {"brokers", "KPI"}  # what people call them in Spanish too
    for line in said:
        told = re.sub(r"\{.+?\}", "", SPANISH.progress(line))
        left = set(re.findall(r"[^\W\d]+", told)) & set(re.findall(r"[^\W\d]+", line)) - english
        assert not left, told


def test_times_are_read_as_people_write_them() -> None:
    assert ENGLISH.day_and_time(FEBRUARY) == "08 Feb 20:30Z"
    assert SPANISH.date_and_time(FEBRUARY) == "08 feb 2013 20:30Z"
    assert SPANISH.date_and_time(None) == "arrancando"


BROKEN: dict[str, Any] = {
    "flights_replayed": 6, "events_published": 31, "events_lost": 1, "dead_letters": 2, "late_events": 3,
    "kpi_mismatches": 4,
}  # fmt: skip


def test_what_is_broken_is_said_with_its_numbers() -> None:
    summary = GOOD.model_copy(update=BROKEN)
    assert broken_promises(summary, ENGLISH, missing_alerts=1, repeated_alerts=2) == [
        "6 flights replayed, the data set has 7",
        "31 events published, 35 accounted for",
        "1 events lost",
        "2 dead letters of a source that sends only good events",
        "3 late events of a source that is in order",
        "4 KPI rows differ from the batch computation",
        "1 alerts in the log were not received",
        "2 alerts were received twice",
    ]
    assert len(broken_promises(summary, SPANISH, missing_alerts=1, repeated_alerts=2)) == 8
    for words in WORDS.values():
        assert broken_promises(GOOD, words, missing_alerts=0, repeated_alerts=0) == []


def test_nothing_at_all_is_broken_too() -> None:
    nothing = {"flights_replayed": 0, "flights_in_data_set": None, "kpi_rows": 0, "alerts_logged": 0}
    said = broken_promises(GOOD.model_copy(update=nothing), SPANISH, missing_alerts=0, repeated_alerts=0)
    assert said == [
        "no se reprodujo ningún vuelo",
        "no salió ninguna fila de KPI",
        "no se envió ninguna alerta",
    ]


@pytest.mark.parametrize(
    ("given", "begins", "ends"),
    [
        ([], "replay: 2013-02-07 to 2013-02-10 at 3600 x", "all promises kept"),
        (["--language", "en_US:en"], "replay: 2013-02-07 to 2013-02-10 at 3600 x", "all promises kept"),
        (["--language", "es_MX:es"], "vuelos reales: del 2013-02-07 al 2013-02-10 a 3600 x", "se cumplieron todas"),
    ],
)
def test_the_command_speaks_the_language_it_is_given(
    given: list[str], begins: str, ends: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """All but the run itself, which takes minutes."""
    plans: list[DemoPlan] = []

    def run(plan: DemoPlan, *_: Any, **__: Any) -> Summary:
        plans.append(plan)
        return GOOD

    monkeypatch.setattr("deploy.demo.command.run", run)
    done = CliRunner().invoke(cli, ["demo", "--state-dir", str(tmp_path), *given])
    assert done.exit_code == 0, done.output
    assert done.output.startswith(begins)
    assert ends in done.output
    assert [plan.language for plan in plans] == [language_of(given[1] if given else "en")]
