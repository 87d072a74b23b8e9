"""The app's pages of rules, operations and Tableau in a real browser: real tables, real brokers, a stand-in Tableau."""

import http.server
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import msgspec
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from playwright.sync_api import Browser, Page, TimeoutError, expect

from alerts.documents import Documents
from alerts.live_catalog import publish
from deploy.local.brokers import KafkaCluster
from lambdas.flight_states import FlightView, Report, Version
from lambdas.flights import put_if_later
from rules.backtest import backtest
from rules.bundle import pack, unpack
from rules.load import CATALOG_FOLDER, load_catalog, load_file
from schemas.codec import encode
from schemas.events import MODELLED, AirportWeather, DeadLetter, FlightState, RouteHeartbeat
from schemas.topics import topic_name
from streamlit_app.access import Actor, NotAllowedError
from streamlit_app.readers.backtests import Request, beside_changed
from streamlit_app.readers.stage import Stage, now_utc
from streamlit_app.settings import AppSettings
from tests.browser import PATIENCE_MS, serious_findings
from tests.integration.alert_desk import AlertDesk
from tests.integration.app_server import NEEDS_BROWSER, AppServer, red, screen, serving, wait_until
from tests.integration.flights_of_stage import create_flights_table
from tests.local_server import answering
from warehouse.batch_rows import write_rows
from warehouse.flights_2013 import data_set_folder

pytestmark = [pytest.mark.integration, NEEDS_BROWSER]

HOSTILE = '<img src=x onerror="window.acted=1">=1+1\u202eXAL'
SECRET = "only the server knows these words"
DAYS = (datetime(2013, 2, 8, tzinfo=UTC), datetime(2013, 2, 10, tzinfo=UTC))
RULE = "on_time_departure"
LIST_MS = 5_000
TEXT = (CATALOG_FOLDER / f"{RULE}.toml").read_text(encoding="utf-8")
CHANGED = TEXT.replace("min_n = 5", "min_n = 2")


class _Tableau(http.server.BaseHTTPRequestHandler):
    """A host that brings the script of the element, and in it no more than a mark that it ran."""

    SCRIPT = b"""
    customElements.define('tableau-viz', class extends HTMLElement { connectedCallback() { this.dataset.ran = 1 } })
    """

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(self.SCRIPT)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def tableau() -> Iterator[str]:
    with answering(_Tableau) as url:
        yield url


@pytest.fixture(scope="module")
def past_rows(app_folder: Path) -> Path:
    """Hourly rows of two real days."""
    path = app_folder / "rows.parquet"
    first, until = (at.date() for at in DAYS)
    write_rows(data_set_folder(), first, until, path, pane=timedelta(hours=1), windows=frozenset({"24h"}))
    return path


@pytest.fixture(scope="module")
def refused(broker: KafkaCluster) -> None:
    """Three heartbeats of which the KPI job has passed one, and a dead letter with a hostile reason."""
    now = datetime.now(UTC).replace(microsecond=0)
    beat = RouteHeartbeat(event_id="1", event_at=now, source="test", origin="JFK", destination="LAX")
    letter = DeadLetter(
        event_id="2", event_at=now, source="kpi-job", topic="test.flight-status", partition=0, offset=7,
        payload=encode(beat), reason=HOSTILE,
    )  # fmt: skip
    weather = AirportWeather(
        event_id="3", event_at=now, source="test", airport="LAX", observed_at=datetime(2013, 2, 8, 14, tzinfo=UTC),
        temperature_c=11.4, wind_kt=22.0, visibility_km=0.8,
    )  # fmt: skip
    before = msgspec.structs.replace(weather, observed_at=datetime(2013, 2, 8, 13, tzinfo=UTC), temperature_c=30.0)
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for one in (weather, before):
        producer.produce(topic_name("test", "airport-weather"), encode(one), partition=0)
    beats = topic_name("test", "route-heartbeat")
    for _ in range(3):
        producer.produce(beats, encode(beat), partition=0)
    producer.produce(topic_name("test", "dead-letters"), encode(letter), partition=1)
    producer.produce(topic_name("test", "dead-letters"), b"no letter at all", partition=1)
    assert producer.flush(30) == 0
    job = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "test.kpi-job", "enable.auto.commit": False})
    job.commit(offsets=[TopicPartition(beats, 0, 1)], asynchronous=False)
    job.close()


@pytest.fixture(scope="module")
def app(
    desk: AlertDesk, broker: KafkaCluster, refused: None, past_rows: Path, tableau: str, app_folder: Path
) -> Iterator[AppServer]:
    environment = {**desk.environment(), "SEMAFORO_KAFKA_BOOTSTRAP": broker.bootstrap}
    red(desk, "JFK-LAX")
    connected: dict[str, Any] = {
        "tableau_url": tableau, "tableau_view": "/t/air/views/Routes/Board", "tableau_client_id": "client-1",
        "tableau_secret_id": "secret-1", "tableau_secret": SECRET,
    }  # fmt: skip
    with serving(environment, app_folder, backtest_rows=past_rows, **connected) as running:
        yield running


@pytest.fixture
def stage(desk: AlertDesk, monkeypatch: pytest.MonkeyPatch) -> Stage:
    for name, value in desk.environment().items():
        monkeypatch.setenv(name, value)
    return Stage(AppSettings.read({}), desk.settings, now_utc)


PAGES = [
    (f"/rules?rule={RULE}&route=JFK-LAX", "text=/In force for|Vigente para/"),
    ("/operations", ".sem-table summary"),
    ("/tableau?route=JFK-LAX", "tableau-viz"),
]


@pytest.mark.parametrize(
    ("width", "colours", "language"), [(1440, "light", "en"), (390, "dark", "es")], ids=["desk", "phone"]
)
def test_every_page_is_for_everybody(
    browser: Browser, app: AppServer, tableau: str, width: int, colours: str, language: str
) -> None:
    with screen(browser, app, width=width, color_scheme=colours) as shown:
        for address, until in PAGES:
            joined = "&" if "?" in address else "?"
            page = shown.open(f"{address}{joined}lang={language}", until)
            assert serious_findings(page) == [], address
            assert page.evaluate("() => document.querySelector('.stMain').scrollWidth") <= width, address
        assert shown.errors == []
        assert [url for url in shown.outside if not url.startswith(f"{tableau}/javascripts/")] == []
    assert "Traceback" not in app.log


def test_each_rule_says_what_it_asks_and_that_its_tests_pass(browser: Browser, app: AppServer) -> None:
    with screen(browser, app) as shown:
        page = shown.open(f"/rules?rule={RULE}&route=JFK-LAX", "text=In force for JFK-LAX")
        expect(page.locator(".sem-table").first.locator("tbody tr")).to_have_count(len(load_catalog().rules))
        row = page.locator(".sem-table").first.locator("tbody tr").filter(has_text=RULE).last
        assert "77 / 72 %" in row.inner_text()
        assert "3 / 3 pass" in row.inner_text()
        expect(page.locator(".stMain")).to_contain_text("the rule itself, no override")
        expect(page.locator(".stMain")).to_contain_text("passes: 15, 8, 18, 22 of 24 on time")


def test_a_backtest_of_whole_rule_sets_runs_beside_the_server_and_its_figures_are_the_commands(
    browser: Browser, app: AppServer, past_rows: Path, tmp_path: Path
) -> None:
    """All rules in force beside a folder of two, one of them changed."""
    folder = tmp_path / "set"  # a long path is shown with a gap in its middle
    folder.mkdir()
    (folder / f"{RULE}.toml").write_text(CHANGED, encoding="utf-8")
    shutil.copy(CATALOG_FOLDER / "completion.toml", folder)
    catalogs = [load_catalog(), load_catalog(folder)]
    first = datetime(2013, 2, 4, tzinfo=UTC)
    now, other = (
        {score.rule: score for score in one.scores}
        for one in backtest(past_rows, catalogs, first, datetime(2013, 2, 11, tzinfo=UTC))
    )
    assert now[RULE].reds != other[RULE].reds
    with screen(browser, app) as shown:
        page = shown.open(f"/rules?rule={RULE}", "text=Backtest")
        page.locator("summary").filter(has_text="Start").click()
        page.get_by_label("The changed rule").fill("amber = nonsense")
        page.keyboard.press("Tab")
        page.get_by_role("button", name="Start").click()
        page.wait_for_selector("text=It did not work")
        page.locator("label").filter(has_text="a folder of rules of your own").click()
        page.locator("input[type=file]").set_input_files(folder)
        page.wait_for_selector("text=completion.toml")
        page.get_by_role("button", name="Start").click()
        ready = page.get_by_role("button", name="Download the page with all plots")
        expect(ready).to_be_visible(timeout=3 * PATIENCE_MS)  # it is nice to the others, and draws its page of plots
        line = page.locator(".sem-table tr").filter(has_text=f"{now[RULE].reds:,.2f} → {other[RULE].reds:,.2f}")
        expect(line.locator("td").first).to_have_text(RULE)
        gone = page.locator(".sem-table tr").filter(has_text="on_time_arrival_carrier").last.locator("td").nth(1)
        expect(gone).to_have_text(f"{now['on_time_arrival_carrier'].reds:,.2f} → –")
        expect(page.locator(".stMain")).to_contain_text("Nothing in these rows for: ")
        expect(page.locator(".stVegaLiteChart svg")).to_be_visible()
        page.locator("summary").filter(has_text="All plots").click()
        expect(page.locator("img.sem-plot").first).to_be_visible()
        assert page.evaluate("() => document.querySelector('img.sem-plot').naturalWidth") > 0
        with page.expect_download() as waiting:
            ready.click()
        assert "<svg" in waiting.value.path().read_text(encoding="utf-8")
        assert shown.errors == []


def choose(page: Page, label: str, option: str) -> None:
    """As a person does: Streamlit closes an open list when the page runs, maybe still for what was typed before, and
    then it is opened again."""

    def chosen() -> bool:
        page.get_by_label(label, exact=True).click()
        try:
            page.get_by_role("option", name=option).click(timeout=LIST_MS)
        except TimeoutError:
            return False
        return True

    wait_until(chosen)


def test_rules_of_any_version_that_was_published_can_be_held_against_and_what_is_typed_stays(
    desk: AlertDesk, browser: Browser, app: AppServer, stage: Stage, past_rows: Path, tmp_path: Path
) -> None:
    """While a job runs and ends, and while fields come and go, also in the same breath."""
    older, newer = (TEXT.replace("min_n = 5", f"min_n = {asked}") for asked in (10, 8))
    (tmp_path / f"{RULE}.toml").write_text(older, encoding="utf-8")
    catalogs = [load_catalog(CATALOG_FOLDER / f"{RULE}.toml"), load_catalog(tmp_path)]
    days = datetime(2013, 2, 4, tzinfo=UTC), datetime(2013, 2, 11, tzinfo=UTC)
    now, other = (one.scores[0].reds for one in backtest(past_rows, catalogs, *days))
    assert now != other
    documents, version = Documents(desk.dynamodb, desk.settings), unpack({**pack(), f"{RULE}.toml": older}).version
    for text in (older, newer, None):
        publish(documents, {**pack(), f"{RULE}.toml": text} if text else {}, datetime.now(UTC))
    assert [one.version for one in stage.rule_desk.in_force(Actor("ana", "viewer")).kept][1] == version
    typed, more = f"# mine\n{CHANGED}", f"# mine, again\n{CHANGED}"
    with screen(browser, app) as shown:
        page = shown.open(f"/rules?rule={RULE}", "text=Backtest")
        field, beside = page.get_by_label("The changed rule"), page.locator("label")
        page.locator("summary").filter(has_text="Start").click()
        field.fill(typed)
        beside.filter(has_text="all rules, as published before").click()
        expect(field).to_have_count(0)
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        choose(page, "Published", version)
        page.get_by_role("button", name="Start").click()
        page.wait_for_selector("text=/making the rows|of the rows judged/")
        beside.filter(has_text="all rules, this one changed").click()
        expect(field).to_have_value(typed)
        field.fill(more)  # and is still in it
        expect(page.get_by_role("button", name="Download the page with all plots")).to_be_visible(
            timeout=3 * PATIENCE_MS
        )
        expect(field).to_have_value(more)
        expect(field).to_be_focused()
        expect(page.locator(".stMain")).to_contain_text(f"in force / published {version}")
        line = page.locator(".sem-table tr").filter(has_text=f"{now:,.2f} → {other:,.2f}")
        expect(line.locator("td").first).to_have_text(RULE)
        assert shown.errors == []


def test_what_is_typed_stays_where_the_next_thing_is_a_link_to_another_page(browser: Browser, app: AppServer) -> None:
    """The link waits until the field has been heard: Streamlit's own order took the visitor back, or the text away."""
    with screen(browser, app) as shown:
        page = shown.open("/rules", "text=Backtest")
        form, field = page.locator("summary").filter(has_text="Start"), page.get_by_label("The changed rule")
        form.click()
        for turn in range(3):
            typed = f"# {turn}\n{TEXT}"
            field.fill(typed)
            page.get_by_test_id("stSidebarNavLink").filter(has_text="Board").click()
            page.wait_for_selector(".sem-tile")
            page.get_by_test_id("stSidebarNavLink").filter(has_text="Rules").click()
            page.wait_for_selector("text=Backtest")
            form.click()
            expect(field).to_have_value(typed)
        assert shown.errors == []


def test_a_viewer_starts_none_and_that_is_written_down(stage: Stage) -> None:
    viewer, sets = Actor("eva", "viewer"), beside_changed(RULE, {f"{RULE}.toml": TEXT}, TEXT, alone=True)
    first, until = (at.date() for at in DAYS)
    with pytest.raises(NotAllowedError):
        stage.rule_desk.start_backtest(viewer, Request(sets=sets, rule=RULE, first=first, until=until, by="eva"))
    assert stage.rule_desk.backtest(viewer) is None
    deeds = [(one.who, one.action, one.outcome) for one in stage.deeds(Actor("ana", "admin"), now_utc().date())]
    assert ("eva", "backtest", "refused") in deeds


def test_a_viewer_sees_no_form(desk: AlertDesk, browser: Browser, app_folder: Path) -> None:
    """And without brokers, metrics, history and Tableau each page says so."""
    environment = {**desk.environment(), "SEMAFORO_STAR_PATH": str(app_folder / "none.duckdb")}
    with serving(environment, app_folder, local_role="viewer") as server, screen(browser, server) as shown:
        page = shown.open(f"/rules?rule={RULE}", "text=Viewers see and do not act.")
        expect(page.get_by_label("The changed rule")).to_have_count(0)
        page = shown.open("/operations", "text=The brokers do not answer the app")
        expect(page.locator(".stMain")).to_contain_text("not known: CloudWatch has no figure here")
        page = shown.open("/tableau", "text=No Tableau is connected")
        expect(page.locator(".stMain")).to_contain_text("SEMAFORO_APP_TABLEAU_CLIENT_ID")
        page.get_by_role("button", name="Prepare the extract").click()
        page.wait_for_selector("text=There is no history to ask yet")
        page = shown.open("/history", "text=There is no history to ask yet")
        expect(page.locator(".stMain")).to_contain_text("make history")
        assert (shown.errors, shown.outside) == ([], [])
        assert "Traceback" not in server.log


def test_the_lag_is_what_the_job_has_left_and_letters_are_read(browser: Browser, app: AppServer) -> None:
    with screen(browser, app) as shown:
        page = shown.open("/operations", ".sem-table summary")
        beats = page.locator("tr").filter(has_text="route-heartbeat").locator("td").all_inner_texts()
        assert (beats[1], beats[2], beats[4]) == ("3", "3", "2")
        letters = page.locator("tr").filter(has_text="RouteHeartbeat v1")
        expect(letters).to_have_count(1)
        assert "0 / 7" in letters.inner_text()
        letters.locator("summary").click()
        expect(letters.locator("pre")).to_contain_text('"origin": "JFK"')
        latency = page.locator("tr").filter(has_text="event to alert").locator("td").nth(1).inner_text()
        assert "ms (n " in latency


def test_the_flights_behind_a_route(desk: AlertDesk, browser: Browser, app: AppServer) -> None:
    """First without the table, as a stage without feeds; then with flights that the feeds' own code put there, what
    their aircraft flew before, and the weather that stands on its topic."""
    with screen(browser, app) as shown:
        shown.open("/route?route=JFK-LAX", "text=This stage keeps no single flights")
        table = create_flights_table(desk)
        due = datetime(2013, 2, 8, 14, tzinfo=UTC)
        seen = FlightView(
            flight_id="1", route="JFK-LAX", carrier="B6", number=HOSTILE, origin="JFK", destination="LAX",
            state=FlightState.ARRIVED, is_corrected=False, scheduled_departure_at=due,
            scheduled_arrival_at=due + timedelta(hours=6), actual_departure_at=due + timedelta(minutes=23),
            actual_arrival_at=due + timedelta(hours=6, minutes=-4), tail="N1", aircraft_type=None, seats=150,
            passengers=120, cargo_kg=0, distance_km=3974, traffic_source=MODELLED, source="test", event_id="1",
            event_at=due,
        )  # fmt: skip
        # The same aircraft came in from Boston 50 minutes late, and is due out again while it is on its way there.
        inbound = msgspec.structs.replace(
            seen, flight_id="2", route="BOS-JFK", number="2", origin="BOS", destination="JFK",
            scheduled_departure_at=due - timedelta(hours=3), scheduled_arrival_at=due - timedelta(hours=2),
            actual_departure_at=due - timedelta(hours=2), actual_arrival_at=due - timedelta(minutes=70),
        )  # fmt: skip
        again = msgspec.structs.replace(
            seen, flight_id="3", number="3", state=FlightState.SCHEDULED,
            scheduled_departure_at=due + timedelta(hours=1), scheduled_arrival_at=due + timedelta(hours=7),
            actual_departure_at=None, actual_arrival_at=None,
        )  # fmt: skip
        for one in (seen, inbound, again):
            assert put_if_later(desk.dynamodb, table, Report(one, Version(1, 1)), due)
        page = shown.open("/route?route=JFK-LAX", "text=+23 min")
        cells = (
            page.locator("tr").filter(has_text="120 / 150").filter(has_text="+23 min").locator("td").all_inner_texts()
        )
        assert cells[2:] == ["arrived", "+23 min", "-4 min", "N1", "120 / 150 (modelled)"]
        assert "09:00 EST" in cells[1]
        rotation = page.locator("tr").filter(has_text="BOS-JFK +50 min")
        expect(rotation).to_have_count(2)
        expected = rotation.filter(has_text="expected, by its aircraft")
        assert "BOS-JFK +50 min → JFK-LAX -4 min" in expected.inner_text()
        expect(page.locator("h2").filter(has_text="What is going to be late")).to_be_visible()
        forecast = page.locator("tr").filter(has_text=" … ").locator("td").all_inner_texts()
        assert (forecast[0], forecast[2][-1]) == ("3", "%"), "the one that has not left"
        observed = page.locator("tr").filter(has_text="LAX Los Angeles").locator("td").all_inner_texts()
        assert observed[2:] == ["11.4 °C", "22.0 kt", "–", "–", "0.8 km", "–", "–"]
        assert page.locator("img[src=x]").count() == 0
        assert shown.errors == []


def test_hostile_rules_and_letters_are_text(desk: AlertDesk, browser: Browser, app: AppServer, stage: Stage) -> None:
    documents = Documents(desk.dynamodb, desk.settings)
    title = 'title = { en = "Late departures", es = "Salidas tarde" }'
    assert title in TEXT
    hostile = TEXT.replace(title, f"title = {{ en = '{HOSTILE}', es = '{HOSTILE}' }}").replace("min_n = 5", "min_n = 6")
    publish(documents, {**pack(), f"{RULE}.toml": hostile}, datetime.now(UTC))
    try:
        with screen(browser, app) as shown:
            for address, until in (
                (f"/rules?rule={RULE}", "text=published"),
                ("/operations", ".sem-table summary"),
            ):
                page = shown.open(address, until)
                assert "onerror" in page.inner_text(".stMain"), "it is there, as text"
                assert page.locator("img[src=x]").count() == 0
                assert not page.evaluate("() => window.acted === 1")
                assert "\u202e" not in page.inner_text("body")
            page.evaluate("text => { document.querySelector('.sem-table').innerHTML = text }", HOSTILE)
            assert page.locator("img[src=x]").count() == 1, "the negative control: as HTML it would be found"
        found = stage.rule_desk.in_force(Actor("ana", "viewer"))
        assert found.shipped == pack(), "what it can be held against"
    finally:
        publish(documents, {}, datetime.now(UTC))
    found = stage.rule_desk.in_force(Actor("ana", "viewer"))
    newest = stage.rule_desk.published(Actor("ana", "viewer"), found.kept[0].number)
    assert (newest[f"{RULE}.toml"], found.shipped) == (hostile, {})


def test_tableau_gets_a_token_and_the_browser_never_the_secret(browser: Browser, app: AppServer, tableau: str) -> None:
    frames: list[str] = []
    with screen(browser, app) as shown:
        shown.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(repr(frame))))
        page = shown.open("/tableau?route=JFK-LAX", "tableau-viz[data-ran]")
        viz = page.locator("tableau-viz")
        claims = jwt.decode(
            str(viz.get_attribute("token")), SECRET, algorithms=["HS256"], audience="tableau", issuer="client-1"
        )
        assert (claims["sub"], claims["scp"]) == ("ana", ["tableau:views:embed"])
        assert viz.get_attribute("src") == f"{tableau}/t/air/views/Routes/Board"
        only = viz.locator("viz-filter")
        assert (only.get_attribute("field"), only.get_attribute("value")) == ("route", "JFK-LAX")
        assert frames
        assert not any(SECRET in frame for frame in frames)
        assert SECRET not in page.content()
        assert {url.split("/javascripts")[0] for url in shown.outside} == {tableau}
        other = tableau.replace("127.0.0.1", "localhost")
        with page.expect_console_message(lambda said: "Content Security Policy" in said.text, timeout=PATIENCE_MS):
            page.evaluate("src => document.head.append(Object.assign(document.createElement('script'), {src}))", other)
        assert SECRET not in app.log


def test_the_file_of_a_rule_is_the_one_that_loads() -> None:
    """What the form starts from is sound, and so is what these tests change it to."""
    assert load_file(CATALOG_FOLDER / f"{RULE}.toml").rule.min_n == 5
    assert CHANGED != TEXT
