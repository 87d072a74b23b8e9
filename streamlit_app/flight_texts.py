"""What is said of a single flight."""

from datetime import timedelta
from typing import Final

from streamlit_app.words import Speech

_STATES: Final = ("scheduled", "departed", "arrived", "cancelled", "diverted")


def state_text(state: str, say: Speech) -> str:
    """In the reader's language; one that nobody has words for as it is."""
    return say[f"flight_{state.lower()}"] if state.lower() in _STATES else state


def late_text(delay: timedelta | None) -> str:
    """ "+23 min"; "–" where it has not happened."""
    return "–" if delay is None else f"{round(delay / timedelta(minutes=1)):+d} min"
