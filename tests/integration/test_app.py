"""The app in a real browser, on tables that the live path's own code filled."""

import re
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import pytest
from playwright.sync_api import Browser, Page, expect

from alerts.advice import AdviceDesk
from alerts.documents import Documents
from alerts.explain import explain
from schemas.lights import Light
from tests.alerts.samples import row
from tests.browser import serious_findings
from tests.integration.alert_desk import AlertDesk
from tests.integration.app_server import (
    NEEDS_BROWSER,
    AppServer,
    Screen,
    advise,
    red,
    screen,
    serving,
    tile,
    wait_until,
)

pytestmark = [pytest.mark.integration, NEEDS_BROWSER]


FAR = "ATL AUS BNA BOS BUF CLE CLT CMH DCA DEN DFW DTW FLL IAH MCI MCO"


OVERLAPPING = """() => {
    const boxes = [...document.querySelectorAll('.sem-code')].map((code) => code.getBoundingClientRect());
    const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    return boxes.filter((box, at) => boxes.slice(at + 1).some((other) => meet(box, other))).length;
}"""
"""How many codes of airports on the map another one covers."""


class Show(Protocol):
    """A screen; how wide, in which colours."""

    def __call__(self, **context: object) -> AbstractContextManager[Screen]: ...


@pytest.fixture(scope="module")
def app(desk: AlertDesk, app_folder: Path) -> Iterator[AppServer]:
    with serving(desk.environment(), app_folder, local_role="admin", kiosk_seconds=1) as running:
        yield running


@pytest.fixture
def show(browser: Browser, app: AppServer) -> Show:
    return lambda **context: screen(browser, app, **context)


def test_an_empty_system_says_so_and_the_board_comes_by_itself(desk: AlertDesk, show: Show) -> None:
    """First in the file: the tables are empty."""
    with show() as shown:
        page = shown.open("/", "text=No light yet")
        expect(page.get_by_role("button", name="Try again")).to_be_visible()
        desk.process(row(0, 9, entity="JFK-BOS"))
        page.wait_for_selector(tile("JFK-BOS", Light.GREEN))
        assert shown.errors == []


def test_a_tile_says_what_and_on_what_evidence(desk: AlertDesk, show: Show) -> None:
    red(desk, "JFK-LAX")
    with show() as shown:
        page = shown.open("/", tile("JFK-LAX", Light.RED))
        text = page.inner_text(tile("JFK-LAX"))
        # 6 of 10 on time; 0 minutes late are US$ 0, so no money is shown.
        assert "60.0 %" in text
        assert "6 / 10 (n 10), last 24 h" in text
        assert "2013-02-08 12:10Z" in text
        assert page.locator(".sem-group[data-airport=JFK] h3").inner_text().startswith("JFK")
        expect(page.locator("path.sem-arc-RED")).to_have_count(1)
        expect(page.locator(".sem-fresh")).to_contain_text("data up to 2013-02-08 12:")
        assert page.locator("[data-testid=stMultiSelect]").count() == 0, "closed filters are not drawn"
        open_expander(page, "Filters")
        page.get_by_role("button", name="green").click()
        page.wait_for_url("**/*light=GREEN*")
        expect(page.locator(tile("JFK-LAX"))).to_have_count(0)
        open_expander(page, "Filters")
        expect(page.locator("[data-testid=stMultiSelect]")).to_have_count(0)
        expect(page.locator(tile("JFK-LAX"))).to_have_count(0)  # closed, they still hold: they stand in the address
        assert (shown.errors, shown.outside) == ([], [])


def test_a_light_that_turns_is_seen_within_two_seconds_and_nothing_else_is_drawn(desk: AlertDesk, show: Show) -> None:
    """The best of three: on a crowded machine one may wait for the browser alone."""
    routes = ("JFK-SFO", "JFK-SEA", "JFK-DEN")
    desk.process(*(row(0, 9, entity=route) for route in (*routes, "JFK-MIA")))
    with show() as shown:
        page = shown.open("/", tile(routes[-1], Light.GREEN))
        page.evaluate(f"() => document.querySelector('{tile('JFK-MIA')}').dataset.mine = 'kept'")
        page.evaluate("() => { window.kept = true }")
        page.locator(tile(routes[-1])).focus()
        taken = []
        for route in routes:
            desk.process(row(10, 6, entity=route))
            since = time.monotonic()
            page.wait_for_selector(tile(route, Light.RED))
            taken.append(time.monotonic() - since)
        assert min(taken) < 2
        assert page.evaluate("() => window.kept") is True, "no page was loaded anew"
        assert page.get_attribute(tile("JFK-MIA"), "data-mine") == "kept", "a tile that did not change was not drawn"
        expect(page.locator(tile(routes[-1]))).to_be_focused()  # it was drawn anew, and went elsewhere
        first = page.locator(".sem-group[data-airport=JFK] .sem-tile").first
        assert first.get_attribute("data-light") == "RED", "worst first"


PAGES = (
    ("/", ".sem-tile"),
    ("/?kiosk=worst", ".sem-tile"),
    ("/route?route=JFK-LAX", ".stVegaLiteChart svg"),
    ("/route?embed=true&route=JFK-LAX", ".stVegaLiteChart svg"),
    ("/alerts?alert={alert}", "pre.sem-text >> visible=true"),
    ("/status", ".sem-table"),
    ("/audit", "h1, [data-testid=stAlert], .sem-table"),
)


@pytest.mark.parametrize(
    ("width", "colours", "language"), [(1440, "light", "en"), (390, "dark", "es")], ids=["desk", "phone"]
)
def test_every_page_is_for_everybody(
    desk: AlertDesk, show: Show, app: AppServer, width: int, colours: str, language: str
) -> None:
    """axe-core finds nothing that keeps people out; nothing is wider than a phone; no error in any log."""
    alert = red(desk, "JFK-LAX")
    advise(desk, "JFK-LAX", alert)
    with show(width=width, color_scheme=colours) as shown:
        for address, until in PAGES:
            joined = "&" if "?" in address else "?"
            page = shown.open(f"{address.format(alert=alert)}{joined}lang={language}", until)
            assert serious_findings(page) == [], address
            assert page.evaluate("() => document.documentElement.scrollWidth") <= width, address
            assert page.evaluate("() => document.querySelector('.stMain').scrollWidth") <= width, address
            background = page.evaluate("() => getComputedStyle(document.querySelector('.stApp')).backgroundColor")
            assert background == ("rgb(255, 255, 255)" if colours == "light" else "rgb(14, 17, 23)"), address
        assert (shown.errors, shown.outside) == ([], [])
    assert "Traceback" not in app.log


def test_axe_does_find_what_keeps_people_out(desk: AlertDesk, show: Show) -> None:
    """The negative control of the test above."""
    red(desk, "JFK-LAX")
    with show() as shown:
        page = shown.open("/", ".sem-tile")
        page.evaluate("() => { document.querySelector('.sem-fresh').style.color = '#eeeeee' }")
        page.evaluate("() => document.querySelector('.sem-board').append(document.createElement('img'))")
        found = " ".join(serious_findings(page))
        assert "color-contrast" in found
        assert "image-alt" in found


def test_spanish_by_address_and_by_switch(desk: AlertDesk, show: Show) -> None:
    red(desk, "JFK-LAX")
    with show() as shown:
        page = shown.open("/?lang=es", ".sem-tile")
        expect(page.locator("h1.sem-headline")).to_contain_text("en rojo")
        page.get_by_role("button", name="English").or_(page.get_by_role("radio", name="English")).first.click()
        expect(page.locator("h1.sem-headline")).to_contain_text("red,")
        page.wait_for_url("**/*lang=en*")


def test_a_tile_leads_to_its_route(desk: AlertDesk, show: Show) -> None:
    red(desk, "JFK-LAX")
    with show() as shown:
        page = shown.open("/", tile("JFK-LAX"))
        page.locator(tile("JFK-LAX")).focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/route?*route=JFK-LAX*")
        expect(page.locator("h1.sem-headline")).to_have_text("JFK-LAX")
        expect(page.locator(".stMain")).to_contain_text("6 / 10")
        text = page.inner_text(".stMain")
        assert "New York – Los Angeles" in text
        assert "07:10 EST (America/New_York)" in text, "local time with its zone beside UTC"


def test_the_page_of_a_route_follows_it(desk: AlertDesk, show: Show) -> None:
    red(desk, "JFK-SMF")
    with show() as shown:
        page = shown.open("/route?route=JFK-SMF", "text=6 / 10")
        desk.process(row(20, 5, entity="JFK-SMF"))
        expect(page.locator(".stMain")).to_contain_text("5 / 10")
        assert shown.errors == []


def open_expander(page: Page, name: str) -> None:
    page.locator("summary").filter(has_text=name).first.click()


def test_an_alarm_is_acknowledged_and_everybody_sees_by_whom(desk: AlertDesk, show: Show) -> None:
    alert = red(desk, "JFK-IAD")
    with show() as board, show() as shown:
        board.open("/", tile("JFK-IAD", Light.RED))
        page = shown.open(f"/alerts?alert={alert}", "text=Acknowledge")
        open_expander(page, "Acknowledge")
        form = page.locator("[data-testid=stForm]").first
        form.get_by_role("button", name="Acknowledge").click()
        page.wait_for_selector("text=Say why")
        form.get_by_label("Why").fill("crew is on its way")
        form.get_by_role("button", name="Acknowledge").click()
        page.wait_for_selector("text=is taken on by ana")
        expect(board.page.locator(tile("JFK-IAD"))).to_contain_text("taken on by ana")
    entry = next(one for one in desk.log("JFK-IAD") if one.alert_id == alert)
    assert [(action, why) for _, action, why in entry.decisions][-1] == ("acknowledged", "by ana: crew is on its way")


def test_an_alarm_is_snoozed_and_silenced_and_the_silence_ended(desk: AlertDesk, show: Show) -> None:
    alert = red(desk, "JFK-ORD")
    with show() as shown:
        page = shown.open(f"/alerts?alert={alert}", "text=Silence")
        open_expander(page, "Snooze")
        form = page.locator("[data-testid=stForm]").nth(1)
        form.get_by_label("Why").fill("after the shift")
        form.get_by_role("button", name="Snooze").click()
        page.wait_for_selector("text=is put off until")
        open_expander(page, "Silence")
        form = page.locator("[data-testid=stForm]").last
        form.get_by_label("Why").fill("strike, known")
        form.get_by_role("button", name="Silence").click()
        page.wait_for_selector("text=Silenced until")
        shown.open("/alerts?box=silences", "text=strike, known")
        assert "by ana: strike, known" in page.inner_text(".stMain")
        page.get_by_role("button", name="End it now").first.click()
        page.wait_for_selector("text=is over.")
        shown.open("/audit", ".sem-table")
        assert {"snooze", "silence", "unsilence"} <= set(page.locator(".sem-table td:nth-child(3)").all_inner_texts())


def test_advice_is_ranked_and_answered_once_somebody_says_why(desk: AlertDesk, show: Show) -> None:
    alert = red(desk, "JFK-BDL")
    advise(desk, "JFK-BDL", alert)
    with show() as shown:
        page = shown.open("/route?route=JFK-BDL", "text=not answered yet")
        cells = page.locator(".sem-table").first.locator("tbody tr").first.locator("td").all_inner_texts()
        assert cells == [
            "1", "swap the tails of B6-1 and B6-2", "US$ 1,240 (modelled)", "passengers +1,300, change of plan -60",
            "demand 1,110 … 1,370, fuel 1,240 … 1,240", "95 → 0 min",
        ]  # fmt: skip
        expect(page.locator(".stMain")).to_contain_text("US$ 340 less than the best")
        open_expander(page, "Answer")
        form = page.locator("[data-testid=stForm]")
        form.get_by_role("button", name="Reject").click()
        page.wait_for_selector("text=Say why")
        form.get_by_label("Why").fill("no crew for it")
        form.get_by_role("button", name="Reject").click()
        page.wait_for_selector("text=rejected by ana: no crew for it")
        open_expander(page, "Answer")
        form.get_by_label("Why").fill("found one")
        form.get_by_role("button", name="Accept").click()
        page.wait_for_selector("text=accepted by ana: found one")
        shown.open("/route?lang=es&route=JFK-BDL", "text=intercambiar las aeronaves de B6-1 y B6-2")
        shown.open("/audit", "text=advice JFK-BDL")
        assert shown.errors == []
    (kept,) = AdviceDesk(Documents(desk.dynamodb, desk.settings)).of_route("JFK-BDL")
    assert (kept.answer, kept.answered_by, kept.comment) == ("accepted", "ana", "found one")


def test_a_wall_turns_from_screen_to_screen_and_says_how_old_it_is(desk: AlertDesk, show: Show) -> None:
    many = [f"EWR-{code}" for code in FAR.split()]
    desk.process(*(row(at, on_time, entity=route) for route in many for at, on_time in ((0, 9), (10, 6))))
    with show(width=1920, height=1080) as shown:
        page = shown.open("/?kiosk=worst", ".sem-group:not(.sem-away) .sem-tile")
        assert page.locator("[data-testid=stSidebar], summary").count() == 0
        expect(page.locator(".sem-fresh")).to_contain_text("data up to")
        assert page.locator(".sem-code").count() > len(many) / 2
        assert page.evaluate(OVERLAPPING) == 0
        visible = page.locator(".sem-group:not(.sem-away)")
        expect(visible).to_have_count(1)
        first = visible.get_attribute("data-airport")
        wait_until(lambda: visible.get_attribute("data-airport") != first)
        assert re.fullmatch(r"\d+–\d+ / \d+", first or "")
        assert page.locator(".sem-tile[data-light=GREEN]").count() == 0
        shown.open("/?kiosk=true", ".sem-group[data-airport=EWR]:not(.sem-away)")
        page.wait_for_selector(".sem-group[data-airport=JFK]:not(.sem-away)")
        assert shown.errors == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_status_is_one_sheet_of_paper(desk: AlertDesk, show: Show, language: str) -> None:
    """With more in alarm than it lists; printed out of a dark window."""
    many = [f"{origin}-{code}" for origin in ("EWR", "LGA") for code in FAR.split()]
    desk.process(*(row(at, on_time, entity=route) for route in many for at, on_time in ((0, 9), (10, 6))))
    with show(color_scheme="dark") as shown:
        page = shown.open(f"/status?lang={language}", ".sem-table")
        expect(page.locator(".sem-table").last.locator("tbody tr")).to_have_count(24)
        sheet = page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type /Page\b(?!s)", sheet)) == 1
        page.emulate_media(media="print")
        assert page.evaluate("() => getComputedStyle(document.querySelector('.stApp')).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
        expect(page.locator("[data-testid=stSidebar]")).to_be_hidden()
        page.evaluate("() => document.querySelector('.sem-table').style.marginBottom = '20cm'")
        longer = page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type /Page\b(?!s)", longer)) > 1, "the negative control: more paper is seen"


def test_why_somebody_was_told(desk: AlertDesk, show: Show) -> None:
    alert = red(desk, "JFK-ATL")
    entry = next(one for one in desk.log("JFK-ATL") if one.alert_id == alert)
    with show() as shown:
        page = shown.open(f"/alerts?alert={alert}", "text=Why was I (not) told?")
        open_expander(page, "as the log tells it")
        said = page.locator("pre.sem-text").first
        expect(said).to_be_visible()
        assert said.inner_text().splitlines() == explain(entry, desk.log("JFK-ATL")).splitlines()
        page.get_by_role("tab", name="Español").click()
        expect(page.locator("pre[lang=es]")).to_contain_text("ROJO JFK-ATL")


def test_why_in_spanish_on_route_and_alert(desk: AlertDesk, show: Show) -> None:
    alert = red(desk, "JFK-ATL")
    with show() as shown:
        page = shown.open(f"/alerts?lang=es&alert={alert}", "text=¿Por qué (no) me avisaron?")
        open_expander(page, "como lo cuenta la bitácora")
        said = page.locator("pre.sem-text[lang=es]").first
        expect(said).to_contain_text("ROJO JFK-ATL Llegadas tarde")
        expect(said).to_contain_text("6 de 10 = 60.0 %: rebasa el rojo 70")
        shown.open("/route?lang=es&route=JFK-ATL", "text=rebasa el rojo 70")


def test_an_unknown_alert_and_an_unknown_route_are_said_so(desk: AlertDesk, show: Show) -> None:
    red(desk, "JFK-LAX")
    with show() as shown:
        shown.open(f"/alerts?alert={'0' * 24}", "text=No alert 0000")
        shown.open("/route?route=XXX-YYY", "text=Nothing is known of XXX-YYY")


def test_a_portal_gets_the_page_without_what_stands_around_it(desk: AlertDesk, show: Show) -> None:
    red(desk, "JFK-LAX")
    with show() as shown:
        page = shown.open("/route?embed=true&route=JFK-LAX", "text=New York – Los Angeles")
        expect(page.locator("[data-testid=stSelectbox]")).to_have_count(1)  # the rule, not the route
        assert page.locator("[data-testid=stSidebar]").count() == 0


def test_the_log_speaks_of_no_error(app: AppServer) -> None:
    """Last in the file."""
    wait_until(lambda: app.process.poll() is None)
    assert "Traceback" not in app.log
    assert "Error" not in app.log
