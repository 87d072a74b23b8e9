"""The app's history page in a real browser, on the star of two days of real flights."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import duckdb
import polars as pl
import pytest
from playwright.sync_api import Browser, Page, expect

from schemas.lights import WORST_FIRST
from schemas.rows import KpiRow
from streamlit_app.access import Actor
from streamlit_app.question_plots import PLOTS, chart_of
from streamlit_app.readers.past import Past
from streamlit_app.texts.questions import COLUMNS
from streamlit_app.words import speech
from tests.browser import serious_findings
from tests.integration.alert_desk import AlertDesk
from tests.integration.app_server import NEEDS_BROWSER, AppServer, Screen, screen, serving
from warehouse.answer import Span, ask, open_star
from warehouse.as_of import as_of
from warehouse.board_as_of import board_as_of
from warehouse.questions import questions
from warehouse.settings import HistorySettings

pytestmark = [pytest.mark.integration, NEEDS_BROWSER]

VIEWER = Actor("ana", "viewer")
BOTH_DAYS = Span(datetime(2013, 2, 8).date(), datetime(2013, 2, 10).date())  # noqa: DTZ001 - dates of flights
HOSTILE = '=HYPERLINK("x")<img src=x onerror="window.acted=1">\u202eXAL'


@pytest.fixture(scope="module")
def app(desk: AlertDesk, star: HistorySettings, app_folder: Path) -> Iterator[AppServer]:
    environment = {**desk.environment(), "SEMAFORO_STAR_PATH": str(star.star_path)}
    with serving(environment, app_folder, local_role="viewer") as running:
        yield running


def test_the_board_stands_as_each_route_did(star: HistorySettings, rows: list[KpiRow]) -> None:
    """Against what `as-of` says route by route."""
    at = datetime(2013, 2, 9, 6, tzinfo=UTC)
    with open_star(star.star_path) as connection:
        board = board_as_of(connection, at)
    alerts = {one.alert_id for one in board.lights}
    routes = {one.entity for one in board.lights if one.scope == "route"}
    assert len(routes) > 40
    for route in sorted(routes)[:12]:
        then = as_of(star.star_path, route, at).then
        assert {light.alert_id for light in then.lights} <= alerts
        assert then.lights
    assert max(one.since_at for one in board.lights) <= at
    scheduled = {row.entity for row in rows if at - timedelta(days=1) < row.at <= at}
    assert len(board.unturned) > 40
    assert {*board.unturned, *routes} == scheduled


def test_every_column_is_called_something_and_every_question_answered(star: HistorySettings) -> None:
    past = Past(star.star_path)
    for name, question in questions().items():
        answer = past.answer(VIEWER, name, BOTH_DAYS)
        assert set(answer.columns) <= COLUMNS.keys()
        with open_star(star.star_path) as connection:
            assert answer.equals(ask(connection, question, BOTH_DAYS))
        for measure in PLOTS[name].measures:
            chart_of(PLOTS[name], measure, answer.to_dicts(), speech("es"), dark=True)
        assert pl.read_parquet(io.BytesIO(past.parquet(VIEWER, name, BOTH_DAYS))).equals(answer)


def test_one_question_of_each_kind_is_a_page(browser: Browser, app: AppServer) -> None:
    """Bars, columns, a line, nothing: nobody flies ten times in two days. Waterfall and downloads are below."""
    with screen(browser, app) as shown:
        for name, until in (
            ("alert_quality", ".stVegaLiteChart svg"),
            ("delay_by_hour", ".stVegaLiteChart svg"),
            ("trends", ".stVegaLiteChart svg"),
            ("worst_flights", "text=Nothing between"),
        ):
            shown.open(f"/history?question={name}", until)
        assert (shown.errors, shown.outside) == ([], [])
    assert "Traceback" not in app.log


def test_figures_and_downloads_are_the_answer(browser: Browser, app: AppServer, star: HistorySettings) -> None:
    answer = Past(star.star_path).answer(VIEWER, "delay_by_cause", BOTH_DAYS)
    with screen(browser, app) as shown:
        page = shown.open("/history?question=delay_by_cause", ".stVegaLiteChart svg")
        first = answer.row(0, named=True)
        cells = page.locator(".sem-table tbody tr").first.locator("td").all_inner_texts()
        assert cells[:3] == [first["cause"], f"{first['delay_minutes']:,}", f"{first['all_delay_minutes']:,}"]
        got = downloaded(page, "Download as CSV")
        assert pl.read_csv(io.BytesIO(got)).columns == answer.columns
        assert pl.read_csv(io.BytesIO(got)).height == answer.height
        assert pl.read_parquet(io.BytesIO(downloaded(page, "Download as Parquet"))).equals(answer)


def downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=name).click()
    return waiting.value.path().read_bytes()


def test_dates_stand_in_the_address_and_the_bridge_meets_the_day_before(browser: Browser, app: AppServer) -> None:
    with screen(browser, app) as shown:
        page = shown.open("/history?question=margin_bridge&from=2013-02-09&to=2013-02-09", ".stVegaLiteChart svg")
        drawn = page.locator(".stVegaLiteChart svg").inner_html()
        assert "result before" in drawn
        assert "result now" in drawn
        expect(page.locator(".sem-table tbody tr")).to_have_count(8)
        assert "from=2013-02-09" in page.url


def test_the_board_of_a_past_moment(browser: Browser, app: AppServer, star: HistorySettings) -> None:
    at = datetime(2013, 2, 9, 6, tzinfo=UTC)
    board = Past(star.star_path).board(VIEWER, at)
    lights = [one.light for one in board.lights if one.scope == "route"] + ["GREY"] * len(board.unturned)
    with screen(browser, app) as shown:
        page = shown.open("/history?question=as_of&at=2013-02-09T06:00", ".sem-tile")
        expect(page.locator(".sem-tile")).to_have_count(len(lights))
        for light in WORST_FIRST:
            expect(page.locator(f'.sem-tile[data-light="{light}"]')).to_have_count(lights.count(light))
        slider = page.get_by_role("slider")
        slider.focus()
        page.keyboard.press("ArrowLeft")
        page.wait_for_url("**at=2013-02-09T05%3A55*")
        assert (shown.errors, shown.outside) == ([], [])


@pytest.mark.parametrize(
    "address", ["/history?question=as_of&at=2013-02-09T06:00", "/history?question=airline_performance"]
)
def test_history_is_for_everybody(browser: Browser, app: AppServer, address: str) -> None:
    """On a phone, in the dark, in Spanish; axe-core finds nothing that keeps people out."""
    with screen(browser, app, width=390, color_scheme="dark") as shown:
        until = ".sem-tile" if "as_of" in address else ".stVegaLiteChart svg"
        page = shown.open(f"{address}&lang=es", until)
        assert serious_findings(page) == []
        assert page.evaluate("() => document.querySelector('.stMain').scrollWidth") <= 390
        expect(page.locator(".stMain")).to_contain_text("Pregunta")
        assert (shown.errors, shown.outside) == ([], [])


def test_hostile_names_in_the_star_are_text(
    desk: AlertDesk, star: HistorySettings, browser: Browser, app_folder: Path, tmp_path: Path
) -> None:
    hostile = tmp_path / "warehouse.duckdb"
    hostile.write_bytes(star.star_path.read_bytes())
    with duckdb.connect(hostile) as connection:
        connection.execute("UPDATE star.dim_airline SET name = ?", [HOSTILE])
        change = 'UPDATE star.fct_light SET "transition" = replace("transition", \'too little\', ?)'
        connection.execute(change, [HOSTILE.replace('"', "'")])
    environment = {**desk.environment(), "SEMAFORO_STAR_PATH": str(hostile)}
    with serving(environment, app_folder) as server, screen(browser, server) as shown:
        for address, until in (
            ("/history?question=airline_performance", ".sem-table"),
            ("/history?question=as_of&at=2013-02-09T20:00", ".sem-tile"),
            (f"/history?question={quote(HOSTILE)}&at={quote(HOSTILE)}&from={quote(HOSTILE)}", ".sem-tile"),
        ):
            page = shown.open(address, until)
            if "airline" in address:
                csv = downloaded(page, "Download as CSV").decode()
                assert "'=HYPERLINK" in csv
                assert '"=HYPERLINK' not in csv
                assert "onerror" in page.inner_text(".sem-table"), "it is there, as text"
            assert page.locator("img[src=x]").count() == 0
            assert not page.evaluate("() => window.acted === 1")
            assert "\u202e" not in page.inner_text("body")
        assert shown.errors == []


def test_text_beside_nothing_would_act(browser: Browser, app: AppServer) -> None:
    """The negative control of the hostile names: the same text as HTML is found."""
    shown: Screen
    with screen(browser, app) as shown:
        page = shown.open("/history?question=delay_by_cause", ".sem-table")
        page.evaluate("text => { document.querySelector('.sem-table').innerHTML = text }", HOSTILE)
        assert page.locator("img[src=x]").count() == 1
