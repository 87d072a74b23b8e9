"""A backtest as a job of its own: `python -m rules backtest` in another process, nicely, one at a time.

It takes a core for a minute or more, which a server that draws pages has not; and whoever closes the page still finds
the result.
"""

import atexit
import fcntl
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path
from shutil import rmtree
from tempfile import gettempdir, mkdtemp
from threading import Lock
from typing import Any, Final, Literal

import msgspec

from rules.bundle import is_named_as_one
from rules.load import load_files
from rules.problems import CatalogError
from schemas.errors import SemaforoError
from streamlit_app.readers.rule_files import write

MOST_TEXT: Final = 20_000
"""Characters of a rule file in the form; the longest has 4,000."""
MOST_OF_A_SET: Final = 400_000
"""Characters of all files of a set, as many as can be published; the shipped ones have 74,000."""
SetName = Literal["now", "changed", "published", "shipped", "files"]
_FOLDERS: Final[Mapping[SetName, str]] = {
    "now": "in force", "changed": "changed", "published": "published", "shipped": "shipped", "files": "uploaded",
}  # fmt: skip
_PREFIX: Final = "semaforo-backtest-"
_PLOT: Final = re.compile(r"<svg.*?</svg>", re.DOTALL)


class BusyError(SemaforoError):
    """One runs already."""


class BadRuleError(SemaforoError):
    """A set is none; the text says why, line by line."""


class RuleSet(msgspec.Struct, frozen=True):
    """`texts` of its files by name, models too; `version` of one that was published."""

    name: SetName
    texts: Mapping[str, str]
    version: str = ""

    @property
    def folder(self) -> str:
        """By this name the command and its page of plots call it."""
        return f"{_FOLDERS[self.name]} {self.version}".strip()


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force beside another set. `rule`: the one that both hold, "" if more. `until` is excluded."""

    sets: tuple[RuleSet, RuleSet]
    rule: str
    first: date
    until: date
    by: str


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """`share` is None while rows are made. `scores` of both sets, as the command's --json gives them, once `done`; its
    `page` for people, and the `plots` on it as SVG."""

    request: Request
    runs: bool
    share: float | None = None
    scores: tuple[tuple[dict[str, Any], ...], ...] = ()
    page: str = ""
    plots: tuple[str, ...] = ()
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
        self._held: int | None = None
        self._ended: Job | None = None
        _remove_left()
        atexit.register(self._leave)  # a job must not outlive the server that nobody asks for it any more

    def start(self, request: Request) -> None:
        """Raises BusyError, BadRuleError."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                raise BusyError("a backtest runs already")
            folder = Path(mkdtemp(prefix=_PREFIX))
            held = _hold(folder)
            try:
                for one in request.sets:
                    _lay_out(one, folder)
            except BadRuleError:
                _remove(folder, held)
                raise
            _remove(self._folder, self._held)
            self._folder, self._held, self._request, self._ended = folder, held, request, None
            self._process = self._launch(request, folder)

    def stop(self) -> None:
        """Whatever runs."""
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                self._process.terminate()

    def _leave(self) -> None:
        self.stop()
        _remove(self._folder, self._held)

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
        now, other = (str(folder / one.folder) for one in request.sets)
        command = [
            "nice", "-n", "19", sys.executable, "-m", "rules", "backtest",
            "--from", f"{request.first}", "--to", f"{request.until}", *rows, "--json",
            "--rules", now, "--compare", other,
            "--progress", str(folder / "progress"), "--html", str(folder / "page.html"),
        ]  # fmt: skip
        with (folder / "figures").open("wb") as out, (folder / "log").open("wb") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=log)


def _lay_out(one: RuleSet, folder: Path) -> None:
    if sum(map(len, one.texts.values())) > MOST_OF_A_SET:
        raise BadRuleError(f"more than {MOST_OF_A_SET:,} characters")
    if strange := [name for name in one.texts if not is_named_as_one(name)]:
        raise BadRuleError(f"not the name of a rule or a model: {', '.join(strange)}")
    write(one.texts, folder / one.folder)
    try:
        load_files(folder / one.folder)
    except CatalogError as error:
        said = (f"{Path(each.file).name}:{each.line}: {each.message}" for each in error.problems)
        raise BadRuleError("\n".join(said)) from error


def _hold(folder: Path) -> int | None:
    """A lock on a folder, which goes with whoever holds it, however that ends; None where another holds it."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(opened)
        return None
    return opened


def _remove(folder: Path, held: int | None) -> None:
    """One that is held; nothing where there is none."""
    if held is not None:
        rmtree(folder, ignore_errors=True)
        os.close(held)


def _remove_left() -> None:
    """The folders of servers that were killed."""
    for folder in Path(gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # somebody else's, or gone by now
            _remove(folder, _hold(folder))


def _share(path: Path) -> float | None:
    text = path.read_text() if path.exists() else ""
    return float(text) if text else None


def _ended(request: Request, folder: Path, code: int) -> Job:
    if code:
        said = (folder / "log").read_text(errors="replace").strip().splitlines()
        return Job(request=request, runs=False, failure=said[-1] if said else f"it ended with {code}")
    lines = (folder / "figures").read_text().splitlines()
    scores = tuple(msgspec.json.decode(line, type=tuple[dict[str, Any], ...]) for line in lines)
    page = (folder / "page.html").read_text()
    return Job(request=request, runs=False, share=1.0, scores=scores, page=page, plots=tuple(_PLOT.findall(page)))


def beside_changed(rule: str, texts: Mapping[str, str], changed: str, *, alone: bool) -> tuple[RuleSet, RuleSet]:
    """A catalogue beside the same one with a rule changed; or that rule `alone`, its file and model."""
    kept = {name: text for name, text in texts.items() if not alone or name.partition(".")[0] == rule}
    return RuleSet("now", kept), RuleSet("changed", {**kept, f"{rule}.toml": changed})


def uploaded(files: Mapping[str, bytes]) -> RuleSet:
    """Files of somebody's folder: what is no rule and no model is left out, as from a folder that is published. Raises
    BadRuleError."""
    found = {Path(name).name: content for name, content in files.items()}
    try:
        texts = {name: content.decode() for name, content in found.items() if is_named_as_one(name)}
    except UnicodeDecodeError as error:
        raise BadRuleError(f"not UTF-8: {error}") from error
    return RuleSet("files", texts)
