"""History: each named question with its plot, table and downloads; the board as it stood at any past moment.

`?question=margin_bridge&from=2013-02-01&to=2013-02-28` is one of them, dates inclusive; `?question=as_of&at=…` a board.
"""

from datetime import date, timedelta
from typing import Any, Final

import streamlit as st

from streamlit_app.inert import csv_text, element, markdown_text
from streamlit_app.question_plots import PLOTS, bridge_text, chart_of
from streamlit_app.readers.past import Dates, NoHistoryError
from streamlit_app.session import View
from streamlit_app.tables import table
from streamlit_app.texts.questions import QUESTIONS
from streamlit_app.views import as_of
from streamlit_app.words import Speech

AS_OF: Final = "as_of"
WITH_BEFORE: Final = {"margin_bridge"}
"""They compare with the days before as many, so without dates they are asked of the second half."""
MOST_ROWS: Final = 200
"""On the page; a year of routes has 224."""
_MODELLED: Final = ("money_modelled_flights", "traffic_modelled_flights")


def draw(view: View) -> None:
    """The page."""
    say = view.say
    try:
        whole = view.stage.past.span(view.actor)
        names = [AS_OF, *view.stage.past.questions(view.actor)]
        asked = st.query_params.get("question")
        name: str = st.selectbox(
            say["question"], names, index=names.index(asked) if asked in names else 0,
            format_func=lambda one: say[AS_OF] if one == AS_OF else say.question(one),
        )  # fmt: skip
        if name != asked:
            st.query_params["question"] = name
        if name == AS_OF:
            as_of.draw(view)
        elif span := _span(view, name, whole):
            _answer(view, name, span)
    except NoHistoryError as error:
        st.subheader(say["no_star"], anchor=False)
        st.markdown(markdown_text(say["no_star_why"]))
        with st.expander(say["detail"]):
            st.text(str(error))


def _span(view: View, name: str, whole: Dates) -> Dates | None:
    last = whole.until - timedelta(days=1)
    middle = last - (whole.until - whole.first) // 2 + timedelta(days=1)
    given = (_date("from") or (middle if name in WITH_BEFORE else whole.first), _date("to") or last)
    first, until = (min(max(one, whole.first), last) for one in sorted(given))
    chosen = st.date_input(
        view.say["dates"], (first, until), min_value=whole.first, max_value=last, format="YYYY-MM-DD"
    )
    if not isinstance(chosen, tuple) or len(chosen) < 2:  # the first of two was clicked
        st.info(view.say["dates_needed"])
        return None
    for name, day in zip(("from", "to"), chosen, strict=True):
        if st.query_params.get(name) != day.isoformat():
            st.query_params[name] = day.isoformat()
    return Dates(chosen[0], chosen[1] + timedelta(days=1))


def _date(name: str) -> date | None:
    try:
        return date.fromisoformat(st.query_params.get(name, ""))
    except ValueError:
        return None


def _answer(view: View, name: str, span: Dates) -> None:
    say, plot = view.say, PLOTS[name]
    question = view.stage.past.questions(view.actor)[name]
    answer = view.stage.past.answer(view.actor, name, span)
    st.html(element("p", question.text if say.language == "en" else QUESTIONS[name][2], class_="sem-title"))
    if not answer.height:
        st.info(markdown_text(say("no_answer", first=span.first, last=span.until - timedelta(days=1))))
        return
    measure = plot.measures[0]
    if len(plot.measures) > 1:
        measure = st.selectbox(say["measure"], plot.measures, format_func=say.column, key=f"measure {name}")
    rows = answer.to_dicts()
    dark = st.context.theme.type == "dark"
    spec = chart_of(plot, measure, rows, say, dark=dark)
    if spec is not None:
        alt = f"{say.question(name)}: {say.column(measure)}"
        st.vega_lite_chart(spec=spec, alt=markdown_text(alt), key=f"chart {name} {measure}")
    if modelled := modelled_flights(rows, of_all=plot.kind == "waterfall"):
        st.caption(markdown_text(say("modelled_answer", count=f"{modelled:,}")))
    _table(rows, answer.columns, say)
    if say.language == "en":
        st.caption(markdown_text(question.one_row_per))
    stem = f"{name}-{span.first}-{span.until - timedelta(days=1)}"
    csv, parquet, _ = st.columns([1, 1, 3])
    csv.download_button(
        say["download"], csv_text(answer.columns, answer.iter_rows()), f"{stem}.csv", "text/csv", on_click="ignore"
    )
    parquet.download_button(
        say["download_parquet"], view.stage.past.parquet(view.actor, name, span), f"{stem}.parquet",
        "application/vnd.apache.parquet", on_click="ignore",
    )  # fmt: skip


def modelled_flights(rows: list[dict[str, Any]], *, of_all: bool) -> int:
    """How many flights behind an answer have modelled money, or traffic where it speaks of that alone; `of_all`: every
    row says it of the whole answer."""
    column = next((name for name in _MODELLED if name in rows[0]), None)
    if column is None:
        return 0
    counts = [row[column] or 0 for row in rows]
    return counts[0] if of_all else sum(counts)


def _table(rows: list[dict[str, Any]], columns: list[str], say: Speech) -> None:
    numbers = [at for at, name in enumerate(columns) if any(isinstance(row[name], int | float) for row in rows)]
    lines = [[_cell(name, row[name], say) for name in columns] for row in rows[:MOST_ROWS]]
    st.html(table([say.column(name) for name in columns], lines, numbers=numbers))
    if len(rows) > MOST_ROWS:
        st.caption(markdown_text(say("first_rows", count=MOST_ROWS, rows=f"{len(rows):,}")))


def _cell(column: str, value: object, say: Speech) -> str:
    return bridge_text(str(value), say) if column == "term" else cell_text(value)


def cell_text(value: object) -> str:
    """ "–" for what is not known; numbers with thousands apart, two decimals where they have any."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
