"""A light is told apart by its shape and its letter, and its text can be read."""

import re
from itertools import combinations
from pathlib import Path

import pytest

from schemas.lights import Light
from streamlit_app.components import STYLES
from streamlit_app.light_symbols import SYMBOLS, contrast

PAGE, PAGE_DARK = "#ffffff", "#0e1117"


def test_contrast_is_wcags() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("light", list(Light))
def test_the_letter_can_be_read_and_the_shape_seen(light: Light) -> None:
    one = SYMBOLS[light]
    assert contrast(one.fill, one.ink) >= 4.5
    assert contrast(one.fill_dark, one.ink_dark) >= 4.5
    assert contrast(one.fill, PAGE) >= 3
    assert contrast(one.fill_dark, PAGE_DARK) >= 3


@pytest.mark.parametrize(("one", "other"), list(combinations(Light, 2)))
def test_no_two_lights_share_shape_or_letter(one: Light, other: Light) -> None:
    assert SYMBOLS[one].shape != SYMBOLS[other].shape
    assert SYMBOLS[one].letter != SYMBOLS[other].letter
    assert SYMBOLS[one].letter_es != SYMBOLS[other].letter_es


@pytest.mark.parametrize("light", list(Light))
def test_the_style_sheet_has_the_same_colours(light: Light) -> None:
    css, one, name = Path(STYLES).read_text(encoding="utf-8"), SYMBOLS[light], light.lower()
    found = re.findall(rf"--sem-{name}(-ink)?: light-dark\((#\w+), (#\w+)\)", css)
    assert found == [("", one.fill, one.fill_dark), ("-ink", one.ink, one.ink_dark)]
