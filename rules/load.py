"""Rule files to rules: read, type-checked, validated, indexed. Every problem found is reported with file and line."""

import difflib
import hashlib
import re
import tomllib
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec

from rules.durations import parse_duration
from rules.places import Places, key_places, line_of
from rules.pooled import PooledModel
from rules.problems import CatalogError, Problem
from rules.rule import Rule, Thresholds, Words
from rules.severity import USD_PER_BLOCK_MINUTE
from rules.validate import rule_problems
from schemas.rows import KpiRow, Scope, Window

CATALOG_FOLDER: Final = Path(__file__).parent / "catalog"
_STEM: Final = re.compile(r"[a-z][a-z0-9_]*")

# One row of a test: event time from the start, the columns' values, the light it must change to or "nothing".
TestRow = list[str | int]


class RuleTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A series of rows and what each must do. `columns` names the measures given (others are 0), or `age`: how old the
    row is when it is looked at."""

    name: str
    columns: tuple[str, ...]
    rows: list[TestRow]


class Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"hold": "for"}):
    """A rule file as it is written; the id is the file's stem. A model of pooled evidence is `<stem>.model.json` beside
    it."""

    version: Annotated[int, msgspec.Meta(ge=1)]
    kpi: str
    scope: Scope
    window: Window
    amber: float
    red: float
    recover_amber: float
    recover_red: float
    min_n: Annotated[int, msgspec.Meta(ge=1)]
    n_of: str
    hold: str
    dwell: str
    audience: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    runbook: str
    title: Words
    advice: Words
    evidence: Literal["own", "pooled"] = "own"
    confidence: float | None = None
    max_age: str | None = None
    usd_per_block_minute: Annotated[float, msgspec.Meta(ge=0)] = USD_PER_BLOCK_MINUTE
    tests: list[RuleTest] = []


class RuleFile(msgspec.Struct, frozen=True):
    """A rule, the tests inside its file, and where everything stands in it."""

    path: Path
    rule: Rule
    tests: list[RuleTest]
    places: Places

    def problem(self, place: str, message: str) -> Problem:
        """A problem at a key ("min_n") or a test row ("tests[1].rows[3]") of this file."""
        return Problem(str(self.path), line_of(self.places, place), message)


class Catalog:
    """The rules, indexed so that a row touches only those that read its scope and window."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules: dict[str, Rule] = {rule.id: rule for rule in rules}
        self._by_row: dict[tuple[Scope, Window], tuple[Rule, ...]] = {}
        for rule in self.rules.values():
            key = (rule.scope, rule.window)
            self._by_row[key] = (*self._by_row.get(key, ()), rule)
        self.pools: bool = any(rule.model for rule in self.rules.values())
        """Whether any light looks at other entities."""
        versions = " ".join(f"{rule.id}:{rule.version}" for rule in self.rules.values())
        self.version: str = hashlib.sha256(versions.encode()).hexdigest()[:8]

    def rules_for(self, row: KpiRow) -> tuple[Rule, ...]:
        """The rules that read rows like this one, by id; often none."""
        return self._by_row.get((row.scope, row.window), ())


def load_catalog(path: Path = CATALOG_FOLDER) -> Catalog:
    """The rules of a folder (or of one file). Raises CatalogError with every problem of every file."""
    return Catalog(file.rule for file in load_files(path))


def load_files(path: Path = CATALOG_FOLDER) -> list[RuleFile]:
    """The rule files of a folder (or the one file), by name. Raises CatalogError with every problem of every file."""
    paths = sorted(path.glob("*.toml")) if path.is_dir() else [path]
    if not paths:
        raise CatalogError([Problem(str(path), 1, "no rule files (*.toml) here")])
    files: list[RuleFile] = []
    problems: list[Problem] = []
    for one in paths:
        try:
            files.append(load_file(one))
        except CatalogError as error:
            problems += error.problems
    if problems:
        raise CatalogError(problems)
    return files


def load_file(path: Path) -> RuleFile:
    """One rule file. Raises CatalogError with all its problems."""
    text, data = _read(path)
    places = key_places(text)
    if not _STEM.fullmatch(path.stem):
        raise CatalogError([Problem(str(path), 1, "the file name is the rule's id: a-z, 0-9 and _ alone")])
    if problems := [Problem(str(path), line_of(places, place), message) for place, message in _key_problems(data)]:
        raise CatalogError(problems)
    try:
        written = msgspec.convert(data, Written)
        rule = _rule(path, written)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        raise CatalogError([Problem(str(path), line_of(places, place.strip(".`")), message)]) from error
    except _KeyError as error:
        raise CatalogError([Problem(str(path), line_of(places, error.key), str(error))]) from error
    file = RuleFile(path, rule, written.tests, places)
    if problems := [file.problem(place, message) for place, message in rule_problems(rule)]:
        raise CatalogError(problems)
    return file


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except OSError as error:
        raise CatalogError([Problem(str(path), 1, f"cannot be read: {error.strerror}")]) from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise CatalogError([Problem(str(path), int(line[1]) if line else text.count("\n") + 1, str(error))]) from error
    except UnicodeDecodeError as error:
        raise CatalogError([Problem(str(path), 1, "not UTF-8 text")]) from error


def _key_problems(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Unknown and missing keys, all of them at once; the types are checked afterwards."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(Written)}
    problems = []
    for key in data:
        if key not in fields:
            near = difflib.get_close_matches(key, fields, 1)
            problems.append((key, f"unknown key {key!r}" + (f"; did you mean {near[0]!r}?" if near else "")))
    problems += [("", f"missing key {name!r}") for name, field in fields.items() if field.required and name not in data]
    return problems


class _KeyError(ValueError):
    """What is wrong with the value of a key."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def _rule(path: Path, written: Written) -> Rule:
    return Rule(
        id=path.stem,
        version_number=written.version,
        kpi_name=written.kpi,
        scope=written.scope,
        window=written.window,
        thresholds=Thresholds(
            amber=written.amber,
            red=written.red,
            recover_amber=written.recover_amber,
            recover_red=written.recover_red,
        ),
        confidence=written.confidence,
        min_n=written.min_n,
        n_of=written.n_of,
        hold=_duration("for", written.hold),
        dwell=_duration("dwell", written.dwell),
        max_age=None if written.max_age is None else _duration("max_age", written.max_age),
        usd_per_block_minute=written.usd_per_block_minute,
        audience=written.audience,
        runbook=written.runbook,
        title=written.title,
        advice=written.advice,
        model=_model(path.with_suffix(".model.json")) if written.evidence == "pooled" else None,
    )


def _duration(key: str, text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise _KeyError(key, str(error)) from error


def _model(path: Path) -> PooledModel:
    try:
        return msgspec.json.decode(path.read_bytes(), type=PooledModel)
    except OSError as error:
        raise _KeyError("evidence", f"{path.name} cannot be read: {error.strerror}; `fit` writes it") from error
    except msgspec.DecodeError as error:
        raise _KeyError("evidence", f"{path.name} is no model: {error}") from error
