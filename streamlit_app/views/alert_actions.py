"""What an operator does about an alarm, by the very functions behind `python -m alerts ack | snooze | silence`."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import streamlit as st

from alerts.documents import Key
from alerts.items import LogEntry
from alerts.operator import NothingThereError
from rules.durations import format_duration
from streamlit_app.access import NotAllowedError, Permission
from streamlit_app.airports import instant_text
from streamlit_app.inbox import silence_choices
from streamlit_app.inert import bare, markdown_text
from streamlit_app.readers.snapshot import Snapshot
from streamlit_app.session import View

LENGTHS: Final = (
    timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2), timedelta(hours=8), timedelta(days=1),
    timedelta(days=7),
)  # fmt: skip


def for_alarm(view: View, key: Key, entry: LogEntry, snapshot: Snapshot) -> None:
    """Acknowledge and snooze while the alarm stands; silence at any time."""
    say = view.say
    what = f"{entry.transition.entity} {say.rule(entry.rule, entry.transition.rule)}"
    if not view.actor.may(Permission.ACT):
        st.caption(say["viewer_hint"])
        return
    _show_done()
    alarm = snapshot.alarms.get((key.pk.partition("#")[2], key.sk))
    if alarm is None or not alarm.alarm:
        st.caption(say["no_alarm"])
    else:
        with st.expander(say["acknowledge"], icon=":material/front_hand:"), st.form("acknowledge", border=False):
            st.caption(say["acknowledge_help"])
            comment = st.text_input(say["comment"], key="acknowledge comment")
            if st.form_submit_button(say["acknowledge"], type="primary") and _said(view, comment):
                _do(view, lambda: view.stage.acknowledge(view.actor, key, comment))
                _done(say("done_acknowledge", what=what, by=view.actor.name))
        with st.expander(say["snooze"], icon=":material/snooze:"), st.form("snooze", border=False):
            st.caption(say["snooze_help"])
            length = st.selectbox(
                say["for_how_long"], LENGTHS, index=1, format_func=format_duration, key="snooze length"
            )
            comment = st.text_input(say["comment"], key="snooze comment")
            if st.form_submit_button(say["snooze"], type="primary") and _said(view, comment):
                _do(view, lambda: view.stage.snooze(view.actor, key, length, comment))
                _done(say("done_snooze", what=what, until=instant_text(view.now + length)))
    _silence(view, entry)


def _silence(view: View, entry: LogEntry) -> None:
    say = view.say
    with st.expander(say["silence"], icon=":material/notifications_off:"), st.form("silence", border=False):
        st.caption(say["silence_help"])
        choices = silence_choices(entry.transition, say)
        words = st.selectbox(say["match"], list(choices), format_func=bare, key="silence match")
        length = st.selectbox(say["for_how_long"], LENGTHS, index=2, format_func=format_duration, key="silence length")
        comment = st.text_input(say["comment"], key="silence comment")
        if st.form_submit_button(say["silence"], type="primary") and _said(view, comment):
            _do(view, lambda: view.stage.silence(view.actor, choices[words], length, comment))
            _done(say("done_silence", what=words, until=instant_text(view.now + length)))


def for_storm(view: View, storm_id: str) -> None:
    """All of a storm is taken on at once."""
    say = view.say
    if not view.actor.may(Permission.ACT):
        st.caption(say["viewer_hint"])
        return
    _show_done()
    with st.form("acknowledge storm"):
        comment = st.text_input(say["comment"])
        if st.form_submit_button(say["acknowledge"], type="primary") and _said(view, comment):
            _do(view, lambda: view.stage.acknowledge_storm(view.actor, storm_id, comment))
            _done(say("done_acknowledge", what=storm_id, by=view.actor.name))


def _said(view: View, comment: str) -> bool:
    if not comment.strip():
        st.error(view.say["comment_needed"])
        return False
    return True


def _do(view: View, action: Callable[[], object]) -> None:
    try:
        action()
    except NothingThereError:
        st.warning(view.say["no_alarm"])
        st.stop()
    except NotAllowedError:
        st.error(view.say["not_allowed"])
        st.stop()


def _done(text: str) -> None:
    """Shown after the rerun that shows what it did."""
    st.session_state["done"] = text
    st.rerun()


def _show_done() -> None:
    if text := st.session_state.pop("done", ""):
        st.success(markdown_text(text))
