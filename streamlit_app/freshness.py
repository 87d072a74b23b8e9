"""How old what the server knows is. The browser counts on from there."""

from typing import Any, Final

from streamlit_app import components
from streamlit_app.airports import instant_text
from streamlit_app.readers.snapshot import Snapshot
from streamlit_app.session import View

BEATS_UNTIL_STALE: Final = 3
"""A page is told so often within the time after which it would call itself stale; with each pulse of the board too."""


def beat_of(view: View, snapshot: Snapshot) -> dict[str, Any]:
    """What changes from one beat to the next: the instant always, so that the browser is told of every one."""
    newest, read_at = snapshot.newest_row_at, snapshot.read_at
    return {
        # Who wakes the reader waits for a look, which then is younger than the run.
        "readSecondsAgo": max(0.0, (view.now - read_at).total_seconds()) if read_at else None,
        "newest": view.say("newest", at=instant_text(newest)) if newest else "",
        "at": view.now.isoformat(),
    }


def heartbeat(view: View) -> None:
    """The line that says it, and the banner of a page that hears nothing any more."""
    say = view.say
    components.heartbeat(
        key="heartbeat",
        data={
            "beat": beat_of(view, view.stage.snapshot(view.actor)),
            "staleAfterSeconds": view.settings.stale_after_seconds,
            "words": {
                "fresh": say["fresh"], "stale": say["stale"],
                "staleStore": say["stale_store"], "reading": say["reading"],
            },
        },
    )  # fmt: skip
