"""Presses of a button beside a part that draws itself anew: each has its answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, TimeoutError

from tests.browser import close_page, open_page
from tests.integration.app_server import NEEDS_BROWSER, AppServer

pytestmark = [pytest.mark.integration, NEEDS_BROWSER]

PRESSES = 60
LOST_MS = 10_000
"""An answer that did not come by then does not come: what a run had to say was taken away again."""


@contextmanager
def pulsing(browser: Browser, folder: Path, **environment: str) -> Iterator[Page]:
    server = AppServer(environment, folder / "log", module="tests.integration.pulsing_server")
    try:
        server.wait_till_it_answers()
        page = open_page(browser)
        page.goto(server.url)
        page.get_by_text("presses: 0.").wait_for()
        yield page
        close_page(page)
    finally:
        server.stop()


def press_often(page: Page, presses: int) -> None:
    """Raises TimeoutError if the page does not say of each press how many they are by then."""
    for number in range(1, presses + 1):
        page.get_by_role("button", name="press").click()
        page.get_by_text(f"presses: {number}.").wait_for(timeout=LOST_MS)


def test_every_press_has_its_answer(browser: Browser, tmp_path: Path) -> None:
    with pulsing(browser, tmp_path) as page:
        press_often(page, PRESSES)
        before = page.get_by_text("pulse").inner_text()
        page.wait_for_function("before => !document.body.innerText.includes(before)", arg=before)  # still drawn anew


def test_as_streamlit_is_a_press_soon_has_none(browser: Browser, tmp_path: Path) -> None:
    with pulsing(browser, tmp_path, SEMAFORO_PULSES="as-it-is") as page, pytest.raises(TimeoutError):
        press_often(page, 10 * PRESSES)
