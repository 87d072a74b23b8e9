"""Reasons in Spanish: all that the rules' own tests make lights say, none of it left in English."""

import re

import pytest

from rules.choose import rule_for
from rules.evaluate import evaluate
from rules.load import load_files
from rules.testing import _context, _row
from schemas.lights import LightState
from streamlit_app.reason_es import reason_es

ENGLISH = re.compile(
    r"\b(?:of|the|most|least|beyond|not|back|past|evidence|asks|for|pending|waits|chance|over|its|own|on|closed|risk|"
    r"flights|departures|arrivals|value|window|RED|AMBER|GREEN|GREY|old)\b"
)


def said() -> set[str]:
    """Every reason that the tests inside the rule files come to."""
    found = set()
    for file in load_files():
        for test in file.tests:
            state = LightState()
            for written in test.rows:
                row, age = _row(file.rule, test, written)
                here = rule_for(file.rule, row)
                state, _ = evaluate(here, row, _context(test, written, row), state, row.ingested_at + age)
                found.add(state.reason)
    return found


def test_nothing_that_lights_say_is_left_in_english() -> None:
    reasons = said()
    assert len(reasons) > 100
    left = {reason_es(one) for one in reasons if ENGLISH.search(reason_es(one))}
    # A KPI's own name, where one is compared with another, and the formula stay what the catalogue calls them.
    assert {re.sub(r"\(.*?\)", "", one) for one in left if ENGLISH.search(re.sub(r"\(.*?\)", "", one))} == set()


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        (
            "4 of 11 = 36.4 %, at most 56.2 % at 90 %: beyond red 70; RED pending for 10m of 45m",
            "4 de 11 = 36.4 %, a lo más 56.2 % al 90 %: rebasa el rojo 70; ROJO pendiente desde hace 10m de 45m",
        ),
        (
            "too little evidence: 4 departures, the rule asks for 5",
            "muy poca evidencia: 4 salidas, la regla pide 5",
        ),
        (
            "2 of its own 9 flights of 12 h on time, LGA 38 of 92 in 3 h, ATL none closed in 3 h: risk 81 %: not back "
            "past 60 (thresholds for airport MEX, summer)",
            "2 de sus 9 vuelos de 12 h a tiempo, LGA 38 de 92 en 3 h, ATL ninguno cerrado en 3 h: riesgo 81 %: aún no "
            "vuelve de 60 (umbrales para aeropuerto MEX, verano)",
        ),
        ("something nobody foresaw", "something nobody foresaw"),
    ],
)
def test_sentence_by_sentence(english: str, spanish: str) -> None:
    assert reason_es(english) == spanish
