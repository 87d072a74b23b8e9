"""`python -m tests.screenshots FOLDER [NAME…]`: the app of the stage that the environment names, seen by a browser."""

import os
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import boto3
from playwright.sync_api import Browser

from alerts.advice import AdviceDesk
from alerts.documents import Documents
from alerts.settings import AWS_CONFIG, AlertSettings
from streamlit_app.readers.lights import LightsReader
from tests.browser import chromium
from tests.integration.app_server import AppServer, Screen, serving

SETTLE_MS: Final = 3_000
"""Trends come with a later pulse, and charts draw themselves."""
ROUTE: Final = "JFK-LAX"


class Shot(NamedTuple):
    """One picture: what is opened, what is waited for, in which window."""

    name: str
    address: str
    until: str
    context: dict[str, Any]


SHOTS: Final = (
    Shot("board", "/", ".sem-tile .sem-spark", {"width": 1440, "height": 1000}),
    Shot("board-dark-es", "/?lang=es&light=RED", ".sem-tile", {"width": 1440, "height": 1000, "color_scheme": "dark"}),
    Shot("board-phone", "/", ".sem-tile", {"width": 390, "height": 844}),
    Shot(
        "route",
        f"/route?route={ROUTE}",
        ".stVegaLiteChart svg .mark-line",
        {"width": 1440, "height": 1800},
    ),
    Shot("advice", "/route?route={advised}", "h1.sem-headline", {"width": 1440, "height": 900}),
    Shot("alert", "/alerts", ".sem-choices", {"width": 1440, "height": 1100}),
    Shot("as-of", "/history?question=as_of&at=2013-02-09T02:00", ".sem-tile", {"width": 1440, "height": 1000}),
    Shot("history", "/history?question=margin_bridge", ".stVegaLiteChart svg", {"width": 1440, "height": 690}),
    Shot("rules", f"/rules?rule=on_time_departure&route={ROUTE}", "h3", {"width": 1440, "height": 1500}),
    Shot("operations", "/operations", ".stVegaLiteChart svg", {"width": 1440, "height": 1300}),
    Shot("status", "/status", ".sem-table", {"width": 1440, "height": 1000}),
)


def main(folder: Path, names: Sequence[str] = ()) -> None:
    """Those of these names, or all; history's are of the star that SEMAFORO_STAR_PATH names."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as logs, chromium() as browser, serving(dict(os.environ), Path(logs)) as server:
        for shot in SHOTS:
            if names and shot.name not in names:
                continue
            if shot.address.startswith("/history") and "SEMAFORO_STAR_PATH" not in os.environ:
                print(f"{shot.name}: left as it is, SEMAFORO_STAR_PATH names no star")
                continue
            print(take(browser, server, shot, folder))


def take(browser: Browser, server: AppServer, shot: Shot, folder: Path) -> Path:
    """One."""
    shown = Screen(browser, server, **shot.context)
    address = shot.address.format(advised=advised()) if "{" in shot.address else shot.address
    page = shown.open(address, shot.until)
    if shot.name == "alert":
        page.locator(".sem-choices a").filter(has_text=ROUTE).first.click()
        page.wait_for_selector("pre.sem-text >> visible=true")
    page.wait_for_timeout(SETTLE_MS)
    path = folder / f"{shot.name}.png"
    page.screenshot(path=path)
    shown.close()
    return path


@cache
def advised() -> str:
    """The route about which the best advice that is open saves most; without any, that of which most was advised."""
    settings = AlertSettings.read()
    dynamodb = boto3.client("dynamodb", config=AWS_CONFIG)
    desk = AdviceDesk(Documents(dynamodb, settings))
    routes = [one.name for one in LightsReader(dynamodb, settings).changed({}).entities if one.scope == "route"]
    given = {route: desk.of_route(route) for route in routes}

    def worth(route: str) -> tuple[float, int]:
        open_still = (one.actions[0].saves_usd for one in given[route] if one.answer == "open")
        return max(open_still, default=0.0), len(given[route])

    return max(routes, key=worth)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"), sys.argv[2:])
