"""What a page shows instead of a traceback, and how it goes on."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec, cast

import streamlit as st

from alerts.operator import NothingThereError
from schemas.errors import Transient
from streamlit_app import session
from streamlit_app.access import NotAllowedError, NotSignedInError
from streamlit_app.inert import markdown_text
from streamlit_app.readers.snapshot import Snapshot
from streamlit_app.session import View

AGAIN_EVERY_SECONDS: Final = 2
_THROTTLED: Final = ("ThroughputExceeded", "Throttling", "RequestLimitExceeded")
"""In the codes that DynamoDB, and AWS before it, answers with."""
_JUST_TRIED: Final = "just tried"
_READING: Final = "reading"

_log = logging.getLogger(__name__)


def state_of(snapshot: Snapshot) -> str:
    """Which state to show instead of lights: "no_table", "busy_store", "no_store", "reading", "no_rows"; "" if there
    are lights."""
    if snapshot.entities:
        return ""
    if snapshot.problem:
        return problem_of(snapshot.problem)
    return _READING if snapshot.read_at is None else "no_rows"


def problem_of(said: str) -> str:
    """What a store's answer means: there is no such table, more is asked of it than it serves, or it is away."""
    if "ResourceNotFound" in said:
        return "no_table"
    return "busy_store" if any(one in said for one in _THROTTLED) else "no_store"


def lights_or_why(view: View) -> Snapshot | None:
    """The snapshot; None after showing why there is none. The page goes on by itself once there is."""
    snapshot = view.stage.snapshot(view.actor)
    state = state_of(snapshot)
    if not state:
        return snapshot
    show(view, state, snapshot.problem)
    _go_on(state)
    return None


def show(view: View, state: str, problem: str) -> None:
    """Say it, what helps, and offer to try again."""
    say = view.say
    if state == _READING:
        st.info(say[_READING])
        return
    st.subheader(say[state], anchor=False)
    st.markdown(markdown_text(say[f"{state}_why"]))
    if st.button(say["again"], type="primary"):
        view.stage.look_again(view.actor)
        st.rerun()
    if problem:
        with st.expander(say["detail"]):
            st.text(problem)


Given = ParamSpec("Given")


def every(
    seconds: float,
) -> Callable[[Callable[Concatenate[View, Given], None]], Callable[Given, None]]:
    """A part of a page that is drawn anew by itself, with who looks and what is known by then.

    Where somebody is no longer signed in the whole page runs again, and asks them to; a store that is away is said.
    """

    def decorated(draw: Callable[Concatenate[View, Given], None]) -> Callable[Given, None]:
        @st.fragment(run_every=seconds)
        @wraps(draw)
        def part(*given: Given.args, **named: Given.kwargs) -> None:
            try:
                view = session.current()
            except NotSignedInError:
                st.rerun()
            try:
                draw(view, *given, **named)
            except NotAllowedError:
                st.rerun()
            except Transient as error:
                _log.warning("a part of a page could not be drawn: %s", error)
                st.warning(view.say[problem_of(str(error))])

        return cast(Callable[Given, None], part)

    return decorated


@every(AGAIN_EVERY_SECONDS)
def _go_on(view: View, state: str) -> None:
    if state_of(view.stage.snapshot(view.actor)) != state:
        st.rerun()


@every(AGAIN_EVERY_SECONDS)
def _try_again(_view: View) -> None:
    """With the page that could not be drawn it is drawn too, and does nothing; from then on the page is."""
    if not st.session_state.pop(_JUST_TRIED, False):
        st.rerun()


def guarded(draw: Callable[[View], None]) -> Callable[[], None]:
    """A page that says what is wrong with the stores, and what somebody may not, in words. It waits for the first look
    at the stores: what it drew without that would stay."""

    def page() -> None:
        view = session.current()
        try:
            if state_of(view.stage.snapshot(view.actor)) == _READING:
                show(view, _READING, "")
                _go_on(_READING)
                return
            draw(view)
        except Transient as error:
            _log.warning("a page could not be drawn: %s", error)
            show(view, problem_of(str(error)), str(error))
            st.session_state[_JUST_TRIED] = True
            _try_again()
        except NotAllowedError:
            st.error(view.say["not_allowed"])
        except NothingThereError:
            st.warning(view.say["no_alarm"])

    return page
