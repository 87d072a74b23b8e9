"""The app in a process of its own, as `make app` starts it, and its pages in a browser."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, TimeoutError

from alerts.advice import Advice, AdviceDesk, AdvisedAction
from alerts.documents import ConflictError, Documents
from deploy.local.ports import free_ports
from schemas.lights import Light
from tests.alerts.samples import row
from tests.browser import PATIENCE_MS, chromium_path, close_page, open_page
from tests.integration.alert_desk import AlertDesk

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
KNOWN = ("404",)
"""Below a page's address Streamlit looks for its health there first, then at the root."""


class AppServer:
    """One running app; `log` is what it wrote."""

    def __init__(
        self, environment: Mapping[str, str], log_path: Path, port: int = 0, module: str = "streamlit_app"
    ) -> None:
        self.port = port or free_ports(1)[0]
        self._log_path = log_path
        with log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, "--port", str(self.port), "--anyway"],
                cwd=ROOT, env={"PATH": "/usr/bin:/bin", "HOME": str(log_path.parent), "USER": "ana", **environment},
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return self._log_path.read_text(encoding="utf-8", errors="replace")

    def wait_till_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.1)

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:  # noqa: S310 - our own
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


@contextmanager
def serving(environment: Mapping[str, str], folder: Path, port: int = 0, **settings: object) -> Iterator[AppServer]:
    """The app with these settings ("local_role" is SEMAFORO_APP_LOCAL_ROLE)."""
    given = {f"SEMAFORO_APP_{name.upper()}": str(value) for name, value in settings.items()}
    server = AppServer({**environment, **given}, folder / f"app-{len(list(folder.glob('app-*.log')))}.log", port)
    try:
        server.wait_till_it_answers()
        yield server
    finally:
        server.stop()


class Screen:
    """A page of the app, and what went wrong in it: errors it logged, addresses outside that it asked."""

    def __init__(self, browser: Browser, server: AppServer, **context: Any) -> None:
        self.page: Page = open_page(browser, **context)
        self.errors: list[str] = []
        self.outside: list[str] = []
        self._server = server
        self.page.on("console", lambda said: self._note(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self._note(str(error)))
        self.page.on("request", lambda request: self._look_at(request.url))

    def open(self, address: str, until: str) -> Page:
        """Go there and wait till something that this selector names is to be seen."""
        self.page.goto(f"{self._server.url}{address}", wait_until="commit")
        try:
            self.page.wait_for_selector(until)
        except TimeoutError as error:
            shown = self.page.inner_text("body")
            raise AssertionError(f"{address} does not show {until!r}, but:\n{shown}\n{self.errors}") from error
        return self.page

    def close(self) -> None:
        close_page(self.page)

    def _note(self, text: str) -> None:
        if not any(known in text for known in KNOWN):
            self.errors.append(text)

    def _look_at(self, url: str) -> None:
        if not url.startswith((self._server.url, "data:", "blob:")):
            self.outside.append(url)


NEEDS_BROWSER = pytest.mark.skipif(chromium_path() is None, reason="no browser here: apt-get install chromium")


def tile(route: str, light: Light | None = None) -> str:
    """The selector of a route's tile."""
    return f'.sem-tile[data-key="route#{route}"]' + (f'[data-light="{light}"]' if light else "")


def red(desk: AlertDesk, route: str) -> str:
    """A route in the red; the id of its alert."""
    desk.process(row(0, 9, entity=route), row(10, 6, entity=route))
    return next(entry.alert_id for entry in desk.log(route) if entry.transition.to_light is Light.RED)


def advise(desk: AlertDesk, route: str, alert_id: str, words: str = "swap the tails of B6-1 and B6-2") -> None:
    """Advice beside an alert, as the recommender leaves it; what is there already stays."""
    action = AdvisedAction(
        "swap_tails", ("B6-1", "B6-2"), words, "intercambiar las aeronaves de B6-1 y B6-2", 1240.0,
        {"passengers": 1300.0, "handling": -60.0}, 95, 0,
        moved_usd={"demand_less": 1110.0, "demand_more": 1370.0, "fuel_less": 1240.0, "fuel_more": 1240.0},
    )  # fmt: skip
    second = AdvisedAction("cancel", ("B6-1",), words, "cancelar B6-1", 900.0, {"passengers": 900.0}, 95, 0)
    now = datetime.now(UTC)
    advice = Advice(
        alert_id=alert_id, route=route, light=Light.RED, rule="late", at=now, given_at=now, audience=(),
        actions=(action, second), modelled=True, binding=words, binding_es=words,
    )  # fmt: skip
    with suppress(ConflictError):
        AdviceDesk(Documents(desk.dynamodb, desk.settings)).give(advice)


@contextmanager
def screen(browser: Browser, server: AppServer, **context: Any) -> Iterator[Screen]:
    """A screen that is closed at the end, whatever happens."""
    shown = Screen(browser, server, **context)
    try:
        yield shown
    finally:
        shown.close()


def wait_until(holds: Callable[[], bool], seconds: float = PATIENCE_MS / 1000) -> None:
    """For what no page shows; fails after that time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)
