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
