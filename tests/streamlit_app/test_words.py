"""Every text is there in both languages, with the same fields, and is used."""

import string
from datetime import UTC, datetime, timedelta
from pathlib import Path

from schemas.kpis import CAUSE_MINUTES
from streamlit_app.settings import Role
from streamlit_app.words import TEXTS, speech

ENGLISH, SPANISH = speech("en"), speech("es")
ROLES: tuple[Role, ...] = ("viewer", "operator", "admin")
SOURCE = "\n".join(
    path.read_text(encoding="utf-8")
    for path in (Path(__file__).parents[2] / "streamlit_app").rglob("*.py")
    if path.name != "words.py" and path.parent.name != "texts"
)
SPOKEN_BY_NAME = {*CAUSE_MINUTES, *ROLES}
"""Texts whose name comes out of data."""


FAMILIES = ("advice_", "beside_", "bridge_", "fact_", "flight_", "scope_", "score_", "set_", "term_", "weather_")
"""Texts of which the code says only how they begin."""


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_it_with_the_same_fields() -> None:
    assert not [key for key in TEXTS if not (ENGLISH[key] and SPANISH[key])]
    assert not [key for key in TEXTS if fields(ENGLISH[key]) != fields(SPANISH[key])]


def test_no_text_is_left_over() -> None:
    own = {"moments", "modelled", "months"}  # what words.py itself says
    states = {f"{state}_why" for state in ("no_table", "no_store", "busy_store", "no_rows")}
    by_name = SPOKEN_BY_NAME | own | states
    spoken = (key for key in TEXTS if key not in by_name and not key.startswith(FAMILIES))
    assert not [key for key in spoken if f'"{key}"' not in SOURCE and f"'{key}'" not in SOURCE]


def test_another_language_is_the_apps_own() -> None:
    assert speech("fr", "es").language == "es"
    assert speech(None).language == "en"


def test_numbers_have_units() -> None:
    assert SPANISH.usd_per_hour(6721.4, modelled=True) == "US$ 6,721/h (modelado)"
    assert ENGLISH.age(timedelta(hours=3, minutes=20)) == "3h20m"
    assert ENGLISH.age(timedelta(seconds=59)) == "under a minute"
    assert SPANISH.day(datetime(2013, 2, 8, tzinfo=UTC)) == "8 feb 2013"


def test_kpis_bear_their_titles_where_a_reason_names_them() -> None:
    reason = "76.9 % over 58 operated, break_even_load_factor 79.8 %"
    assert ENGLISH.reason(reason) == "76.9 % over 58 operated, Break-even load factor 79.8 %"
    assert SPANISH.reason(reason) == "76.9 % en 58 vuelos operados, Ocupación de equilibrio 79.8 %"
