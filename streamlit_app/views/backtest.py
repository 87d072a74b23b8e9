"""What is in force beside other rules, on rows of the past: asked for, waited for. `backtest_result` shows it."""

from datetime import date, timedelta
from typing import Final

import streamlit as st

from rules.load import RuleFile
from streamlit_app.access import NotAllowedError, Permission
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


def draw(view: View, file: RuleFile, found: RuleFiles) -> None:
    """The form, for who may act; what runs or ran, for all."""
    say = view.say
    st.subheader(say["backtest"], anchor=False)
    st.caption(markdown_text(say["backtest_help"]))
    if view.actor.may(Permission.ACT):
        _form(view, file.rule.id, found)
    else:
        st.caption(say["viewer_hint"])
    job = view.stage.backtest(view.actor)
    if job is None:
        return
    if job.runs:
        _wait()
        if view.actor.may(Permission.ACT) and st.button(say["backtest_stop"]):
            view.stage.stop_backtest(view.actor)
            st.rerun()
    else:
        backtest_result.draw(view, job)


def _form(view: View, rule: str, found: RuleFiles) -> None:
    say = view.say
    with st.expander(say["backtest_start"], icon=":material/science:"):
        kept = {"before": found.before, "shipped": found.shipped}
        kinds = ["rule", "changed", *(name for name, texts in kept.items() if texts), "files"]
        beside = st.selectbox(
            say["backtest_beside"], kinds, format_func=lambda kind: say[f"beside_{kind}"], key="backtest beside"
        )
        with st.form("backtest", border=False):
            dates = st.date_input(
                say["backtest_dates"], ASKED, min_value=FIRST, max_value=LAST, format="YYYY-MM-DD", key="backtest dates"
            )
            try:
                sets = _sets(view, beside or "rule", rule, found)
            except BadRuleError as error:
                sets = None
                st.error(say["backtest_failed"])
                st.text(str(error))
            if not st.form_submit_button(say["backtest_start"], type="primary") or sets is None:
                return
        if not isinstance(dates, tuple) or len(dates) < 2:
            st.error(say["dates_needed"])
            return
        until = dates[1] + timedelta(days=1)
        about = rule if beside == "rule" else ""
        _start(view, Request(sets=sets, rule=about, first=dates[0], until=until, by=view.actor.name))


def _sets(view: View, beside: str, rule: str, found: RuleFiles) -> tuple[RuleSet, RuleSet]:
    now = RuleSet("now", found.texts)
    if beside == "before":
        return now, RuleSet("before", found.before)
    if beside == "shipped":
        return now, RuleSet("shipped", found.shipped)
    if beside == "files":
        given = st.file_uploader(
            view.say["backtest_files"], ["toml", "json"], accept_multiple_files="directory", key="backtest files"
        )
        return now, uploaded({one.name: one.getvalue() for one in given})
    text = st.text_area(
        view.say["backtest_file"], found.texts[f"{rule}.toml"], height=320, max_chars=MOST_TEXT, key=f"backtest {rule}"
    )
    return beside_changed(rule, found.texts, text, alone=beside == "rule")


def _start(view: View, request: Request) -> None:
    say = view.say
    try:
        view.stage.start_backtest(view.actor, request)
    except BadRuleError as error:
        st.error(say["backtest_failed"])
        st.text(str(error))
    except BusyError:
        st.warning(say["backtest_busy"])
    except NotAllowedError:
        st.error(say["not_allowed"])
    else:
        st.rerun()


@every(PULSE_SECONDS)
def _wait(view: View) -> None:
    job = view.stage.backtest(view.actor)
    if job is None or not job.runs:
        st.rerun()
    name = backtest_result.subject(job, view)
    if job.share is None:
        st.progress(0.0, markdown_text(view.say("backtest_prepares", rule=name)))
    else:
        percent = round(100 * job.share)
        st.progress(job.share, markdown_text(view.say("backtest_runs", rule=name, percent=percent)))
