"""Tableau: a view of a connected site, filtered to a route; without one, how to connect it and the extract.

`?route=JFK-LAX` filters.
"""

from typing import Final

import streamlit as st

from streamlit_app import components
from streamlit_app.inert import element, markdown_text, together
from streamlit_app.readers.past import NoHistoryError
from streamlit_app.session import View

_VARIABLES: Final = (
    ("SEMAFORO_APP_TABLEAU_URL", "tableau_host_of"),
    ("SEMAFORO_APP_TABLEAU_VIEW", "tableau_view_of"),
    ("SEMAFORO_APP_TABLEAU_CLIENT_ID", "tableau_client"),
    ("SEMAFORO_APP_TABLEAU_SECRET_ID, …_SECRET / …_SECRET_NAME", "tableau_secret_of"),
    ("SEMAFORO_APP_TABLEAU_USER", "tableau_user_of"),
    ("SEMAFORO_APP_TABLEAU_FIELD", "tableau_field_of"),
)


def draw(view: View) -> None:
    """The page."""
    if view.settings.shows_tableau:
        _embedded(view)
    else:
        _how(view)
    _extract(view)


def _embedded(view: View) -> None:
    say, settings = view.say, view.settings
    entities = view.stage.snapshot(view.actor).entities.values()
    names = sorted(one.name for one in entities if one.scope == "route")
    asked = st.query_params.get("route", "")
    route = st.selectbox(
        say["tableau_route"], names, index=names.index(asked) if asked in names else None, placeholder=say["all"]
    )
    if route and route != asked:
        st.query_params["route"] = route
    elif not route and "route" in st.query_params:
        del st.query_params["route"]
    host = settings.tableau_url
    components.tableau(
        key="tableau",
        data={
            "script": f"{host}/javascripts/api/tableau.embedding.3.latest.min.js",
            "src": f"{host}{settings.tableau_view}",
            "token": view.stage.tableau_token(view.actor),
            "field": settings.tableau_field,
            "route": route or "",
            "failed": say["tableau_failed"],
        },
    )
    st.caption(markdown_text(say("tableau_of", view=settings.tableau_view, host=host)))


def _how(view: View) -> None:
    say = view.say
    variables = (part for name, what in _VARIABLES for part in (element("dt", name), element("dd", say[what])))
    st.html(
        together(
            [
                element("h2", say["tableau_none"]),
                element("p", say["tableau_none_why"]),
                element("dl", together(variables)),
            ]
        )
    )


def _extract(view: View) -> None:
    say = view.say
    st.subheader(say["extract"], anchor=False)
    st.caption(markdown_text(say["extract_help"]))
    if not st.button(say["extract_make"]):
        return
    try:
        packed = view.stage.past.extract(view.actor)
    except NoHistoryError as error:
        st.info(say["no_star"])
        st.text(str(error))
        return
    st.download_button(say["extract_download"], packed, "semaforo-marts.zip", "application/zip", on_click="ignore")
