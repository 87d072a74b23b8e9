"""What a page of the app costs: the first sight of the board, one tile that changes, all of it drawn anew.

A real local cloud with the lights of 225 routes, as the semáforo writes them, and behind them a log of a month, then of
a year. A real browser looks, with a profile that has been there before. That it shows after every change what a fresh
page shows is checked, or no figure counts.
"""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Annotated, Any, Final, NamedTuple

import airportsdata
import boto3
import typer
from playwright.sync_api import BrowserContext, Page

from bench.kpi_job.cpu import process_cpu_seconds
from bench.semaforo_cost import STAGE, START, Function, rows_of
from deploy.local import template
from deploy.local.cloud import LocalCloud
from deploy.local.lifeline import Lifeline
from deploy.local.ports import free_ports
from tests.browser import own_chromium

ORIGINS: Final = ("JFK", "EWR", "LGA")
DESTINATIONS: Final = 75
CHANGES_A_DAY: Final = 0.7
"""Of one route's lights: 21 a month, as the demo's 17 rules make them on days that are not a blizzard."""
BATCH: Final = 25
"""Items of one write, DynamoDB's limit."""
CHANGED: Final = 5
"""Tiles that change one after the other while the page is open."""
TIMES: Final = 12
"""So often they do, each time others, between times in which nothing changes: what goes on anyway takes many times
their CPU, and how many depends on what else the machine does by then. The median counts."""
WARMING: Final = 3
"""Visits before the first that counts: Chromium keeps what it compiled of a script from the second visit on."""
START_SECONDS: Final = 60
IDLE_SECONDS: Final = 8.0
PAINT_SECONDS: Final = 2.0
SHARE: Final = 1 / 20
FLAT: Final = 1.25
"""A year may cost so much more than a month: what two runs of the same differ by."""


class Spent(NamedTuple):
    """What pages received, and what it took of the server's CPU, in some time."""

    seconds: float
    received: float
    cpu_ms: float

    def without(self, *anyway: "Spent") -> "Spent":
        """Less what would have been spent in that time anyway, going by other times."""
        share = self.seconds / sum(one.seconds for one in anyway)
        received, cpu_ms = (sum(getattr(one, name) for one in anyway) for name in ("received", "cpu_ms"))
        return Spent(self.seconds, self.received - share * received, self.cpu_ms - share * cpu_ms)


class Sight(NamedTuple):
    """With one history: seconds to all tiles in a warm browser; of one changed tile and of a whole rerun what the page
    received and the server's CPU took. The pulses and looks that go on anyway are taken off both; what they take of a
    second before anything is in alarm, and after."""

    paint_seconds: float
    anyway_ms: tuple[float, float]
    tile_bytes: float
    tile_cpu_ms: float
    tile_cpu_between_ms: tuple[float, float]
    rerun_bytes: float
    rerun_cpu_ms: float

    def words(self) -> str:
        fewest, most = self.tile_cpu_between_ms
        return (
            f"first sight {self.paint_seconds:.2f} s; a tile {self.tile_bytes / 1000:.1f} KB, {self.tile_cpu_ms:.2f} ms"
            f" of CPU ({fewest:.2f} to {most:.2f}); a rerun {self.rerun_bytes / 1000:.0f} KB,"
            f" {self.rerun_cpu_ms:.1f} ms (1/{self.rerun_bytes / max(self.tile_bytes, 1):.0f} of the bytes,"
            f" 1/{self.rerun_cpu_ms / max(self.tile_cpu_ms, 0.1):.1f} of the CPU);"
            f" anyway {self.anyway_ms[0]:.1f} ms of CPU a second, {self.anyway_ms[1]:.1f} in the end"
        )


def app(rounds: Annotated[int, typer.Option(min=3, help="visits; the median counts")] = 9) -> None:
    """First sight of the board, a tile that changes and a whole rerun, with a month and with a year of history."""
    with tempfile.TemporaryDirectory(prefix="semaforo-bench-") as folder:
        state_dir = Path(folder)
        cloud, lifeline = LocalCloud(state_dir), Lifeline(state_dir)
        try:
            cloud.start()
            function = Function(cloud, template.deploy(template.synthesise(STAGE), STAGE, cloud), state_dir)
            problems = _with_both(function, state_dir, rounds)
        finally:
            cloud.stop(grace_seconds=0)
            lifeline.release()
    for problem in problems:
        typer.echo(f"app: {problem}", err=True)
    if problems:
        sys.exit(1)


def _with_both(function: Function, folder: Path, rounds: int) -> list[str]:
    routes = _routes()
    for step in range(2):  # with the second, all lights are GREEN
        for first in range(0, len(routes), 75):
            function.process(rows_of("route", routes[first : first + 75], START + step * timedelta(hours=13)))
    at = START + timedelta(hours=13)
    sights: dict[str, Sight] = {}
    problems: list[str] = []
    written, half = 0, CHANGED * TIMES
    for name, days, changing in (("a month", 30, routes[:half]), ("a year", 365, routes[half : 2 * half])):
        written += _write_log(routes, range(30) if days == 30 else range(30, days))
        profile = folder / f"profile-{days}"
        with _served(folder) as (url, server), own_chromium(profile, width=1440, height=1000) as browser:
            visit = _Visit(browser, url, server, len(routes))
            sights[name], at = visit.measure(function, changing, at, rounds)
            problems += visit.problems
        print(f"{name:<8} of history, {written:,} changes of lights: {sights[name].words()}")
    return problems + _missed(sights)


def _missed(sights: dict[str, Sight]) -> list[str]:
    month, year = sights["a month"], sights["a year"]
    found = []
    if year.paint_seconds > PAINT_SECONDS:
        found.append(f"first sight took {year.paint_seconds:.2f} s, more than {PAINT_SECONDS:g}")
    for what, tile, rerun in (
        ("bytes", year.tile_bytes, year.rerun_bytes),
        ("CPU", year.tile_cpu_ms, year.rerun_cpu_ms),
    ):
        if tile > SHARE * rerun:
            found.append(f"a tile's {what} is 1/{rerun / tile:.1f} of a rerun's, more than 1/{1 / SHARE:.0f}")
    for what in ("paint_seconds", "rerun_cpu_ms", "rerun_bytes"):
        before, after = getattr(month, what), getattr(year, what)
        if after > FLAT * before:
            found.append(f"{what} grows with history: {before:.2f} with a month, {after:.2f} with a year")
    return found


class _Visit:
    """A browser before one server."""

    def __init__(self, browser: BrowserContext, url: str, server: int, tiles: int) -> None:
        self._browser, self._url, self._server, self._tiles = browser, url, server, tiles
        self._received = 0
        self.problems: list[str] = []

    def measure(self, function: Function, changing: Sequence[str], at: datetime, rounds: int) -> tuple[Sight, datetime]:
        """Pages; beside one that stays open more of them; then its tiles change. `at` is that of the newest rows."""
        at += timedelta(hours=13)
        function.process(rows_of("route", changing, at, bad=True))
        at += timedelta(minutes=31)  # what is bad for so long is said
        for _ in range(WARMING):
            self._open()[0].close()
        paints = []
        for _ in range(rounds):
            page, seconds = self._open()
            paints.append(seconds)
            page.close()
        page, _ = self._open()
        page.wait_for_timeout(5000)  # trends are sent again with the first pulses
        anyway = [self._nothing(page)]
        changes, reruns = [], []
        for first in range(0, len(changing), CHANGED):  # in turn, for the machine is not as fast the minute after
            spent = self._change(page, function, changing[first : first + CHANGED], at)
            anyway.append(self._nothing(page))
            changes.append(spent.without(*anyway[-2:]))
            reruns.append(self._rerun().without(anyway[-1]))
            page.wait_for_timeout(1000)  # in which the page that was opened is forgotten
        fresh, _ = self._open()
        if _said(page) != _said(fresh):
            self.problems.append("a page that followed the changes does not show what a fresh one shows")
        fresh.close()
        page.close()
        tiles = [one.cpu_ms / CHANGED for one in changes]
        sight = Sight(
            median(paints), (anyway[0].cpu_ms / anyway[0].seconds, anyway[-1].cpu_ms / anyway[-1].seconds),
            median(one.received for one in changes) / CHANGED, median(tiles), (min(tiles), max(tiles)),
            median(one.received for one in reruns), median(one.cpu_ms for one in reruns),
        )  # fmt: skip
        return sight, at

    def _nothing(self, page: Page) -> Spent:
        return self._during(lambda: page.wait_for_timeout(IDLE_SECONDS * 1000))

    def _change(self, page: Page, function: Function, changing: Sequence[str], at: datetime) -> Spent:
        def change() -> None:
            for route in changing:
                function.process(rows_of("route", [route], at, bad=True))
                page.wait_for_selector(f'.sem-tile[data-key="route#{route}"][data-light="RED"]')
            page.wait_for_timeout(4000)  # each pulse carries what the two before it brought

        return self._during(change)

    def _rerun(self) -> Spent:
        """The page with nothing known to the browser yet, as after a change that a page without pulses would draw
        itself anew for: what Streamlit sends twice it sends by name."""
        opened: list[Page] = []
        spent = self._during(lambda: opened.append(self._open()[0]))
        opened[0].close()
        return spent

    def _during(self, do: Callable[[], object]) -> Spent:
        began, received, cpu = time.monotonic(), self._received, process_cpu_seconds(self._server)
        do()
        cpu_ms = (process_cpu_seconds(self._server) - cpu) * 1000
        return Spent(time.monotonic() - began, self._received - received, cpu_ms)

    def _open(self) -> tuple[Page, float]:
        page = self._browser.new_page()
        page.on("websocket", lambda socket: socket.on("framereceived", self._note))
        began = time.perf_counter()
        page.goto(self._url, wait_until="commit")
        page.wait_for_function(f"() => document.querySelectorAll('.sem-tile').length === {self._tiles}")
        return page, time.perf_counter() - began

    def _note(self, frame: str | bytes) -> None:
        self._received += len(frame)


def _said(page: Page) -> list[str]:
    """Every tile's light and text, in the order of the page, but for how long ago."""
    said: list[str] = page.evaluate(
        "() => [...document.querySelectorAll('.sem-tile')].map((tile) => tile.dataset.key + tile.dataset.light +"
        " [...tile.querySelectorAll('.sem-value, .sem-title, .sem-small')].map((one) => one.textContent).join('|'))"
    )
    return said


def _routes() -> list[str]:
    codes = [code for code, found in airportsdata.load("IATA").items() if found["country"] == "US"]
    others = [code for code in sorted(codes) if code not in ORIGINS][:DESTINATIONS]
    return [f"{origin}-{other}" for origin in ORIGINS for other in others]


def _write_log(routes: Sequence[str], days: range) -> int:
    """Changes of lights into the light log, like the one that the semáforo wrote of each route, so many days back."""
    dynamodb = boto3.client("dynamodb")
    table = f"semaforo-{STAGE}-light-log"
    items = []
    for route in routes:
        written = dynamodb.query(
            TableName=table, KeyConditionExpression="entity = :e", Limit=1,
            ExpressionAttributeValues={":e": {"S": f"route#{route}"}},
        )["Items"][0]  # fmt: skip
        for change in range(round(days.start * CHANGES_A_DAY), round(days.stop * CHANGES_A_DAY)):
            at = START - timedelta(days=change / CHANGES_A_DAY)
            items.append({**written, "sk": {"S": f"{at.isoformat()}{written['sk']['S'][25:]}"}})
    for first in range(0, len(items), BATCH):
        puts: Any = [{"PutRequest": {"Item": item}} for item in items[first : first + BATCH]]
        dynamodb.batch_write_item(RequestItems={table: puts})
    return len(items)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):  # nosec B310 # noqa: S310 - our own server
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@contextmanager
def _served(folder: Path) -> Iterator[tuple[str, int]]:
    """The app in a process of its own, whose CPU is counted: its address, its number."""
    port = free_ports(1)[0]
    command = [sys.executable, "-m", "streamlit_app", "--port", str(port)]
    with (folder / "app.log").open("wb") as log:
        server = subprocess.Popen(
            command, env=os.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        server.terminate()
        server.wait(20)
