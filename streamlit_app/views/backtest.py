"""A rule beside a changed one, on rows of the past: asked for, waited for, its figures side by side."""

from datetime import date, timedelta
from typing import Final

import streamlit as st

from rules.load import RuleFile
from streamlit_app.access import NotAllowedError, Permission
from streamlit_app.inert import csv_text, markdown_text
from streamlit_app.readers.backtests import MOST_TEXT, BadRuleError, BusyError, Job, asked_by
from streamlit_app.readers.rule_files import RuleFiles
from streamlit_app.score_plots import Compared, chart_of, compared
from streamlit_app.session import View
from streamlit_app.tables import table
from streamlit_app.trouble import every

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
        _form(view, file, found)
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
        _show(view, job)


def _form(view: View, file: RuleFile, found: RuleFiles) -> None:
    say, rule = view.say, file.rule.id
    with st.expander(say["backtest_start"], icon=":material/science:"), st.form("backtest", border=False):
        dates = st.date_input(
            say["backtest_dates"], ASKED, min_value=FIRST, max_value=LAST, format="YYYY-MM-DD", key="backtest dates"
        )
        text = st.text_area(
            say["backtest_file"], found.texts[f"{rule}.toml"], height=320, max_chars=MOST_TEXT, key=f"backtest {rule}"
        )
        if not st.form_submit_button(say["backtest_start"], type="primary"):
            return
        if not isinstance(dates, tuple) or len(dates) < 2:
            st.error(say["dates_needed"])
            return
        first, last = dates
        request = asked_by(view.actor, rule, found.texts, text, (first, last + timedelta(days=1)))
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
    elif job.share is None:
        st.progress(0.0, markdown_text(view.say("backtest_prepares", rule=job.request.rule)))
    else:
        percent = round(100 * job.share)
        st.progress(job.share, markdown_text(view.say("backtest_runs", rule=job.request.rule, percent=percent)))


def _show(view: View, job: Job) -> None:
    say, request = view.say, job.request
    last = request.until - timedelta(days=1)
    st.text(say("backtest_of", rule=request.rule, first=request.first, last=last, by=request.by))
    if job.failure:
        st.error(say["backtest_failed"])
        st.text(job.failure)
        return
    figures = compared(job.scores)
    if not figures:
        st.info(say["nothing_here"])
        return
    st.vega_lite_chart(spec=chart_of(figures, say), alt=markdown_text(f"{say['backtest']}: {request.rule}"))
    head = [say["figure"], say["set_now"], say["set_changed"]]
    st.html(table(head, [_line(one, view) for one in figures], numbers=(1, 2)))
    stem = f"backtest-{request.rule}-{request.first}-{last}"
    lines = [(one.rule, one.figure, one.now, one.changed) for one in figures]
    csv, page, _ = st.columns([1, 2, 2])
    csv.download_button(
        say["download"], csv_text(("rule", "figure", "in force", "changed"), lines), f"{stem}.csv", "text/csv",
        on_click="ignore",
    )  # fmt: skip
    page.download_button(say["backtest_page"], job.page, f"{stem}.html", "text/html", on_click="ignore")


def _line(one: Compared, view: View) -> list[str]:
    return [
        view.say[f"score_{one.figure}"],
        *("–" if value is None else f"{value:,.2f}" for value in (one.now, one.changed)),
    ]
