"""The parts of pages that draw themselves in the browser, from data alone; their code lies in `assets/`."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import streamlit as st

from schemas.lights import Light
from streamlit_app.light_symbols import SYMBOLS
from streamlit_app.words import Speech

ASSETS: Final = Path(__file__).parent / "assets"
STYLES: Final = ASSETS / "semaforo.css"


def _component(name: str, *before: str) -> Callable[..., Any]:
    """Of the script of that name; those `before` it are made part of it, for a component can import nothing."""
    script = "".join((ASSETS / f"{one}.js").read_text(encoding="utf-8") for one in (*before, name))
    # Without a shadow root: one style sheet for all, and what is drawn is reached by whoever checks the page.
    return st.components.v2.component(f"semaforo_{name}", js=script, isolate_styles=False)


def pulse(key: str, data: Mapping[str, Any]) -> None:
    """What changed on the board. In bytes, which Streamlit hands on as they are: of a mapping it looks at each value
    whether it is a table, and writes it down twice."""
    _pulse(key=key, data=msgspec.json.encode(data))


board: Final = _component("board", "marks")
_pulse: Final = _component("pulse")
heartbeat: Final = _component("heartbeat", "leaving")
tableau: Final = _component("tableau")
choices: Final = _component("choices", "marks")


def nothing() -> None:
    """For what a component tells and the page reads from its answer."""


def symbols(say: Speech) -> Mapping[Light, Mapping[str, str]]:
    """Letter and shape of each light, for the browser."""
    return {
        light: {"letter": one.letter if say.language == "en" else one.letter_es, "shape": one.shape}
        for light, one in SYMBOLS.items()
    }
