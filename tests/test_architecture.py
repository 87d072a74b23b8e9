"""The project keeps the rules of the house, and each rule catches a tree that breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture import RULES, Tree, dependencies, files, imports

PROJECT = Path(__file__).parent.parent
HASH = "--hash=sha256:" + "0" * 64
PYPROJECT = """
[tool.setuptools.dynamic]
dependencies = { file = ["requirements/schemas.in"] }
[tool.setuptools.dynamic.optional-dependencies]
tools = { file = ["requirements/tools.in"] }
[tool.setuptools.packages.find]
include = ["schemas*"]
"""
GOOD = {
    "pyproject.toml": PYPROJECT,
    "requirements/schemas.in": "# the kernel\nfastavro\nmsgspec\n",
    "requirements/tools.in": "boto3-stubs[sns]\n",
    "requirements/dev.in": "-r schemas.in\n-r tools.in\n",
    "requirements/dev.txt": f"msgspec==0.22.0 \\\n    {HASH}\n    # via -r requirements/schemas.in\n",
    "requirements/lambda.txt": f"msgspec==0.22.0 ; python_full_version < '4' \\\n    {HASH}\n",
    "schemas/__init__.py": "",
    "schemas/codec.py": "import fastavro\nfrom schemas import lights\n",
    "schemas/lights.py": "import msgspec\nfrom . import codec\n",
    "tests/__init__.py": "",
    "tests/schemas/__init__.py": "",
    "tests/schemas/test_codec.py": "import fastavro\nfrom deploy.local import jars\n",
}

Rule = Callable[[Tree], Iterator[str]]
# Each breach: the rule, the files that break it, what the rule has to say.
BREACHES: list[tuple[Rule, dict[str, str], str]] = [
    (
        imports.imports_between_folders,
        {"rules/evaluate.py": "def f() -> None:\n    from alerts.store import put\n"},
        "rules/evaluate.py:2: rules may not import alerts",
    ),
    (
        imports.imports_between_folders,
        {"alerts/store.py": "import importlib\nimportlib.import_module('deploy.local')\n"},
        "alerts/store.py:2: alerts may not import deploy",
    ),
    (
        imports.imports_between_folders,
        {"deploy/app.py": "import schemas.topics, alerts.store\n"},
        "deploy/app.py:1: deploy may not import alerts",
    ),
    (
        imports.imports_between_folders,
        {"streamlit_app/views/past.py": "from warehouse.answer import ask\n"},
        "streamlit_app/views/past.py:1: streamlit_app may not import warehouse",
    ),
    (
        imports.imports_between_folders,
        {"streamlit_app/readers/past.py": "from warehouse.star import build\n"},
        "streamlit_app/readers/past.py:1: streamlit_app may not import warehouse",
    ),
    (
        imports.imports_between_folders,
        {"extras/load.py": ""},
        "extras/load.py: the folder extras has no line in the import table",
    ),
    (
        imports.third_parties_in_their_place,
        {"schemas/events.py": "from fastavro.schema import parse_schema\n"},
        "schemas/events.py:1: fastavro is only for schemas/codec.py",
    ),
    (
        imports.third_parties_in_their_place,
        {"flink_jobs/route_kpis.py": "import boto3\n"},
        "flink_jobs/route_kpis.py:1: boto3 is only for alerts/",
    ),
    (
        imports.third_parties_in_their_place,
        {"rules/settings.py": "from mypy_boto3_sns import SNSClient\n"},
        "rules/settings.py:1: mypy_boto3 is only for alerts/",
    ),
    (
        imports.third_parties_in_their_place,
        {"producers/publish.py": "import pyflink.table\n"},
        "producers/publish.py:1: pyflink is only for flink_jobs/",
    ),
    (
        dependencies.imports_are_declared,
        {"schemas/kpis.py": "import os\nimport polars as pl\n"},
        "schemas/kpis.py:2: polars is not in requirements/schemas.in",
    ),
    (
        dependencies.nothing_is_declared_in_vain,
        {"requirements/schemas.in": "fastavro\nmsgspec\npolars\n"},
        "requirements/schemas.in: schemas never imports polars",
    ),
    (
        files.modules_are_short,
        {"schemas/topics.py": "x = 1\n" * 301},
        "schemas/topics.py: 301 lines, more than 300",
    ),
    (
        files.names_say_something,
        {"schemas/avro/utils.py": ""},
        "schemas/avro/utils.py: name what is shared instead of 'utils'",
    ),
    (
        files.names_say_something,
        {"lambdas/common/__init__.py": ""},
        "lambdas/common/__init__.py: name what is shared instead of 'common'",
    ),
    (
        files.names_say_something,
        {"deploy/stacks/alerts.py": ""},
        "deploy/stacks/alerts.py: named like the top-level folder alerts",
    ),
    (
        files.names_say_something,
        {"tests/rules.py": ""},
        "tests/rules.py: named like the top-level folder rules",
    ),
    (
        files.folders_are_packages,
        {"tests/rules/catalog/test_margin.py": ""},
        "tests/rules/catalog: has no __init__.py",
    ),
    (
        files.tests_of_servers_are_marked,
        {"tests/integration/test_brokers.py": "def test_brokers() -> None: ...\n"},
        "tests/integration/test_brokers.py: no test is marked integration, e2e or faults",
    ),
    (
        files.no_machine_is_named,
        {"deploy/run.sh": f"cd {'/home'}/ana/semaforo\n"},
        f"deploy/run.sh:1: a machine's path {'/home'}/ana",
    ),
    (
        files.no_machine_is_named,
        {"README.md": f"\nnot {Path.home()}/cache\n"},
        "README.md:2: a machine's path",
    ),
    (
        files.no_machine_is_named,
        {"Makefile": f"pip install -i https://mirror.example/{'simple'} uv\n"},
        f"Makefile:1: an index's host https://mirror.example/{'simple'}",
    ),
    *(
        (files.no_secret_is_kept, {"deploy/run.sh": f"\nexport KEY={secret}\n"}, "deploy/run.sh:2: looks like a secret")
        for secret in (
            "AKIA" + "Z7" * 8,
            "ghp_" + "a1" * 18,
            "-----BEGIN RSA " + "PRIVATE KEY-----",
            "postgresql://ana:" + "sesame-opens@10.0.0.1/bookings",
        )
    ),
    (
        dependencies.requirements_are_locked,
        {"requirements/dev.txt": f"--index-url https://mirror.example\nmsgspec==0.22.0 {HASH}\n"},
        "requirements/dev.txt: not a pin: --index-url https://mirror.example",
    ),
    (
        dependencies.requirements_are_locked,
        {"requirements/dev.txt": f"msgspec>=0.22 {HASH}\n"},
        "requirements/dev.txt: not a pin: msgspec>=0.22",
    ),
    (
        dependencies.requirements_are_locked,
        {"requirements/dev.txt": f"msgspec==0.22.0\nuv==0.13.8 {HASH}\n"},
        "requirements/dev.txt: no hash: msgspec==0.22.0",
    ),
    (
        dependencies.requirements_are_locked,
        {"requirements/app.in": "-f https://mirror.example\nstreamlit\n"},
        "requirements/app.in: only requirements and -r lines: -f https://mirror.example",
    ),
    (
        dependencies.what_ships_was_tested,
        {"requirements/flink-zip.txt": f"msgspec==0.21.0 {HASH}\n"},
        "requirements/flink-zip.txt: msgspec==0.21.0 is not what requirements/dev.txt pins",
    ),
    (
        dependencies.extras_cover_the_requirements,
        {"requirements/app.in": "streamlit\n"},
        "requirements/app.in: no extra in pyproject.toml",
    ),
    (
        dependencies.extras_cover_the_requirements,
        {"requirements/dev.in": "-r schemas.in\n"},
        "requirements/tools.in: not in requirements/dev.in",
    ),
    (
        dependencies.extras_cover_the_requirements,
        {"pyproject.toml": PYPROJECT.replace("tools.in", "gone.in")},
        "pyproject.toml: requirements/gone.in does not exist",
    ),
    (
        dependencies.extras_cover_the_requirements,
        {"optimizer/solve.py": ""},
        "pyproject.toml: the distribution leaves out optimizer",
    ),
]


def tree(root: Path, files: dict[str, str]) -> Tree:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Tree.of_folder(root)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_project_keeps(rule: Rule) -> None:
    breaches = list(rule(Tree.of_git(PROJECT)))
    assert not breaches, "\n" + "\n".join(breaches)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_good_tree_passes(rule: Rule, tmp_path: Path) -> None:
    assert list(rule(tree(tmp_path, GOOD))) == []


@pytest.mark.parametrize(
    ("rule", "files", "says"), BREACHES, ids=[f"{rule.__name__}-{says[:40]}" for rule, _, says in BREACHES]
)
def test_a_breach_is_caught(rule: Rule, files: dict[str, str], says: str, tmp_path: Path) -> None:
    breaches = list(rule(tree(tmp_path, {**GOOD, **files})))
    assert any(breach.startswith(says) for breach in breaches), breaches


def test_every_rule_has_a_breach() -> None:
    assert {rule for rule, _, _ in BREACHES} == set(RULES)


def test_a_stale_exception_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LONGER_FOR_A_REASON", {"schemas/lights.py": "a table"})
    breaches = list(files.modules_are_short(tree(tmp_path, GOOD)))
    assert breaches == ["schemas/lights.py: no longer too long, take it off the list"]


def test_files_that_git_ignores_are_left_alone() -> None:
    paths = Tree.of_git(PROJECT).paths
    assert any(str(path) == "pyproject.toml" for path in paths)
    assert not any(path.parts[0] in (".venv", "build") for path in paths)
