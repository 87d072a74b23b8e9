"""A KPI's terms in words, against amounts worked out by hand."""

import pytest

from schemas.kpis import KPIS
from streamlit_app.term_text import terms_text


@pytest.mark.parametrize(
    ("kpi", "numerator", "denominator", "said"),
    [
        ("on_time_arrival", 6, 25, "6 / 25"),
        ("margin", -6_339_788, 45_874_032, "US$ -63,398 / US$ 458,740"),
        ("rask", 45_874_032, 7_412_363, "US$ 458,740 / 7,412,363 ASK"),
        ("load_factor", 5_110_189, 7_412_363, "5,110,189 RPK / 7,412,363 ASK"),
        ("mean_arrival_delay", 141, 11, "141 min / 11"),
        ("co2_per_passenger_km", 3160 * 252_069, 5_110_189, "252,069 kg / 5,110,189 RPK"),
        ("compensation_exposure", 4_150_000, 100 * 25, "US$ 41,500 / 25"),
        ("fuel_intensity", 2_881, 249_188, "2,881 kg / 249,188 kg"),
    ],
)
def test_terms_have_units(kpi: str, numerator: int, denominator: int, said: str) -> None:
    assert terms_text(KPIS[kpi], numerator, denominator) == said
