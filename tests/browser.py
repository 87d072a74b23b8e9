"""A real browser for the tests of the app: Debian's Chromium, driven by Playwright; none is ever downloaded."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import axe_playwright_python  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
PATIENCE_MS = 90_000
"""A page answers in a second or two; a crowded machine takes many times that."""
CLOSES_MS = 500
expect.set_options(timeout=PATIENCE_MS)


def chromium_path() -> str | None:
    """Where the browser is; None on a machine without one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


ARGUMENTS = ("--no-sandbox", "--disable-gpu")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, for as long as it is needed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def own_chromium(profile: Path, *, width: int, height: int) -> Iterator[BrowserContext]:
    """The browser of somebody who has been here: it keeps scripts and what it compiled of them, as no private window
    does."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium_path(), args=ARGUMENTS, viewport={"width": width, "height": height}
        )
        try:
            yield context
        finally:
            context.close()


def open_page(browser: Browser, *, width: int = 1440, height: int = 900, **context: Any) -> Page:
    """A page of its own session that refuses every address but this machine's; `page.outside` collects those."""
    opened = browser.new_context(viewport={"width": width, "height": height}, **context)
    opened.set_default_timeout(PATIENCE_MS)
    return opened.new_page()


def close_page(page: Page) -> None:
    """Closes the page and its session, even on its way to another address.

    Chromium then says that it has closed a page and has not (crbug.com/536385539), and Playwright waits for ever for
    it to be gone; asked again, Chromium closes it.
    """
    context = page.context
    assert context.browser is not None
    target = context.new_cdp_session(page).send("Target.getTargetInfo")["targetInfo"]["targetId"]
    asking = context.browser.new_browser_cdp_session()
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not page.is_closed():
        assert time.monotonic() < deadline, "the page does not close"
        with suppress(Error), page.expect_event("close", timeout=CLOSES_MS):  # gone before it was asked, or not yet
            asking.send("Target.closeTarget", {"targetId": target})
    asking.detach()
    context.close()


def serious_findings(page: Page) -> list[str]:
    """What axe-core finds that keeps people out: serious and critical ones, each with the element it is about."""
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:200]} {node['failureSummary'][:300]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
