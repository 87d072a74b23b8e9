"""The silences and snoozes that are not over, and an end to one."""

import streamlit as st

from alerts.operator import NothingThereError
from alerts.silences import Silence
from streamlit_app.access import Permission
from streamlit_app.airports import instant_text
from streamlit_app.inert import element
from streamlit_app.session import View


def draw(view: View) -> None:
    """The list."""
    say, found = view.say, view.stage.silences(view.actor)
    if text := st.session_state.pop("done", ""):
        st.success(text)
    if not found:
        st.info(say["nothing_here"])
    for one in found:
        with st.container(border=True):
            st.html(element("p", _words(view, one), class_="sem-title"))
            if view.actor.may(Permission.ACT) and st.button(say["unsilence"], key=f"end {one.silence_id}"):
                try:
                    view.stage.unsilence(view.actor, one.silence_id)
                except NothingThereError:
                    st.warning(say["nothing_here"])
                    return
                st.session_state["done"] = say("done_unsilence", what=one.silence_id)
                st.rerun()


def _words(view: View, one: Silence) -> str:
    say, weekly = view.say, one.weekly
    when = f" · {','.join(weekly.weekdays)} {weekly.begin:%H:%M}-{weekly.end:%H:%M} {weekly.zone}" if weekly else ""
    return (
        f"{one.match} · {say['until']} {instant_text(one.ends_at)}{when} · {say['by']} {one.author}: {one.comment} "
        f"({one.silence_id})"
    )
