"""What two rule sets came to on the same rows: every rule's figures side by side, one of them drawn, all plots."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import timedelta

import streamlit as st

from streamlit_app.inert import bare, csv_text, element, markdown_text, together
from streamlit_app.readers.backtests import Job
from streamlit_app.score_plots import OVERVIEW, Compared, by_rule, change_text, chart_of, compared, differs
from streamlit_app.session import View
from streamlit_app.tables import table


def draw(view: View, job: Job) -> None:
    """The job that ended."""
    say, request = view.say, job.request
    last = request.until - timedelta(days=1)
    now, other = (f"{say[f'set_{one.name}']} {one.version}".strip() for one in request.sets)
    st.text(
        bare(
            say(
                "backtest_of",
                rule=f"{subject(job, view)}: {now} / {other}",
                first=request.first,
                last=last,
                by=request.by,
            )
        )
    )
    if job.failure:
        st.error(say["backtest_failed"])
        st.text(job.failure)
        return
    figures = compared(job.scores)
    if not figures:
        st.info(say["nothing_here"])
        return
    rules = by_rule(figures)
    if not request.rule:
        _overview(view, rules, job, (now, other))
    _one(view, rules, (now, other))
    stem = f"backtest-{request.rule or request.sets[1].name}-{request.first}-{last}"
    lines = [(one.rule, one.figure, one.now, one.changed) for one in figures]
    header = ("rule", "figure", "in force", request.sets[1].name)
    csv, page, _ = st.columns([1, 2, 2])
    csv.download_button(say["download"], csv_text(header, lines), f"{stem}.csv", "text/csv", on_click="ignore")
    page.download_button(say["backtest_page"], job.page, f"{stem}.html", "text/html", on_click="ignore")
    _plots(view, job)


def subject(job: Job, view: View) -> str:
    """What is judged: a rule, or all of them."""
    return job.request.rule or view.say["all_rules"]


def _overview(view: View, rules: dict[str, list[Compared]], job: Job, sets: tuple[str, str]) -> None:
    say = view.say
    count = sum(map(differs, rules.values()))
    parts = [element("p", say("rules_differ", count=count, of=len(rules), now=sets[0], other=sets[1]))]
    rows = []
    for rule, figures in rules.items():
        cells = {one.figure: change_text(one) for one in figures}
        rows.append([rule, *(cells.get(name, "–") for name in OVERVIEW)])
    head = [say["rule"], *(say[f"score_{name}"] for name in OVERVIEW)]
    parts.append(table(head, rows, numbers=range(1, len(head))))
    if silent := sorted({str(score["rule"]) for one in job.scores for score in one} - rules.keys()):
        parts.append(element("p", say("rules_unmeasured", rules=", ".join(silent)), class_="sem-small"))
    st.html(together(parts))


def _one(view: View, rules: dict[str, list[Compared]], sets: tuple[str, str]) -> None:
    say = view.say
    chosen = next(iter(rules))
    if len(rules) > 1:
        chosen = st.selectbox(say["rule"], list(rules), key="backtest shown") or chosen
    figures = rules[chosen]
    st.vega_lite_chart(spec=chart_of(figures, sets, say), alt=markdown_text(f"{say['backtest']}: {chosen}"))
    st.html(table([say["figure"], *sets], [_line(one, view) for one in figures], numbers=(1, 2)))


def _line(one: Compared, view: View) -> Sequence[str]:
    values = ("–" if value is None else f"{value:,.2f}" for value in (one.now, one.changed))
    return [view.say[f"score_{one.figure}"], *values]


def _plots(view: View, job: Job) -> None:
    """Those of the page, as pictures, in which nothing can run; drawn once somebody opens them."""
    opened = st.expander(view.say["backtest_plots"], key="backtest plots", on_change="rerun")
    if not opened.open:
        return
    with opened:
        for number, plot in enumerate(job.plots, 1):
            source = f"data:image/svg+xml;base64,{b64encode(plot.encode()).decode()}"
            st.html(element("img", src=source, alt=f"{view.say['backtest_plots']}, {number}", class_="sem-plot"))
