"""A backtest as a job of its own: `python -m rules backtest` in another process, nicely, one at a time.

It takes a core for a minute or more, which a server that draws pages has not; and whoever closes the page still finds
the result.
"""

import atexit
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Lock
from typing import Any, Final

import msgspec

from rules.load import load_file
from rules.problems import CatalogError
from schemas.errors import SemaforoError
from streamlit_app.access import Actor
from streamlit_app.readers.rule_files import write

MOST_TEXT: Final = 20_000
"""Characters of a rule file; the longest has 4,000."""
_SETS: Final = ("in force", "changed")


class BusyError(SemaforoError):
    """One runs already."""


class BadRuleError(SemaforoError):
    """The changed rule is none; the text says why, line by line."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """`texts`: the file of the rule in force and its model, if any; `changed`: its text otherwise. `until` excluded."""

    rule: str
    texts: Mapping[str, str]
    changed: str
    first: date
    until: date
    by: str


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """`share` is None while rows are made. `scores` of both sets, as the command's --json gives them, once `done`."""

    request: Request
    runs: bool
    share: float | None = None
    scores: tuple[tuple[dict[str, Any], ...], ...] = ()
    page: str = ""
    failure: str = ""

    @property
    def done(self) -> bool:
        return not self.runs and not self.failure


class Backtests:
    """The one job. `rows`: a file of KPI rows; None for those of 2013, which the command makes once and keeps."""

    def __init__(self, rows: Path | None) -> None:
        self._rows = rows
        self._lock = Lock()
        self._request: Request | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = Path()
        self._ended: Job | None = None
        atexit.register(self._leave)  # a job must not outlive the server that nobody asks for it any more

    def start(self, request: Request) -> None:
        """Raises BusyError, BadRuleError."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                raise BusyError("a backtest runs already")
            folder = Path(mkdtemp(prefix="semaforo-backtest-"))
            write(request.texts, folder / _SETS[0])
            write({**request.texts, f"{request.rule}.toml": request.changed[:MOST_TEXT]}, folder / _SETS[1])
            try:
                load_file(folder / _SETS[1] / f"{request.rule}.toml")
            except CatalogError as error:
                raise BadRuleError("\n".join(f"{one.line}: {one.message}" for one in error.problems)) from error
            if self._request is not None:
                rmtree(self._folder, ignore_errors=True)
            self._folder, self._request, self._ended = folder, request, None
            self._process = self._launch(request, folder)

    def stop(self) -> None:
        """Whatever runs."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                self._process.terminate()

    def _leave(self) -> None:
        self.stop()
        if self._request is not None:
            rmtree(self._folder, ignore_errors=True)

    def job(self) -> Job | None:
        """The newest one; None before the first."""
        with self._lock:
            if self._request is None or self._process is None:
                return None
            code = self._process.poll()
            if code is None:
                return Job(request=self._request, runs=True, share=_share(self._folder / "progress"))
            if self._ended is None:
                self._ended = _ended(self._request, self._folder, code)
            return self._ended

    def _launch(self, request: Request, folder: Path) -> "subprocess.Popen[bytes]":
        rows = ["--rows", str(self._rows.absolute())] if self._rows else []
        command = [
            "nice", "-n", "19", sys.executable, "-m", "rules", "backtest",
            "--from", f"{request.first}", "--to", f"{request.until}", *rows, "--json",
            "--rules", str(folder / _SETS[0]), "--compare", str(folder / _SETS[1]),
            "--progress", str(folder / "progress"), "--html", str(folder / "page.html"),
        ]  # fmt: skip
        with (folder / "figures").open("wb") as out, (folder / "log").open("wb") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=log)


def _share(path: Path) -> float | None:
    text = path.read_text() if path.exists() else ""
    return float(text) if text else None


def _ended(request: Request, folder: Path, code: int) -> Job:
    if code:
        said = (folder / "log").read_text(errors="replace").strip().splitlines()
        return Job(request=request, runs=False, failure=said[-1] if said else f"it ended with {code}")
    lines = (folder / "figures").read_text().splitlines()
    scores = tuple(msgspec.json.decode(line, type=tuple[dict[str, Any], ...]) for line in lines)
    return Job(request=request, runs=False, share=1.0, scores=scores, page=(folder / "page.html").read_text())


def asked_by(actor: Actor, rule: str, texts: Mapping[str, str], changed: str, dates: tuple[date, date]) -> Request:
    """The request of somebody, of one rule: its file and model out of all `texts`."""
    own = {name: text for name, text in texts.items() if name.partition(".")[0] == rule}
    return Request(rule=rule, texts=own, changed=changed, first=dates[0], until=dates[1], by=actor.name)
