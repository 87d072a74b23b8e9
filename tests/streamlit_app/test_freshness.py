"""How old a page says its data is."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from streamlit_app.freshness import beat_of
from streamlit_app.readers.snapshot import NOTHING_READ, Snapshot
from streamlit_app.session import View
from streamlit_app.settings import AppSettings
from streamlit_app.words import speech

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def view_at(now: datetime) -> View:
    nobody = cast(Any, None)
    return View(nobody, speech(None, "en"), nobody, AppSettings.read({}), now)


@pytest.mark.parametrize(("read_seconds_ago", "said"), [(2.5, 2.5), (0.0, 0.0), (-0.4, 0.0)])
def test_a_look_that_came_while_the_page_was_drawn_is_not_of_the_future(read_seconds_ago: float, said: float) -> None:
    snapshot = Snapshot(read_at=NOW - timedelta(seconds=read_seconds_ago))
    assert beat_of(view_at(NOW), snapshot)["readSecondsAgo"] == said


def test_nothing_read_has_no_age_and_no_two_beats_are_alike() -> None:
    first, second = (beat_of(view_at(NOW + timedelta(seconds=n)), NOTHING_READ) for n in range(2))
    assert (first["readSecondsAgo"], first["newest"]) == (None, "")
    assert first != second, "the browser is told of each"
