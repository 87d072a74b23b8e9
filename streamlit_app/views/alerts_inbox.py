"""Alerts: what stands and what was said; one of them with all there is to know, and what can be done about it.

`?alert=ID` opens one: the link in a message lands here.
"""

from typing import Final, Literal

import streamlit as st

from alerts.history import StoredAlert
from alerts.open_lights import light_key
from schemas.lights import Light
from streamlit_app import components, session
from streamlit_app.inbox import Item, standing_items, stored_items, storm_of
from streamlit_app.inert import markdown_text
from streamlit_app.readers.snapshot import Snapshot
from streamlit_app.session import View
from streamlit_app.trouble import every, lights_or_why
from streamlit_app.views import alert_actions, alert_details, silences

LIST_SECONDS: Final = 2
MOST_LISTED: Final = 300
Box = Literal["standing", "told", "held", "silences"]
BOXES: Final[tuple[Box, ...]] = ("standing", "told", "held", "silences")


def draw(view: View) -> None:
    """The page."""
    snapshot = lights_or_why(view)
    if snapshot is None:
        return
    say = view.say
    asked = st.query_params.get("box")
    box: Box = st.segmented_control(
        say["alerts"], BOXES, default=next((one for one in BOXES if one == asked), "standing"),
        format_func=lambda one: say[one], label_visibility="collapsed",
    ) or "standing"  # fmt: skip
    if box != asked:
        st.query_params["box"] = box
    if box == "silences":
        silences.draw(view)
        return
    listed, chosen = st.columns([2, 3], gap="large")
    with listed:
        _list(box)
    with chosen:
        _chosen(view, snapshot)


@every(LIST_SECONDS)
def _list(view: View, box: Box) -> None:
    items = _items(view, box)
    if not items:
        st.info(view.say["nothing_here"])
        return
    told = components.choices(
        key=f"choices {box}",
        data={
            "items": [
                {"id": one.id, "light": one.light, "name": one.name, "title": one.title, "detail": one.detail}
                for one in items[:MOST_LISTED]
            ],
            "chosen": st.query_params.get("alert", ""),
            "label": view.say[box],
            "href": session.address("alerts", box=box, alert=""),
            "symbols": components.symbols(view.say),
            "lights": {light: view.say.light(light) for light in Light},
        },
        on_chosen_change=components.nothing,
    )
    if told.chosen:
        st.query_params["alert"] = told.chosen
        st.rerun()


def _items(view: View, box: Box) -> list[Item]:
    snapshot = view.stage.snapshot(view.actor)
    if box == "standing":
        return standing_items(snapshot, view.say)
    statuses = ("sent", "pending") if box == "told" else ("held",)
    return stored_items(view.stage.alerts(view.actor), statuses, snapshot.rules, view.say)


def _chosen(view: View, snapshot: Snapshot) -> None:
    alert_id = st.query_params.get("alert", "")
    if not alert_id:
        st.info(view.say["choose_alert"])
        return
    storm_id = storm_of(alert_id)
    sent = _sent(view, alert_id)
    if storm_id:
        alert_details.storm(view, storm_id, sent)
        alert_actions.for_storm(view, storm_id)
        return
    entry = view.stage.entry(view.actor, alert_id.partition(".")[0])
    if entry is None:
        st.warning(markdown_text(view.say("unknown_alert", id=alert_id)))
        return
    alert_details.head(view, entry)
    key = light_key(entry.transition.scope, entry.transition.entity, entry.transition.rule)
    alert_actions.for_alarm(view, key, entry, snapshot)
    alert_details.rest(view, entry, sent)


def _sent(view: View, alert_id: str) -> StoredAlert | None:
    """As it lies in the outbox; None once it left it."""
    return next((one for one in view.stage.alerts(view.actor) if one.message.alert_id == alert_id), None)
