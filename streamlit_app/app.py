"""What Streamlit runs for every session: style, language, who it is, the menu, how fresh the data is, the page."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # Streamlit runs a file, not a module

import streamlit as st

from streamlit_app import components, session
from streamlit_app.access import NoRoleError, NotSignedInError, require
from streamlit_app.freshness import BEATS_UNTIL_STALE, heartbeat
from streamlit_app.inert import markdown_text
from streamlit_app.pages import PAGES, AppPage
from streamlit_app.session import LANGUAGE, View
from streamlit_app.trouble import every, guarded
from streamlit_app.words import Speech


def main() -> None:
    """One run."""
    st.set_page_config(page_title="Semáforo", page_icon=str(components.ASSETS / "icon.svg"), layout="wide")
    st.html(components.STYLES)
    settings = session.app_settings()
    _keep_language(session.language(settings))
    try:
        view = session.current()
    except NoRoleError as error:
        _no_role(session.language(settings), error.name)
        return
    except NotSignedInError:
        _sign_in(session.language(settings))
        return
    allowed = [page for page in PAGES if view.actor.may(page.permission)]
    pages = {page.path: _page(page, view.say, default=page is PAGES[0]) for page in allowed}
    st.session_state["pages"] = pages
    alone = bool(session.kiosk()) or st.context.is_embedded
    chosen = st.navigation(list(pages.values()), position="hidden" if alone else "sidebar")
    if not alone:
        _aside(view)
    every(settings.stale_after_seconds / BEATS_UNTIL_STALE)(heartbeat)()
    chosen.run()


def _page(page: AppPage, say: Speech, *, default: bool) -> st.Page:
    def checked(view: View) -> None:
        require(view.actor, page.permission)  # the menu leaves it out; who knows the address gets no further either
        page.draw(view)

    return st.Page(guarded(checked), title=say[page.path], icon=page.icon, url_path=page.path, default=default)


def _keep_language(say: Speech) -> None:
    st.session_state[LANGUAGE] = say.language
    if st.query_params.get(LANGUAGE) != say.language:
        st.query_params[LANGUAGE] = say.language


def _aside(view: View) -> None:
    say = view.say
    with st.sidebar:
        chosen = st.segmented_control(
            say["language"], ("en", "es"), default=say.language, format_func=_language_name, key="language_switch"
        )
        if chosen and chosen != say.language:
            st.session_state[LANGUAGE] = st.query_params[LANGUAGE] = chosen
            st.rerun()
        st.caption(markdown_text(say("you_are", name=view.actor.name, role=say[view.actor.role])))
        st.caption(markdown_text(f"{view.stage.name}"))
        if view.settings.signs_in and st.button(say["sign_out"]):
            st.logout()


def _language_name(language: str) -> str:
    return {"en": "English", "es": "Español"}[language]


def _sign_in(say: Speech) -> None:
    st.title(say["title"], anchor=False)
    st.text(say["sign_in_why"])
    if st.button(say["sign_in"], type="primary"):
        st.login()


def _no_role(say: Speech, name: str) -> None:
    """Signing in again as the same person would lead here again, so that is not what is offered."""
    st.title(say["title"], anchor=False)
    st.text(say("no_role", name=name))
    if st.button(say["sign_out"]):
        st.logout()


main()
