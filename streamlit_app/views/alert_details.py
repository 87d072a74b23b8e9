"""One alert: what it said in both languages, why, who was told, what to do."""

import re
from pathlib import Path
from typing import Final

import streamlit as st

import rules
from alerts.entity import Change, entity_key
from alerts.explain import explain
from alerts.history import StoredAlert
from alerts.items import LogEntry
from alerts.messages import render
from schemas.rows import ends_of
from streamlit_app import session
from streamlit_app.airports import instant_text
from streamlit_app.board import evidence_text, value_text
from streamlit_app.explained import explained_es
from streamlit_app.inert import Markup, element, markdown_text, together
from streamlit_app.light_marks import light_mark
from streamlit_app.session import View
from streamlit_app.tables import table
from streamlit_app.words import Speech

RUNBOOKS: Final = Path(rules.__file__).parent / "runbooks"
_RUNBOOK: Final = re.compile(r"(?:rules/runbooks/)?([a-z][a-z0-9_]*\.md)")


def head(view: View, entry: LogEntry) -> None:
    """The light, the route, the value, the money."""
    say, transition = view.say, entry.transition
    where = ends_of(transition.entity)[0] if transition.scope != "carrier" else ""
    severity = transition.severity
    lines = [
        f"{say.rule(entry.rule, transition.rule)} · {value_text(transition.evidence)}",
        evidence_text(transition.evidence, entry.rule, say),
        f"{say.usd_per_hour(severity.usd_per_hour, severity.modelled)} {say['at_stake']}",
        instant_text(transition.at, where),
        say.advice(entry.rule),
    ]
    link = session.address("route", route=transition.entity)
    st.html(
        together(
            [
                element(
                    "h1",
                    together(
                        [
                            light_mark(transition.to_light, say, named=True),
                            element("a", transition.entity, href=link, target="_self"),
                        ]
                    ),
                    class_="sem-headline",
                ),
                *(element("p", line, class_="sem-title") for line in lines),
            ]
        )
    )


def rest(view: View, entry: LogEntry, sent: StoredAlert | None) -> None:
    """Message, why, group, runbook."""
    say = view.say
    st.subheader(say["why"], anchor=False)
    st.html(_decisions(entry, say))
    with st.expander(say["explained"]):
        transition = entry.transition
        log = view.stage.log(view.actor, entity_key(transition.scope, transition.entity), transition.at)
        if say.language == "en":
            st.html(_text(explain(entry, log, view.stage.summaries(view.actor, entry)), "en"))
        else:
            st.html(_text(explained_es(entry, log), "es"))
    st.subheader(f"{say['message']}, {say['as_sent'] if sent and sent.sent_at else say['as_would']}", anchor=False)
    _message(view, entry, sent)
    if entry.held_by and "-" in entry.held_by and not entry.held_by.startswith(("silence-", "snooze-")):
        st.page_link(
            st.session_state["pages"]["alerts"], label=markdown_text(entry.held_by),
            query_params={"alert": entry.held_by, "lang": say.language},
        )  # fmt: skip
    with st.expander(f"{say['runbook']}: {markdown_text(entry.transition.runbook)}"):
        runbook(entry.transition.runbook, say)


def storm(view: View, storm_id: str, sent: StoredAlert | None) -> None:
    """A summary and all of its lights, as they are now."""
    say = view.say
    st.subheader(markdown_text(storm_id), anchor=False)
    if sent is not None:
        st.html(together([_text(sent.message.text, "en"), _text(sent.message.text_es, "es")]))
    rows = [
        [
            light_mark(one.light, say, named=True),
            one.entity,
            one.rule,
            say.usd_per_hour(one.usd_per_hour, one.modelled),
            instant_text(one.at),
            element("a", one.alert_id[:8], href=session.address("alerts", alert=one.alert_id), target="_self"),
        ]
        for one in view.stage.storm(view.actor, storm_id)
    ]
    header = [say["light"], say["route"], say["rule"], say["at_stake"], say["event_time"], say["alerts"]]
    st.html(together([element("h2", f"{say['members']} ({len(rows)})"), table(header, rows, numbers=(3,))]))


def _decisions(entry: LogEntry, say: Speech) -> Markup:
    rows = [[f"{at[:19].replace('T', ' ')} UTC", action, why] for at, action, why in entry.decisions]
    audience = element("p", f"{say['audience']}: {', '.join(entry.transition.audience)}", class_="sem-title")
    return together([audience, table([say["at"], say["action"], say["reason"]], rows, unbroken=(0,))])


def _message(view: View, entry: LogEntry, sent: StoredAlert | None) -> None:
    if sent is not None:
        texts = (sent.message.text, sent.message.text_es)
    else:
        change = Change(entry.transition, entry.row, entry.rule, entry.episode)
        message = render(change, stage=view.stage.name, alert_id=entry.alert_id, app_url=view.settings.url.rstrip("/"))
        texts = (message.text, message.text_es)
    english, spanish = st.tabs(["English", "Español"], default="English" if view.say.language == "en" else "Español")
    with english:
        st.html(_text(texts[0], "en"))
    with spanish:
        st.html(_text(texts[1], "es"))


def _text(text: str, language: str) -> Markup:
    return element("pre", text, class_="sem-text", lang=language, tabindex=0)


def runbook(name: str, say: Speech) -> None:
    """The guide behind an alert; one that is not on this machine is named."""
    found = _RUNBOOK.fullmatch(name)
    path = RUNBOOKS / found[1] if found else None
    if path is None or not path.is_file():
        st.text(say("no_runbook", path=name))
    else:
        st.markdown(path.read_text(encoding="utf-8"))
