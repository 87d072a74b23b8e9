"""What must not happen in the app: a field that acts, somebody who may not and does, a traceback for an answer."""

import csv
import io
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from alerts.advice import AdviceDesk
from alerts.documents import Documents
from alerts.history import History
from alerts.open_lights import light_key
from alerts.operator import Operator
from alerts.selectors import Selector
from rules.rule import Words
from schemas.errors import Transient
from schemas.lights import Light
from streamlit_app.access import Actor, NotAllowedError
from streamlit_app.readers.stage import Stage, now_utc
from streamlit_app.settings import AppSettings
from tests.alerts.samples import catalog, row, rule
from tests.browser import PATIENCE_MS
from tests.faulty_proxy import Fate, FaultyProxy
from tests.integration.alert_desk import AlertDesk
from tests.integration.app_server import NEEDS_BROWSER, ROOT, AppServer, advise, red, screen, serving, tile

pytestmark = [pytest.mark.integration, NEEDS_BROWSER]

HOSTILE = '<img src=x onerror="window.acted=1"><script>window.acted=1</script>[x](javascript:window.acted=1)\u202eXAL'
FORMULA = '=HYPERLINK("http://x","y")'

STORED = {
    "/": ".sem-tile", "/route?route=JFK-LAX": "h1.sem-headline", "/alerts": ".sem-choices", "/rules": "text=Backtest",
    "/status": ".sem-table", "/audit": "text=Day (UTC)",
}  # fmt: skip
"""The pages that need the tables, and what each shows once they answer."""


@pytest.fixture(scope="module")
def app(desk: AlertDesk, app_folder: Path) -> Iterator[AppServer]:
    with serving(desk.environment(), app_folder, local_role="admin") as running:
        yield running


@pytest.fixture
def stage(desk: AlertDesk, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The app's door to the stores, in this process."""
    for name, value in desk.environment().items():
        monkeypatch.setenv(name, value)
    return Stage(AppSettings.read({}), desk.settings, now_utc)


def acted(page: Page) -> bool:
    """Whether anything in the page did what the hostile text says, or could: an element that it made."""
    made = page.evaluate(
        "() => [...document.querySelectorAll('img[src=x], script:not([src]), a[href^=\"javascript:\"]')]"
        ".filter((node) => node.outerHTML.includes('acted')).length"
    )
    return bool(page.evaluate("() => window.acted === 1") or made)


def test_text_from_outside_is_text_on_every_page_and_in_every_download(
    desk: AlertDesk, browser: Browser, app: AppServer
) -> None:
    """A rule's title and advice, what operators write, and a name in the address."""
    words = Words(en=HOSTILE, es=HOSTILE)
    worker = desk.worker(rules=catalog(rule(title=words, advice=words)))
    worker.semaforo.process([[row(0, 9, entity="JFK-SJU")], [row(10, 6, entity="JFK-SJU")]])
    alert = next(one.alert_id for one in desk.log("JFK-SJU") if one.transition.to_light is Light.RED)
    now = datetime.now(UTC)
    operator = Operator(desk.dynamodb, desk.settings, History(desk.dynamodb, desk.settings))
    operator.acknowledge(light_key("route", "JFK-SJU", "late"), HOSTILE, HOSTILE, now)
    operator.silence(Selector(rule=("nothing",)), HOSTILE, HOSTILE, now, now + timedelta(hours=1))
    advise(desk, "JFK-SJU", alert, HOSTILE)
    desk_of_advice = AdviceDesk(Documents(desk.dynamodb, desk.settings))
    desk_of_advice.answer("JFK-SJU", alert, "accepted", HOSTILE, HOSTILE, now)
    with screen(browser, app) as shown:
        for address, until in (
            ("/", tile("JFK-SJU")),
            ("/?kiosk=worst", ".sem-tile"),
            ("/route?embed=true&route=JFK-SJU", "text=accepted by"),
            (f"/?airport={HOSTILE}&light={HOSTILE}", ".sem-tile"),
            ("/route?route=JFK-SJU", ".sem-table >> text=window.acted"),
            (f"/route?route={HOSTILE}", "text=Nothing is known of"),
            (f"/alerts?alert={alert}", "text=Why was I (not) told?"),
            (f"/alerts?alert={HOSTILE}", "text=No alert"),
            ("/alerts?box=silences", "text=window.acted"),
            ("/alerts?box=told", ".sem-choices"),
            ("/status", ".sem-table"),
        ):
            page = shown.open(address.replace("#", "%23"), until)
            assert not acted(page), address
            assert "\u202e" not in page.inner_text("body"), address
        assert [error for error in shown.errors if "Content Security Policy" in error] == []
        assert shown.outside == []


def test_hostile_text_would_be_seen_acting(desk: AlertDesk, browser: Browser, app: AppServer) -> None:
    """The negative control: the same text as HTML. Even then no script runs: the server's headers forbid it."""
    red(desk, "JFK-LAX")
    with screen(browser, app) as shown:
        page = shown.open("/", tile("JFK-LAX"))
        page.evaluate("(text) => { document.querySelector('.sem-board').innerHTML = text }", HOSTILE)
        assert acted(page)
        page.wait_for_timeout(300)
        assert page.evaluate("() => window.acted") is None
        assert any("Content Security Policy" in error for error in shown.errors)


def test_a_download_holds_no_formula(desk: AlertDesk, browser: Browser, app: AppServer, stage: Stage) -> None:
    red(desk, "JFK-LAX")
    stage.silence(Actor("ana", "operator"), Selector(rule=("nothing",)), timedelta(hours=1), FORMULA)
    with screen(browser, app) as shown:
        page = shown.open("/audit", "text=Download as CSV")
        with page.expect_download() as downloading:
            page.get_by_role("button", name="Download as CSV").click()
        text = Path(downloading.value.path()).read_text(encoding="utf-8")
        rows = list(csv.reader(io.StringIO(text)))
        assert f"'{FORMULA}" in [cell for line in rows for cell in line]
        assert formulas(rows) == []
    kept = [[one.comment] for one in stage.deeds(Actor("root", "admin"), datetime.now(UTC).date())]
    assert formulas(kept) == [FORMULA], "the negative control: as it is kept it is one"


def formulas(rows: list[list[str]]) -> list[str]:
    return [cell for line in rows for cell in line if cell.startswith(("=", "+", "-", "@"))]


def test_a_viewer_sees_and_cannot_act(desk: AlertDesk, browser: Browser, app: AppServer, app_folder: Path) -> None:
    alert = red(desk, "JFK-PHX")
    with (
        serving(desk.environment(), app_folder, local_role="viewer") as for_viewers,
        screen(browser, for_viewers) as shown,
        screen(browser, app) as control,
    ):
        page = shown.open(f"/alerts?alert={alert}", "text=Viewers see and do not act.")
        page.wait_for_selector("text=Why was I (not) told?")
        assert page.locator("[data-testid=stForm]").count() == 0
        control.open(f"/alerts?alert={alert}", "summary >> text=Acknowledge")

        advise(desk, "JFK-PHX", alert)
        page = shown.open("/route?route=JFK-PHX", "text=Viewers see and do not act.")
        page.wait_for_selector("text=swap the tails of")
        assert page.locator("[data-testid=stForm]").count() == 0
        control.open("/route?route=JFK-PHX", "summary >> text=Answer")

        page = shown.open("/audit", "text=/not found|Your role does not allow this/i")
        assert page.locator(".sem-table").count() == 0
        assert page.get_by_text("Audit", exact=True).count() == 0
        control.open("/audit", "text=Day (UTC)")


def test_no_role_reaches_past_the_door(desk: AlertDesk, stage: Stage) -> None:
    """Whatever a page shows: the stores are asked through one door, and what is refused is written down."""
    red(desk, "JFK-SAN")
    key, today = light_key("route", "JFK-SAN", "late"), datetime.now(UTC).date()
    viewer, operator, admin = Actor("vera", "viewer"), Actor("ana", "operator"), Actor("root", "admin")
    for refused in (
        lambda: stage.acknowledge(viewer, key, "mine"),
        lambda: stage.snooze(viewer, key, timedelta(hours=1), "mine"),
        lambda: stage.silence(viewer, Selector(rule=("late",)), timedelta(hours=1), "mine"),
        lambda: stage.unsilence(viewer, "silence-000000"),
        lambda: stage.acknowledge_storm(viewer, "airport-JFK", "mine"),
        lambda: stage.advised.answer(viewer, "JFK-SAN", "an-alert", "accepted", "mine"),
        lambda: stage.deeds(viewer, today),
        lambda: stage.deeds(operator, today),
    ):
        with pytest.raises(NotAllowedError):
            refused()
    entry = desk.log("JFK-SAN")[-1]
    assert "acknowledged" not in [action for _, action, _ in entry.decisions]
    stage.acknowledge(operator, key, "mine")
    assert desk.log("JFK-SAN")[-1].decisions[-1][2] == "by ana: mine"
    deeds = [(one.who, one.action, one.outcome) for one in stage.deeds(admin, today)]
    assert deeds.count(("vera", "acknowledge", "refused")) == 2
    assert ("vera", "silence", "refused") in deeds
    assert ("vera", "accepted", "refused") in deeds
    assert ("ana", "acknowledge", "done") in deeds


def test_what_cannot_be_written_down_is_not_done(
    desk: AlertDesk, proxy: FaultyProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in desk.environment(proxy.url).items():
        monkeypatch.setenv(name, value)
    red(desk, "JFK-PDX")
    behind = Stage(AppSettings.read({}), desk.settings, now_utc)

    def plan(operation: str) -> Fate:
        return "refuse" if operation == "PutItem" else "pass"

    proxy.plan = plan
    with pytest.raises(Transient):
        behind.acknowledge(Actor("ana", "operator"), light_key("route", "JFK-PDX", "late"), "mine")
    assert "acknowledged" not in [action for _, action, _ in desk.log("JFK-PDX")[-1].decisions]


def refuse(_operation: str) -> Fate:
    return "refuse"


def throttle(_operation: str) -> Fate:
    return "throttle"


def test_with_the_cloud_away_or_throttled_every_page_says_so_and_goes_on_by_itself(
    desk: AlertDesk, browser: Browser, proxy: FaultyProxy, app_folder: Path
) -> None:
    """Then again with lights that were read: they stay, and the page says how old they are. Last the server is gone."""
    red(desk, "JFK-LAX")
    proxy.plan = refuse
    with (
        serving(desk.environment(proxy.url), app_folder, stale_after_seconds=3) as server,
        ExitStack() as screens,
    ):
        pages = []
        for address in STORED:
            shown = screens.enter_context(screen(browser, server))
            pages.append(shown.open(address, "text=The tables do not answer"))
            expect(pages[-1].get_by_role("button", name="Try again")).to_be_visible()
        proxy.plan = throttle
        for page in pages:
            page.wait_for_selector("text=The tables are throttled")
            expect(page.locator(".stMain")).to_contain_text("It passes by itself")
        pages[-1].get_by_role("button", name="Try again").click()
        proxy.plan = lambda _operation: "pass"
        for address, page in zip(STORED, pages, strict=True):
            page.wait_for_selector(STORED[address], timeout=3 * PATIENCE_MS)
            expect(page.get_by_role("button", name="Try again")).to_have_count(0)

        board = pages[0]
        for plan in (throttle, refuse):
            proxy.plan = plan
            board.wait_for_selector(".sem-stale >> text=has not been able to read the lights")
            assert board.locator(tile("JFK-LAX", Light.RED)).count() == 1
            proxy.plan = lambda _operation: "pass"
            board.wait_for_selector(".sem-stale", state="detached")
        assert "Traceback" not in server.log
        server.process.kill()
        board.wait_for_selector(".sem-stale >> text=This page has heard nothing")
        assert board.locator(tile("JFK-LAX")).count() == 1, "what was known is still to be seen"


def test_a_stage_that_is_not_there_is_named(desk: AlertDesk, browser: Browser, app_folder: Path) -> None:
    with (
        serving({**desk.environment(), "SEMAFORO_STAGE": "nowhere"}, app_folder) as server,
        screen(browser, server) as shown,
    ):
        shown.open("/", "text=This stage has no such tables here")
        assert "Traceback" not in server.log


def start(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "streamlit_app", *arguments]
    env = {"PATH": "/usr/bin:/bin", **environment}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_it_does_not_start_where_it_cannot_serve(desk: AlertDesk) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = start(desk.environment(), "--port", str(port))
        assert done.returncode == 2
        assert f"port {port} is taken" in done.stderr
    nobody = desk.environment("http://127.0.0.1:1")
    done = start(nobody)
    assert (done.returncode, "the tables do not answer" in done.stderr) == (2, True)
    done = start({**desk.environment(), "SEMAFORO_STAGE": "nowhere"})
    assert (done.returncode, "no such tables here (SEMAFORO_STAGE=nowhere)" in done.stderr) == (2, True)
    done = start(desk.environment(), "--address", "0.0.0.0")  # noqa: S104
    assert (done.returncode, "only on loopback" in done.stderr) == (2, True)
    assert "Traceback" not in done.stderr
