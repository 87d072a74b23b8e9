"""Presses of a button beside a part that draws itself anew: each has its answer."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, TimeoutError

from deploy.local.ports import free_ports
from tests.browser import open_page
from tests.integration.app_server import NEEDS_BROWSER, ROOT, START_SECONDS

pytestmark = [pytest.mark.integration, NEEDS_BROWSER]

PRESSES = 60
LOST_MS = 10_000
"""An answer that did not come by then does not come: what a run had to say was taken away again."""


@contextmanager
def pulsing(browser: Browser, log_path: Path, parts: str) -> Iterator[Page]:
    port = free_ports(1)[0]
    with log_path.open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.pulsing_server", str(port), parts],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(port):
            assert server.poll() is None, log_path.read_text()
            assert time.monotonic() < deadline, log_path.read_text()
            time.sleep(0.1)
        page = open_page(browser)
        page.goto(f"http://127.0.0.1:{port}")
        page.get_by_text("presses: 0.").wait_for()
        yield page
        page.context.close()
    finally:
        server.kill()
        server.wait()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def press_often(page: Page, presses: int) -> None:
    """Raises TimeoutError if the page does not say of each press how many they are by then."""
    for number in range(1, presses + 1):
        page.get_by_role("button", name="press").click()
        page.get_by_text(f"presses: {number}.").wait_for(timeout=LOST_MS)


def test_every_press_has_its_answer(browser: Browser, tmp_path: Path) -> None:
    with pulsing(browser, tmp_path / "log", "kept") as page:
        press_often(page, PRESSES)
        before = page.get_by_text("pulse").inner_text()
        page.wait_for_function("before => !document.body.innerText.includes(before)", arg=before)  # still drawn anew


def test_as_streamlit_is_a_press_soon_has_none(browser: Browser, tmp_path: Path) -> None:
    with pulsing(browser, tmp_path / "log", "as-it-is") as page, pytest.raises(TimeoutError):
        press_often(page, 10 * PRESSES)
