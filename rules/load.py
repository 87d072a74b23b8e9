"""Rule files to rules: read, type-checked, validated, indexed. Every problem found is reported with file and line."""

import difflib
import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from rules.choose import Choice, places_of
from rules.places import Places, key_places, line_of
from rules.problems import CatalogError, Problem
from rules.rule import Rule
from rules.validate import rule_problems
from rules.validate_where import where_problems
from rules.written import BadValueError, RuleTest, Written, WrittenOverride, rule_of
from schemas.rows import KpiRow, Scope, Window

CATALOG_FOLDER: Final = Path(__file__).parent / "catalog"
_STEM: Final = re.compile(r"[a-z][a-z0-9_]*")
_T = TypeVar("_T")


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
    """The rules, indexed so that a row touches only those that read its scope and window, as they are for its entity,
    stage length and season."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules: dict[str, Rule] = {rule.id: rule for rule in rules}
        self._by_row: dict[tuple[Scope, Window], tuple[Rule, ...]] = {}
        for rule in self.rules.values():
            key = (rule.scope, rule.window)
            self._by_row[key] = (*self._by_row.get(key, ()), rule)
        # Only where there is something to choose: a catalogue without overrides costs what a dict costs.
        self._choices = {
            key: tuple(Choice(rule) for rule in rules)
            for key, rules in self._by_row.items()
            if any(rule.overrides for rule in rules)
        }
        self.pools: bool = any(rule.model for rule in self.rules.values())
        """Whether any light looks at other entities."""
        all_of_them = " ".join(f"{rule.id}:{versions(rule)}" for rule in self.rules.values())
        self.version: str = hashlib.sha256(all_of_them.encode()).hexdigest()[:8]

    def rules_for(self, row: KpiRow) -> tuple[Rule, ...]:
        """The rules that read rows like this one, as they are for this one, by id; often none."""
        choices = self._choices.get((row.scope, row.window))
        if choices is None:
            return self._by_row.get((row.scope, row.window), ())
        places = places_of(row)
        return tuple([choice.rule_for(row, places) for choice in choices])


def versions(rule: Rule) -> str:
    """Of a rule and all its overrides: another text if anything of it decides otherwise."""
    elsewhere = (f"{msgspec.json.encode(one.selector).decode()}={one.rule.version}" for one in rule.overrides)
    return " ".join((rule.version, *elsewhere))


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
        written = _written(data)
        rule = rule_of(path, written)
    except BadValueError as error:
        raise CatalogError([Problem(str(path), line_of(places, error.place), str(error))]) from error
    file = RuleFile(path, rule, written.tests, places)
    if problems := [file.problem(place, message) for place, message in (*rule_problems(rule), *where_problems(rule))]:
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


def _written(data: dict[str, Any]) -> Written:
    """Raises BadValueError. One by one, because msgspec does not say which table of an array is wrong."""
    tables = _tables(data, "where")
    if tables != data.get("where", []):
        raise BadValueError("where", "overrides are tables: [[where]]")
    where = [_convert(table, WrittenOverride, f"where[{index}].") for index, table in enumerate(tables)]
    written = _convert({key: value for key, value in data.items() if key != "where"}, Written, "")
    return msgspec.structs.replace(written, where=where)


def _convert(data: Any, to: type[_T], prefix: str) -> _T:
    try:
        return msgspec.convert(data, to)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `$")
        raise BadValueError(prefix + place.strip(".`"), message) from error


def _key_problems(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Unknown and missing keys, all of them at once; the types are checked afterwards."""
    required = [field.encode_name for field in msgspec.structs.fields(Written) if field.required]
    unknown = chain(
        _unknown_keys(data, Written, ""),
        *(_unknown_keys(one, WrittenOverride, f"where[{n}].") for n, one in enumerate(_tables(data, "where"))),
    )
    return [*unknown, *(("", f"missing key {name!r}") for name in required if name not in data)]


def _unknown_keys(data: dict[str, Any], of: type[msgspec.Struct], prefix: str) -> Iterator[tuple[str, str]]:
    known = [field.encode_name for field in msgspec.structs.fields(of)]
    for key in data:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            yield prefix + key, f"unknown key {key!r}" + (f"; did you mean {near[0]!r}?" if near else "")


def _tables(data: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = data.get(key, [])
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
