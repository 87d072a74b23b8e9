"""Whoever looks: who they are, in which language, at which stage. Worked out anew for every run and every fragment."""

from datetime import datetime
from typing import Final, Literal, NamedTuple, cast
from urllib.parse import urlencode

import streamlit as st

from alerts.settings import AlertSettings
from streamlit_app.access import Actor, actor_of
from streamlit_app.local_user import local_user
from streamlit_app.readers.stage import Stage, now_utc
from streamlit_app.settings import AppSettings
from streamlit_app.words import Speech, speech

LANGUAGE: Final = "lang"
"""In the address, so that a link keeps it."""


Kiosk = Literal["", "airports", "worst"]
_KIOSKS: Final[dict[str, Kiosk]] = {"true": "airports", "airports": "airports", "worst": "worst"}


class View(NamedTuple):
    """What a page is drawn with."""

    actor: Actor
    say: Speech
    stage: Stage
    settings: AppSettings
    now: datetime


@st.cache_resource(show_spinner=False)
def app_settings() -> AppSettings:
    """Read once a process."""
    return AppSettings.read()


@st.cache_resource(show_spinner=False)
def stage() -> Stage:
    """The one reader that all sessions share."""
    opened = Stage(app_settings(), AlertSettings.read(), now_utc)
    opened.start()
    return opened


def current() -> View:
    """Raises NotSignedInError."""
    settings, now = app_settings(), now_utc()
    return View(actor(settings, now), language(settings), stage(), settings, now)


def actor(settings: AppSettings, now: datetime) -> Actor:
    """Who this is: by their sign-in, else the person at the machine. Raises NotSignedInError."""
    if not settings.signs_in:
        return Actor(local_user(), settings.local_role)
    return actor_of(cast(dict[str, object], dict(st.user)), settings, now)


def language(settings: AppSettings) -> Speech:
    """As the address says, else as it was chosen, else the app's own."""
    asked = st.query_params.get(LANGUAGE) or st.session_state.get(LANGUAGE)
    return speech(asked, settings.language)


def kiosk() -> Kiosk:
    """What a wall turns through, as the address says: `?kiosk=true` airport by airport, `?kiosk=worst` what is in
    alarm, the worst first. "" is no wall."""
    return _KIOSKS.get(st.query_params.get("kiosk", ""), "")


def address(page: str, **parameters: str) -> str:
    """A link to another page that keeps the language."""
    kept = {LANGUAGE: st.session_state[LANGUAGE]} if st.session_state.get(LANGUAGE) else {}
    return f"{page}?{urlencode({**kept, **parameters})}"
