"""Parts of pages that draw themselves anew, once a second and more for every page that is open: Streamlit is kept from
doing so in the middle of a run of the whole page, and from working out the theme for each.

Where the browser asks for a part by itself while the page runs, Streamlit runs it right behind, or gives up what the
page's run had yet to say (https://github.com/streamlit/streamlit/issues/9921). The browser then takes the end of the
page for what is left over from before, and takes it away: of sixty presses of a button beside a part drawn ten times a
second, sixteen had no answer. A run of the page draws all its parts, so what was asked for meanwhile needs no run of
its own.
"""

import time
from collections.abc import Callable
from typing import Any, Final
from weakref import WeakKeyDictionary

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import ScriptRunner, ScriptRunnerEvent

PAUSE_SECONDS: Final = 0.1
"""After a run of the page, in which the browser hears that it ended."""

LONGEST_RUN_SECONDS: Final = 30.0
"""After which parts are drawn again, even if nobody said that the page's run ended."""

ENDS: Final = (
    ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS,
    ScriptRunnerEvent.SCRIPT_STOPPED_WITH_COMPILE_ERROR,
    ScriptRunnerEvent.SHUTDOWN,
)


def keep_out_of_runs() -> None:
    """For all sessions of this process; to be called once, before the first."""
    quiet = _Quiet()
    AppSession.request_rerun = quiet.before_rerun(AppSession.request_rerun)  # type: ignore[method-assign]
    hear = AppSession._handle_scriptrunner_event_on_event_loop
    AppSession._handle_scriptrunner_event_on_event_loop = quiet.after_event(hear)  # type: ignore[method-assign]


def remember_theme() -> None:
    """For all sessions of this process; to be called once the options are set.

    The theme goes out with every run, a part's too, and Streamlit goes through all its options six times for it: a
    third of what a pulse took of the event loop.
    """
    work_out = app_session._populate_theme_msg
    known: dict[str, CustomThemeConfig] = {}

    def populate(msg: CustomThemeConfig, section: str = "theme") -> None:
        if section not in known:
            known[section] = CustomThemeConfig()
            work_out(known[section], section)
        if known[section].ByteSize():  # a part that says nothing is not there at all
            msg.MergeFrom(known[section])

    app_session._populate_theme_msg = populate


class _Quiet:
    """Until when each session draws no part by itself. All of it is asked and told on the event loop's thread."""

    def __init__(self) -> None:
        self._until: WeakKeyDictionary[AppSession, float] = WeakKeyDictionary()

    def before_rerun(self, rerun: Callable[..., None]) -> Callable[..., None]:
        def request_rerun(session: AppSession, client_state: ClientState | None) -> None:
            if client_state is not None and client_state.is_auto_rerun:
                if time.monotonic() < self._until.get(session, 0):
                    return
            elif client_state is None or not client_state.fragment_id:
                self._until[session] = time.monotonic() + LONGEST_RUN_SECONDS
            rerun(session, client_state)

        return request_rerun

    def after_event(self, hear: Callable[..., None]) -> Callable[..., None]:
        def handle(
            session: AppSession,
            sender: ScriptRunner | None,
            event: ScriptRunnerEvent,
            forward_msg: Any = None,
            exception: BaseException | None = None,
            client_state: ClientState | None = None,
            page_script_hash: str | None = None,
            fragment_ids_this_run: list[str] | None = None,
            *others: Any,
            **named: Any,
        ) -> None:
            is_current = sender is session._scriptrunner
            hear(
                session, sender, event, forward_msg, exception, client_state, page_script_hash, fragment_ids_this_run,
                *others, **named,
            )  # fmt: skip
            if is_current and event == ScriptRunnerEvent.SCRIPT_STARTED and not fragment_ids_this_run:
                self._until[session] = time.monotonic() + LONGEST_RUN_SECONDS
            elif is_current and event in ENDS:
                self._until[session] = min(self._until.get(session, 0), time.monotonic() + PAUSE_SECONDS)

        return handle
