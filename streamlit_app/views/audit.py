"""Who did what in the app, and who was refused; for administrators."""

import streamlit as st

from streamlit_app.airports import instant_text
from streamlit_app.inert import csv_text
from streamlit_app.session import View
from streamlit_app.tables import table


def draw(view: View) -> None:
    """The page: a day (UTC), newest first."""
    say = view.say
    day = st.date_input(say["day"], view.now.date())
    deeds = view.stage.deeds(view.actor, day)
    if not deeds:
        st.info(say["nothing_here"])
        return
    header = [say["at"], say["who"], say["action"], say["match"], say["comment"], say["outcome"]]
    rows = [
        [instant_text(one.at), f"{one.who} ({say[one.role]})", one.action, one.about, one.comment, one.outcome]
        for one in deeds
    ]
    st.html(table(header, rows))
    st.download_button(say["download"], csv_text(header, rows), f"audit-{day}.csv", "text/csv")
