"""What the optimiser advises about the route, ranked, and accept or reject by an operator."""

from typing import Final

import streamlit as st

from alerts.advice import Advice, AdvisedAction, Answer, NoAdviceError
from alerts.documents import ConflictError
from alerts.entity import EntityLights
from optimizer.airline.prices import TERMS
from streamlit_app import session
from streamlit_app.access import NotAllowedError, Permission
from streamlit_app.airports import instant_text
from streamlit_app.inert import Markup, element, markdown_text, together
from streamlit_app.light_marks import light_mark
from streamlit_app.session import View
from streamlit_app.tables import table
from streamlit_app.words import Speech

MOST_BEFORE: Final = 5
"""Older advice, below the newest."""


def draw(view: View, one: EntityLights) -> None:
    """The newest advice with its actions and an answer; of older ones a line each. Of an airport or carrier nothing."""
    if one.scope != "route":
        return
    say = view.say
    found = view.stage.advised.of_route(view.actor, one.name)
    heading = element("h2", say["advice"])
    if not found:
        st.html(together([heading, element("p", say["no_advice"])]))
        return
    newest, *older = found
    st.html(together([heading, _head(newest, say), _actions(newest, say), *explained(newest, say)]))
    _answer(view, newest)
    if older:
        rows = [
            [instant_text(past.at), light_mark(past.light, say, named=True), _best(past, say), answer_text(past, say)]
            for past in older[:MOST_BEFORE]
        ]
        head = [say[name] for name in ("event_time", "light", "advice_best", "advice_answer")]
        st.html(together([element("h3", say["advice_before"]), table(head, rows, unbroken=(0, 1))]))


def _head(one: Advice, say: Speech) -> Markup:
    link = element("a", one.alert_id[:8], href=session.address("alerts", alert=one.alert_id), target="_self")
    line = element("span", f" {instant_text(one.at)} · {answer_text(one, say)} · ")
    return element("p", light_mark(one.light, say, named=True), line, link, class_="sem-small")


def answer_text(one: Advice, say: Speech) -> str:
    """ "accepted by ana: gate is free"; "not answered yet"."""
    said = say[f"advice_{one.answer}"]
    return f"{said} {say['by']} {one.answered_by}: {one.comment}" if one.answered_by else said


def explained(one: Advice, say: Speech) -> list[Markup]:
    """What binds, the runner-up, what it came to, and what those like it had come to before."""
    lines = []
    if why := (one.binding_es or one.binding) if say.language == "es" else one.binding:
        lines.append(say("advice_binds", why=why))
    if len(one.actions) > 1:
        best, second = one.actions[:2]
        behind = f"{best.saves_usd - second.saves_usd:,.0f}"
        lines.append(say("advice_runner_up", action=_words(second, say), behind=behind))
    if one.outcome:
        text = "advice_came_to" if one.outcome.followed else "advice_would_have"
        realised, predicted = f"{one.outcome.realised_usd:,.0f}", f"{one.outcome.predicted_usd:,.0f}"
        lines.append(say(text, realised=realised, predicted=predicted))
    if one.record:
        words = one.record.words_es() if say.language == "es" else one.record.words()
        lines.append(f"{words[0].upper()}{words[1:]}.")
    return [element("p", line, class_="sem-small") for line in lines]


def _best(one: Advice, say: Speech) -> str:
    action = one.actions[0]
    return f"{_words(action, say)}: {usd_text(action.saves_usd, one.modelled, say)}"


def _words(action: AdvisedAction, say: Speech) -> str:
    return action.words_es if say.language == "es" else action.words


def usd_text(usd: float, modelled: bool, say: Speech) -> str:
    """ "US$ 1,240 (modelled)"; what it costs is negative."""
    mark = f" {say['modelled']}" if modelled else ""
    return f"US$ {usd:,.0f}{mark}"


def _actions(one: Advice, say: Speech) -> Markup:
    rows = [
        [
            str(rank),
            _words(action, say),
            usd_text(action.saves_usd, one.modelled, say),
            ", ".join(f"{term_text(name, say)} {usd:+,.0f}" for name, usd in action.saves_by_term_usd.items()),
            moved_text(action, say),
            f"{action.late_minutes:,} → {action.late_then_minutes:,} min",
        ]
        for rank, action in enumerate(one.actions, 1)
    ]
    head = [
        say[name]
        for name in ("advice_rank", "advice_action", "advice_saves", "advice_terms", "advice_moved", "advice_late")
    ]
    return table(head, rows, numbers=(0, 2, 5))


def moved_text(action: AdvisedAction, say: Speech) -> str:
    """ "demand 1,060 … 1,320, fuel 1,200 … 1,180": what it would save if they were a tenth less, and a tenth more."""
    return ", ".join(
        f"{say[word]} {action.moved_usd[f'{name}_less']:,.0f} … {action.moved_usd[f'{name}_more']:,.0f}"
        for name, word in (("demand", "advice_demand"), ("fuel", "term_fuel"))
        if {f"{name}_less", f"{name}_more"} <= action.moved_usd.keys()
    )


def term_text(name: str, say: Speech) -> str:
    """A term of the saving in the reader's language; one that nobody has words for as it is."""
    return say[f"term_{name}"] if name in TERMS else name.replace("_", " ")


def _answer(view: View, one: Advice) -> None:
    say = view.say
    if one.answer == "expired":
        return
    if not view.actor.may(Permission.ACT):
        st.caption(say["viewer_hint"])
        return
    if done := st.session_state.pop("advice answered", ""):
        st.success(markdown_text(done))
    with st.expander(say["advice_answer"], icon=":material/rule:"), st.form("advice", border=False):
        st.caption(say["advice_help"])
        comment = st.text_input(say["comment"], key=f"advice comment {one.alert_id}")
        yes, no, _ = st.columns([1, 1, 4])
        accepted = yes.form_submit_button(say["advice_accept"], type="primary")
        rejected = no.form_submit_button(say["advice_reject"])
    if not (accepted or rejected):
        return
    if not comment.strip():
        st.error(say["comment_needed"])
        return
    _said(view, one, "accepted" if accepted else "rejected", comment)


def _said(view: View, one: Advice, answer: Answer, comment: str) -> None:
    try:
        after = view.stage.advised.answer(view.actor, one.route, one.alert_id, answer, comment)
    except NotAllowedError:
        st.error(view.say["not_allowed"])
    except (NoAdviceError, ConflictError):
        st.warning(view.say["advice_gone"])
    else:
        st.session_state["advice answered"] = answer_text(after, view.say)
        st.rerun()
