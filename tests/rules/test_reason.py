import pytest
from msgspec.structs import replace

from rules.evaluate import evaluate
from rules.evidence import weigh
from rules.reason import evidence_words, pooled_words
from schemas.lights import Light, LightState, Part, Pooled
from schemas.rows import KpiRow
from tests.rules.making import DELAY, HOUR, MINUTE, PUNCTUALITY, START, delayed, late

AGES_AGO = START - 30 * 24 * HOUR


def words(light: Light, a_row: KpiRow) -> str:
    one = DELAY if a_row["arrivals"] else PUNCTUALITY
    state = LightState(light=light, since_at=AGES_AGO, at=START - HOUR, rule_version=one.version)
    return evaluate(one, a_row, {}, state, a_row.at)[0].reason


PENDING = "pending for 0s of 30m"


@pytest.mark.parametrize(
    ("light", "on_time", "reason"),
    [
        (Light.GREEN, 6, f"6 of 12 = 50.0 %, at most 67.3 % at 90 %: beyond red 70; RED {PENDING}"),
        (Light.GREEN, 7, f"7 of 12 = 58.3 %, at most 74.5 % at 90 %: beyond amber 80; AMBER {PENDING}"),
        (
            Light.GREEN,
            8,
            "8 of 12 = 66.7 %, at most 81.1 % at 90 %: worse than amber 80, but chance could explain it",
        ),
        (Light.GREEN, 11, "11 of 12 = 91.7 %, at most 97.5 % at 90 %: not beyond amber 80"),
        (Light.RED, 8, "8 of 12 = 66.7 %, at most 81.1 % at 90 %: not back past 73"),
        (Light.RED, 9, f"9 of 12 = 75.0 %, at most 87.3 % at 90 %: not back past 83; AMBER {PENDING}"),
        (Light.AMBER, 9, "9 of 12 = 75.0 %, at most 87.3 % at 90 %: not back past 83"),
        (Light.AMBER, 11, f"11 of 12 = 91.7 %, at most 97.5 % at 90 %: back past 83; GREEN {PENDING}"),
    ],
)
def test_of_a_proportion(light: Light, on_time: int, reason: str) -> None:
    assert words(light, late(on_time, 12)) == reason


def test_of_a_ratio() -> None:
    assert words(Light.GREEN, delayed(900, 40)) == f"22.5 min over 40 arrivals: beyond red 20; RED {PENDING}"


def test_of_pooled_evidence() -> None:
    parts = (Part("LGA-ATL", 12, 2, 9), Part("LGA", 3, 38, 92), Part("ATL", 3, 0, 0))
    pooled = Pooled(risk=71.6, risk_alone=60, ahead=8, miss=50, parts=parts)
    said = "2 of its own 9 flights of 12 h on time, LGA 38 of 92 in 3 h, ATL none closed in 3 h"
    assert pooled_words(pooled) == said
    evidence = weigh(PUNCTUALITY, late(2, 9), {}, START).evidence
    assert evidence_words(PUNCTUALITY, replace(evidence, pooled=pooled)) == f"{said}: risk 72 %"


def test_of_thin_evidence() -> None:
    reason = "too little evidence: 5 flights, the rule asks for 8; GREY pending for 0s of 30m"
    assert words(Light.RED, late(2, 5)) == reason


def test_the_wait_counts_on() -> None:
    state = LightState(light=Light.GREEN, since_at=AGES_AGO, rule_version=PUNCTUALITY.version)
    for minutes in (0, 12):
        a_row = late(6, 12, minutes * MINUTE)
        state, _ = evaluate(PUNCTUALITY, a_row, {}, state, a_row.at)
    assert state.reason.endswith("RED pending for 12m of 30m")
