"""A page with a button, a part that draws itself anew ten times a second, and an end that says what came of it."""

import time

import streamlit as st

st.session_state.setdefault("presses", 0)
if st.button("press"):
    st.session_state.presses += 1


@st.fragment(run_every=0.1)
def pulse() -> None:
    """Moves all the time."""
    st.text(f"pulse {time.monotonic()}")


pulse()
st.text(f"presses: {st.session_state.presses}.")
