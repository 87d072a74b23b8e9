"""How files and folders are called, how long they are, and what they never say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tests.architecture.imports import MAY_IMPORT
from tests.architecture.tree import Tree

LONGEST_MODULE_LINES = 300
LONGER_FOR_A_REASON = {"schemas/events.py": "the inbound facts share one header and are read side by side"}
# Names that say nothing about what is shared.
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "shared", "base", "manager", "misc", "tools"}

_MACHINE_PATH = re.compile(r"(?<![\w.~})/-])/(?:home|Users|root|work)/[\w.-]+")
_INDEX_HOST = re.compile(
    r"https?://\S*/(?:simple|maven2)\b|pypi\.org|pythonhosted\.org|repo1?\.maven|registry\.npmjs|deb\.debian\.org"
)

# Of AWS, GitHub, Slack, Google and OpenAI, a private key, and a password in an address.
_SECRET = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}|\bxox[abprs]-[\w-]{10}|\bAIza[\w-]{35}|\bsk-[\w-]{32}"
    r"|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----|\b[a-z][a-z+]*://[^\s/:@{}\"'<>$]+:[^\s/:@{}\"'<>$]{4,}@"
)


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


def tests_of_servers_are_marked(tree: Tree) -> Iterator[str]:
    """What starts real servers stays out of the unit run, whichever file it is in."""
    for path in tree.modules:
        text = tree.text(path)
        if path.match("tests/integration/test_*.py") and not re.search(r"pytest\.mark\.(integration|e2e|faults)", text):
            yield f"{path}: no test is marked integration, e2e or faults"


def no_machine_is_named(tree: Tree) -> Iterator[str]:
    """No path of one machine and no host of a package index stands in a file."""
    here = [re.escape(f"{place}/") for place in {str(tree.root), str(Path.home())} - {"/"}]
    places = re.compile("|".join([_MACHINE_PATH.pattern, *here]))
    for path in tree.paths:
        text = tree.text(path)
        for line, found in _found(places, text):
            yield f"{path}:{line}: a machine's path {found}"
        for line, found in _found(_INDEX_HOST, text):
            yield f"{path}:{line}: an index's host {found}"


def no_secret_is_kept(tree: Tree) -> Iterator[str]:
    """Nothing that looks like a key or a password in an address stands in a file."""
    for path in tree.paths:
        for line, _ in _found(_SECRET, tree.text(path)):
            yield f"{path}:{line}: looks like a secret"


def _found(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
    """Line and text of what a pattern finds, which looks for nothing beyond the end of a line."""
    for found in pattern.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, found.group()
