"""The rules of the house, each a function from a tree of files to what breaks it (one text per breach).

`test_architecture.py` holds the project to them, and each of them to a tree that breaks it.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path, PurePosixPath

ANYTHING = None
# Runtimes meet at a topic, a stream or a table, never by import. Benches and tests look at all of it.
MAY_IMPORT: dict[str, set[str] | None] = {
    "schemas": set(),
    "producers": {"schemas"},
    "flink_jobs": {"schemas"},
    "rules": {"schemas"},
    "optimizer": {"schemas"},
    "alerts": {"schemas", "rules"},
    "warehouse": {"schemas", "rules"},
    "lambdas": {"schemas", "rules", "alerts", "optimizer"},
    "streamlit_app": {"schemas", "rules", "alerts", "optimizer"},
    "deploy": {"schemas"},
    "bench": ANYTHING,
    "tests": ANYTHING,
}
OUTSIDE_THE_SYSTEM = ("bench", "tests")

_AWS = ("alerts/", "lambdas/", "streamlit_app/readers", "warehouse/", "flink_jobs/kinesis_sink.py", "deploy/")
ONLY_IN: dict[str, tuple[str, ...]] = {
    "pyflink": ("flink_jobs/",),
    "boto3": _AWS,
    "botocore": _AWS,
    "mypy_boto3": _AWS,
    "aws_cdk": ("deploy/",),
    "cdk_nag": ("deploy/",),
    "constructs": ("deploy/",),
    "fastavro": ("schemas/codec.py",),
    "confluent_kafka": ("producers/", "deploy/", "warehouse/"),
}

# The folders whose .in file has another name, and what a runtime ships itself.
REQUIREMENTS_OF = {"flink_jobs": "flink", "lambdas": "lambda", "streamlit_app": "app"}
COMES_WITH = {"botocore": "boto3", "jsii": "aws-cdk-lib", "py4j": "apache-flink"}
SHIPPED_BY_RUNTIME = {"lambdas": {"boto3"}}
NOT_A_RUNTIME = {"setup", "build", "cloud", "dev"}

LONGEST_MODULE_LINES = 300
LONGER_FOR_A_REASON = {"schemas/events.py": "the inbound facts share one header and are read side by side"}
# Names that say nothing about what is shared.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "shared", "base", "manager", "misc", "tools"}

_MACHINE_PATH = re.compile(r"(?<![\w.~})/-])/(?:home|Users|root|work)/[\w.-]+")
_INDEX_HOST = re.compile(
    r"https?://\S*/(?:simple|maven2)\b|pypi\.org|pythonhosted\.org|repo1?\.maven|registry\.npmjs|deb\.debian\.org"
)


@dataclass(frozen=True)
class Tree:
    """Files under a root, named by their path relative to it."""

    root: Path
    paths: tuple[PurePosixPath, ...]

    @classmethod
    def of_git(cls, root: Path) -> Tree:
        """What is tracked or about to be: everything that is not ignored and exists."""
        listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        names = subprocess.run(listing, cwd=root, check=True, capture_output=True, text=True).stdout
        found = sorted({PurePosixPath(name) for name in names.split("\0") if name})
        return cls(root, tuple(path for path in found if (root / path).is_file()))

    @classmethod
    def of_folder(cls, root: Path) -> Tree:
        """Every file below the root."""
        found = sorted(path for path in root.rglob("*") if path.is_file())
        return cls(root, tuple(PurePosixPath(path.relative_to(root).as_posix()) for path in found))

    def text(self, path: PurePosixPath | str) -> str:
        """The file's text; empty for one that is not text."""
        try:
            return (self.root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            return ""

    @property
    def modules(self) -> list[PurePosixPath]:
        """The Python files inside folders."""
        return [path for path in self.paths if path.suffix == ".py" and len(path.parts) > 1]

    @property
    def locks(self) -> list[PurePosixPath]:
        """The compiled requirement files."""
        return [path for path in self.paths if path.parts[0] == "requirements" and path.suffix == ".txt"]


def imports_between_folders(tree: Tree) -> Iterator[str]:
    """Each folder imports only what the import table allows."""
    for path in tree.modules:
        folder = path.parts[0]
        if folder not in MAY_IMPORT:
            yield f"{path}: the folder {folder} has no line in the import table"
            continue
        allowed = MAY_IMPORT[folder]
        for line, name in _imports(tree, path):
            other = name.split(".")[0]
            if allowed is not ANYTHING and other in MAY_IMPORT and other != folder and other not in allowed:
                yield f"{path}:{line}: {folder} may not import {other}"


def third_parties_in_their_place(tree: Tree) -> Iterator[str]:
    """An engine's library stays in the folder that talks to that engine."""
    for path in tree.modules:
        if path.parts[0] in OUTSIDE_THE_SYSTEM:
            continue
        for line, name in _imports(tree, path):
            limited = "mypy_boto3" if name.startswith("mypy_boto3_") else name.split(".")[0]
            if limited in ONLY_IN and not str(path).startswith(ONLY_IN[limited]):
                yield f"{path}:{line}: {limited} is only for {', '.join(ONLY_IN[limited])}"


def imports_are_declared(tree: Tree) -> Iterator[str]:
    """What a folder imports stands in its own requirements file, so its extra installs all it needs."""
    tools = _declared(tree, "tools")
    for path in tree.modules:
        folder = path.parts[0]
        if folder in OUTSIDE_THE_SYSTEM or folder not in MAY_IMPORT:
            continue
        requirements = REQUIREMENTS_OF.get(folder, folder)
        # The kernel's are the distribution's own dependencies: they come with every extra.
        known = _declared(tree, requirements) | _declared(tree, "schemas") | SHIPPED_BY_RUNTIME.get(folder, set())
        for line, name in _imports(tree, path):
            module = name.split(".")[0]
            if module in sys.stdlib_module_names or module in MAY_IMPORT:
                continue
            distributions = _distributions(module)
            # Types of boto3 are a checker's business: imported under TYPE_CHECKING, absent at run time.
            if not distributions & known and not (module.startswith("mypy_boto3") and "boto3-stubs" in tools):
                yield f"{path}:{line}: {min(distributions)} is not in requirements/{requirements}.in"


def modules_are_short(tree: Tree) -> Iterator[str]:
    """A module that outgrows the limit is split by noun."""
    for path in tree.modules:
        lines = tree.text(path).count("\n")
        if path.parts[0] != "tests" and lines > LONGEST_MODULE_LINES and str(path) not in LONGER_FOR_A_REASON:
            yield f"{path}: {lines} lines, more than {LONGEST_MODULE_LINES}"
    for name in LONGER_FOR_A_REASON:
        if (path := PurePosixPath(name)) in tree.paths and tree.text(path).count("\n") <= LONGEST_MODULE_LINES:
            yield f"{name}: no longer too long, take it off the list"


def names_say_something(tree: Tree) -> Iterator[str]:
    """No module is named for nothing in particular, and none hides a top-level folder."""
    for path in tree.modules:
        inner = [*path.parts[1:-1], path.stem]
        for name in inner:
            if name in EMPTY_NAMES:
                yield f"{path}: name what is shared instead of {name!r}"
        mirrors = path.parts[0] == "tests"  # tests/rules/ is the folder's mirror, tests/rules.py would hide it
        for name in inner[-1:] if mirrors else inner:
            if name in MAY_IMPORT:
                yield f"{path}: named like the top-level folder {name}"


def folders_are_packages(tree: Tree) -> Iterator[str]:
    """Every folder with Python in it, tests included, has an __init__.py, up to the top."""
    folders = {parent for path in tree.modules for parent in path.parents if parent.parts}
    for folder in sorted(folders):
        if folder / "__init__.py" not in tree.paths:
            yield f"{folder}: has no __init__.py"


def no_machine_is_named(tree: Tree) -> Iterator[str]:
    """No path of one machine and no host of a package index stands in a file."""
    here = {str(tree.root), str(Path.home())} - {"/"}
    for path in tree.paths:
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            if (found := _MACHINE_PATH.search(line)) or any(f"{place}/" in line for place in here):
                yield f"{path}:{number}: a machine's path {found.group() if found else ''}".rstrip()
            if found := _INDEX_HOST.search(line):
                yield f"{path}:{number}: an index's host {found.group()}"


def requirements_are_locked(tree: Tree) -> Iterator[str]:
    """Every line of a lock is a pin with hashes, and no line of any names an index."""
    for path in tree.locks:
        for entry in _entries(tree.text(path)):
            if not re.match(r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,_-]+\])?==\S+", entry):
                yield f"{path}: not a pin: {entry[:60]}"
            elif "--hash=sha256:" not in entry:
                yield f"{path}: no hash: {entry[:60]}"
    for path in tree.paths:
        if path.parts[0] == "requirements" and path.suffix == ".in":
            for entry in _entries(tree.text(path)):
                if (entry.startswith("-") and not re.fullmatch(r"-r [a-z-]+\.in", entry)) or "://" in entry:
                    yield f"{path}: only requirements and -r lines: {entry[:60]}"


def what_ships_was_tested(tree: Tree) -> Iterator[str]:
    """The bundles' pins are the development environment's."""
    tested = {pin for path in tree.locks if path.stem == "dev" for pin in _pins(tree.text(path))}
    for path in tree.locks:
        if path.stem in ("lambda", "flink"):
            for pin in sorted(_pins(tree.text(path)) - tested):
                yield f"{path}: {pin} is not what requirements/dev.txt pins"


def extras_cover_the_requirements(tree: Tree) -> Iterator[str]:
    """Every runtime's .in file is an extra of the distribution and part of the development environment."""
    project = tomllib.loads(tree.text("pyproject.toml"))["tool"]["setuptools"]
    dynamic = project["dynamic"]
    sources = [dynamic["dependencies"], *dynamic["optional-dependencies"].values()]
    listed = {name for source in sources for name in source["file"]}
    development = set(re.findall(r"^-r (\S+)", tree.text("requirements/dev.in"), re.MULTILINE))
    written = {path for path in tree.paths if path.parts[0] == "requirements" and path.suffix == ".in"}
    for path in sorted(written):
        if path.stem not in NOT_A_RUNTIME and str(path) not in listed:
            yield f"{path}: no extra in pyproject.toml"
        if path.stem not in NOT_A_RUNTIME and path.name not in development:
            yield f"{path}: not in requirements/dev.in"
    for name in sorted(listed - {str(path) for path in written}):
        yield f"pyproject.toml: {name} does not exist"
    packaged = {pattern.rstrip("*") for pattern in project["packages"]["find"]["include"]}
    folders = {path.parts[0] for path in tree.modules} - set(OUTSIDE_THE_SYSTEM)
    for folder in sorted(folders - packaged):
        yield f"pyproject.toml: the distribution leaves out {folder}"


RULES = (
    imports_between_folders,
    third_parties_in_their_place,
    imports_are_declared,
    modules_are_short,
    names_say_something,
    folders_are_packages,
    no_machine_is_named,
    requirements_are_locked,
    what_ships_was_tested,
    extras_cover_the_requirements,
)


def _imports(tree: Tree, path: PurePosixPath) -> Iterator[tuple[int, str]]:
    """Line and absolute name of everything imported, at the top or inside a function, by statement or by call."""
    for node in ast.walk(ast.parse(tree.text(path), filename=str(path))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = ast.unparse(node.func).split(".")[-1]
            if called in ("import_module", "__import__") and isinstance(node.args[0].value, str):
                yield node.lineno, node.args[0].value


def _entries(requirements: str) -> Iterator[str]:
    for line in requirements.replace("\\\n", " ").splitlines():
        if (entry := line.strip()) and not entry.startswith("#"):
            yield entry


def _pins(lock: str) -> set[str]:
    return {entry.split(" ")[0] for entry in _entries(lock)}


def _declared(tree: Tree, requirements: str) -> set[str]:
    path = PurePosixPath(f"requirements/{requirements}.in")
    entries = _entries(tree.text(path)) if path in tree.paths else ()
    return {_canonical(re.split(r"[\[=<>!~; ]", entry)[0]) for entry in entries if not entry.startswith("-")}


@cache
def _installed() -> dict[str, list[str]]:
    return dict(packages_distributions())


def _distributions(module: str) -> set[str]:
    """The distributions that install a module: several may, apache-flink and its libraries both hold pyflink."""
    if module in COMES_WITH:
        return {COMES_WITH[module]}
    return {_canonical(name) for name in _installed().get(module, [module])}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
