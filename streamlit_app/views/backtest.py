"""What is in force beside other rules, on rows of the past: asked for, waited for. `backtest_result` shows it."""

from datetime import date, timedelta
from typing import Final

import msgspec
import streamlit as st

from rules.load import RuleFile
from streamlit_app.access import NotAllowedError, Permission
from streamlit_app.airports import instant_text
from streamlit_app.inert import markdown_text
from streamlit_app.readers.backtests import (
    MOST_TEXT,
    BadRuleError,
    BusyError,
    Request,
    RuleSet,
    beside_changed,
    uploaded,
)
from streamlit_app.readers.rule_files import RuleFiles
from streamlit_app.session import View
from streamlit_app.trouble import every
from streamlit_app.views import backtest_result

PULSE_SECONDS: Final = 1.0
FIRST, LAST = date(2013, 1, 1), date(2013, 12, 31)
"""The year whose rows the command makes by itself; a file of rows has its own."""
ASKED: Final = (date(2013, 2, 4), date(2013, 2, 10))
_DRAFT: Final = "backtest draft"


class _Draft(msgspec.Struct):
    """What somebody chose and typed, by rule: Streamlit forgets a field that is not drawn for once, as when another
    page is looked at while a job runs."""

    beside: str = "rule"
    dates: tuple[date, date] = ASKED
    texts: dict[str, str] = {}


def draw(view: View, file: RuleFile, found: RuleFiles) -> None:
    """The form, for who may act; what runs or ran, for all."""
    say = view.say
    st.subheader(say["backtest"], anchor=False)
    st.caption(markdown_text(say["backtest_help"]))
    if view.actor.may(Permission.ACT):
        _form(view, file.rule.id, found)
    else:
        st.caption(say["viewer_hint"])
    job = view.stage.rule_desk.backtest(view.actor)
    if job is None:
        return
    if job.runs:
        _wait()
        if view.actor.may(Permission.ACT) and st.button(say["backtest_stop"]):
            view.stage.rule_desk.stop_backtest(view.actor)
            st.rerun()
    else:
        backtest_result.draw(view, job)


def _form(view: View, rule: str, found: RuleFiles) -> None:
    """Without Streamlit's form: what is typed there is nobody's until it is sent, and goes with the field."""
    say, draft = view.say, st.session_state.setdefault(_DRAFT, _Draft())
    with st.expander(say["backtest_start"], icon=":material/science:"):
        kept = {"published": found.kept, "shipped": found.shipped}
        kinds = ["rule", "changed", *(name for name, there in kept.items() if there), "files"]
        draft.beside = st.radio(  # a list would close again when the page runs for what was typed before
            say["backtest_beside"],
            kinds,
            index=kinds.index(draft.beside) if draft.beside in kinds else 0,
            format_func=lambda kind: say[f"beside_{kind}"],
            key="backtest beside",
        )
        dates = st.date_input(
            say["backtest_dates"], draft.dates, min_value=FIRST, max_value=LAST, format="YYYY-MM-DD",
            key="backtest dates",
        )  # fmt: skip
        if len(dates) == 2:
            draft.dates = dates
        try:
            sets = _sets(view, draft, rule, found)
        except BadRuleError as error:
            sets = None
            _refused(view, error)
        if not st.button(say["backtest_start"], type="primary") or sets is None:
            return
        if len(dates) < 2:
            st.error(say["dates_needed"])
            return
        about = rule if draft.beside == "rule" else ""
        until = dates[1] + timedelta(days=1)
        _start(view, Request(sets=sets, rule=about, first=dates[0], until=until, by=view.actor.name))


def _sets(view: View, draft: _Draft, rule: str, found: RuleFiles) -> tuple[RuleSet, RuleSet]:
    now = RuleSet("now", found.texts)
    if draft.beside == "published":
        return now, _published(view, found)
    if draft.beside == "shipped":
        return now, RuleSet("shipped", found.shipped)
    if draft.beside == "files":
        given = st.file_uploader(
            view.say["backtest_files"], ["toml", "json"], accept_multiple_files="directory", key="backtest files"
        )
        return now, uploaded({one.name: one.getvalue() for one in given})
    in_force = found.texts[f"{rule}.toml"]
    text = st.text_area(
        view.say["backtest_file"], draft.texts.get(rule, in_force), height=320, max_chars=MOST_TEXT,
        key=f"backtest {rule}", on_change=_keep, args=(rule,),
    )  # fmt: skip
    return beside_changed(rule, found.texts, text, alone=draft.beside == "rule")


def _keep(rule: str) -> None:
    """Before anything is drawn: whoever types and at once chooses something else sends both in one, and then the field
    is not drawn any more."""
    st.session_state[_DRAFT].texts[rule] = st.session_state[f"backtest {rule}"]


def _published(view: View, found: RuleFiles) -> RuleSet:
    chosen = st.selectbox(
        view.say["backtest_which"],
        found.kept,
        format_func=lambda one: f"{instant_text(one.published_at)}, {view.say['version']} {one.version}",
        key="backtest published",
    )
    return RuleSet("published", view.stage.rule_desk.published(view.actor, chosen.number), chosen.version)


def _refused(view: View, error: BadRuleError) -> None:
    st.error(view.say["backtest_failed"])
    st.text(str(error))


def _start(view: View, request: Request) -> None:
    say = view.say
    try:
        view.stage.rule_desk.start_backtest(view.actor, request)
    except BadRuleError as error:
        _refused(view, error)
    except BusyError:
        st.warning(say["backtest_busy"])
    except NotAllowedError:
        st.error(say["not_allowed"])
    else:
        st.rerun()


@every(PULSE_SECONDS)
def _wait(view: View) -> None:
    job = view.stage.rule_desk.backtest(view.actor)
    if job is None or not job.runs:
        st.rerun()
    name = backtest_result.subject(job, view)
    if job.share is None:
        st.progress(0.0, markdown_text(view.say("backtest_prepares", rule=name)))
    else:
        percent = round(100 * job.share)
        st.progress(job.share, markdown_text(view.say("backtest_runs", rule=name, percent=percent)))
