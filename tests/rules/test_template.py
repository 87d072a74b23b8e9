import tomllib

import pytest

from rules.template import measures_for, rule_text
from schemas.kpis import KPIS, Kpi
from tests.rules.making import filled

JUDGED = [kpi for kpi in KPIS.values() if kpi.direction != "neither"]


@pytest.mark.parametrize("kpi", JUDGED, ids=lambda kpi: kpi.name)
@pytest.mark.parametrize("value", [2, 40, 95])
def test_a_row_can_be_made_in_which_the_kpi_has_a_value(kpi: Kpi, value: float) -> None:
    assert kpi.value(filled(measures_for(kpi, value))) == pytest.approx(value, rel=0.01)


def test_a_negative_net_promoter_score_is_made_of_detractors() -> None:
    assert measures_for(KPIS["nps"], -20) == {"nps_responses": 100, "detractors": 20}


def test_a_kpi_without_direction_gets_no_rule() -> None:
    with pytest.raises(ValueError, match="no good direction"):
        rule_text("x", KPIS["late_aircraft_share"])


def test_its_tests_are_bad_for_long_enough_and_too_briefly() -> None:
    lasts, passes = tomllib.loads(rule_text("x", KPIS["on_time_arrival"]))["tests"]
    assert lasts["columns"] == passes["columns"] == ["flights", "arrivals_on_time"]
    good, bad = [100, 95], [100, 40]
    assert [(row[0], row[1:3], row[3]) for row in lasts["rows"]] == [
        ("0m", good, "nothing"), ("1h", good, "GREEN"),
        ("8h", bad, "nothing"), ("9h", bad, "RED"),
        ("20h", good, "nothing"), ("21h", good, "GREEN"),
    ]  # fmt: skip
    assert [(row[0], row[1:3], row[3]) for row in passes["rows"]] == [
        ("0m", good, "nothing"), ("1h", good, "GREEN"),
        ("8h", bad, "nothing"), ("8h30m", good, "nothing"),
    ]  # fmt: skip
