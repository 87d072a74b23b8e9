"""Every question is one statement that DuckDB and Redshift both read, and both read the same way."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest
import sqlglot
from polars.testing import assert_frame_equal
from sqlglot import exp

from rules.load import load_catalog
from schemas.kpis import KPIS
from warehouse.answer import Span, ask, open_star
from warehouse.questions import Question, question, questions, read, without_comments

YEAR = Span(date(2013, 1, 1), date(2014, 1, 1))
NAMES = sorted(questions())
Answer = Callable[[str], pl.DataFrame]
# Redshift's reserved words that a column alias could come to be (AWS, "Reserved words").
RESERVED = {
    "analyze", "array", "authorization", "backup", "between", "binary", "both", "column", "delta", "default", "end",
    "explicit", "group", "identity", "leading", "minus", "natural", "new", "off", "offline", "offset", "old", "only",
    "open", "order", "outer", "partition", "percent", "placing", "references", "respect", "session_user", "some",
    "system", "table", "tag", "trailing", "user", "using", "wallet", "when", "where", "without",
}  # fmt: skip


def test_there_are_the_questions_that_were_asked_for() -> None:
    assert {
        "airline_performance", "route_ranking", "delay_by_hour", "delay_by_cause", "trends", "season_effect",
        "turnaround_against_passengers", "margin_bridge", "alert_quality",
    } <= set(NAMES)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dialect", ["duckdb", "redshift"])
def test_it_is_one_select_in_both_dialects(name: str, dialect: str) -> None:
    (statement,) = sqlglot.parse(without_comments(question(name).sql), read=dialect)
    assert isinstance(statement, exp.Select)
    aliases = {alias.alias.lower() for alias in statement.find_all(exp.Alias, exp.CTE)}
    assert not aliases & RESERVED
    assert not list(statement.find_all(exp.Filter, exp.Qualify)), "Redshift has no FILTER"
    assert not list(statement.find_all(exp.Star)) or "select *" not in question(name).sql


def span_of(name: str) -> Span:
    return Span(date(2013, 7, 1), date(2013, 8, 1)) if name == "margin_bridge" else YEAR


@pytest.fixture(scope="module")
def answer(year_star: Path) -> Iterator[Answer]:
    """What a question says of 2013, asked once."""
    with open_star(year_star) as star:
        yield cache(lambda name: ask(star, question(name), span_of(name)))


@pytest.mark.parametrize("name", NAMES)
def test_redshift_reads_the_same_question(name: str, year_star: Path, answer: Answer) -> None:
    as_redshift = sqlglot.transpile(without_comments(question(name).sql), read="redshift", write="duckdb")[0]
    other = Question(name, "", "", "", re.sub(r"\$(first|until)\b", r":\1", as_redshift))
    with open_star(year_star) as star:
        # Sums of floats differ in the last digit by which thread came first.
        assert_frame_equal(answer(name), ask(star, other, span_of(name)))


@pytest.mark.parametrize("name", NAMES)
def test_it_opens_with_what_it_is(name: str) -> None:
    one = question(name)
    assert one.text.endswith("?")
    assert one.parameter_names == {"first", "until"}
    assert all(parameter in one.parameters for parameter in one.parameter_names)
    assert one.one_row_per.startswith("One row per ")


@pytest.mark.parametrize("name", NAMES)
def test_ratios_stand_beside_counts_and_modelled_money_is_marked(name: str, answer: Answer) -> None:
    columns = set(answer(name).columns)
    beside = {
        "on_time_arrival_pct": {"flights" if "flights" in columns else "flights_in", "arrivals_on_time"},
        "on_time_departure_pct": {"departures", "departures_on_time"},
        "load_factor_pct": {"passenger_km", "seat_km"},
        "margin_pct": {"revenue_usd_cents", "cost_usd_cents", "money_modelled_flights"},
        "mean_arrival_delay_minutes": {"arrival_delay_minutes", "arrivals"},
        "confirmed_pct": {"confirmed", "judged"},
    }
    for ratio, counts in beside.items():
        assert ratio not in columns or counts <= columns
    if any("usd_cents" in column for column in columns):
        assert "money_modelled_flights" in columns


def test_alert_quality_knows_the_kpi_of_every_rule() -> None:
    sql = question("alert_quality").sql
    lower_is_better = re.search(r"when light\.kpi in \((.*?)\) then -1", sql, re.DOTALL)
    assert lower_is_better
    named = set(re.findall(r"'(\w+)'", lower_is_better.group(1)))
    for rule in load_catalog().rules.values():
        assert sql.count(f"when '{rule.kpi_name}' then") == 2, rule.id
        assert (KPIS[rule.kpi_name].direction == "lower is better") == (rule.kpi_name in named)
        assert (rule.against is None) == (rule.kpi_name != "load_factor"), "seats are filled beyond break-even"


@pytest.mark.parametrize("sql", ["select 1", "-- A question?\nselect 1", "-- No question\n-- Parameters: x\nselect 1"])
def test_a_file_that_says_nothing_of_itself_is_refused(sql: str) -> None:
    with pytest.raises(ValueError, match="must open with its question"):
        read("some", sql)
