"""Who may import whom, and which library lives where."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache

from tests.architecture.tree import Tree

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
    # Producers too: a partner's file or message becomes events by the same mapping and is sent by the same publisher.
    "lambdas": {"schemas", "rules", "alerts", "optimizer", "producers"},
    "streamlit_app": {"schemas", "rules", "alerts", "optimizer"},
    "deploy": {"schemas"},
    "bench": ANYTHING,
    "tests": ANYTHING,
}
# Where two runtimes must not merely agree but be the same: the app puts the warehouse's own questions to the star.
ALSO_MAY_IMPORT: dict[str, set[str]] = {
    "streamlit_app/readers/past.py": {
        "warehouse.answer", "warehouse.answer_formats", "warehouse.board_as_of", "warehouse.export.marts",
        "warehouse.questions",
    },
}  # fmt: skip
OUTSIDE_THE_SYSTEM = ("bench", "tests")

_AWS = (
    *("alerts/", "lambdas/", "streamlit_app/readers", "warehouse/", "flink_jobs/kinesis_sink.py", "deploy/"),
    "producers/sources/aviationstack/key.py",  # an API's key that lies in Secrets Manager; no other source has one
    "producers/kafka_login.py",  # MSK knows a publisher by its role
)
ONLY_IN: dict[str, tuple[str, ...]] = {
    "pyflink": ("flink_jobs/",),
    "boto3": _AWS,
    "botocore": _AWS,
    "mypy_boto3": _AWS,
    "aws_cdk": ("deploy/",),
    "cdk_nag": ("deploy/",),
    "constructs": ("deploy/",),
    "fastavro": ("schemas/codec.py",),
    "confluent_kafka": ("producers/", "deploy/", "warehouse/", "streamlit_app/readers/brokers.py"),
}


def imports_between_folders(tree: Tree) -> Iterator[str]:
    """Each folder imports only what the import table allows."""
    for path in tree.modules:
        folder = path.parts[0]
        if folder not in MAY_IMPORT:
            yield f"{path}: the folder {folder} has no line in the import table"
            continue
        allowed = MAY_IMPORT[folder]
        for line, name in imports_in(tree.text(path)):
            other = name.split(".")[0]
            if name in ALSO_MAY_IMPORT.get(str(path), ()):
                continue
            if allowed is not ANYTHING and other in MAY_IMPORT and other != folder and other not in allowed:
                yield f"{path}:{line}: {folder} may not import {other}"


def third_parties_in_their_place(tree: Tree) -> Iterator[str]:
    """An engine's library stays in the folder that talks to that engine."""
    for path in tree.modules:
        if path.parts[0] in OUTSIDE_THE_SYSTEM:
            continue
        for line, name in imports_in(tree.text(path)):
            limited = "mypy_boto3" if name.startswith("mypy_boto3_") else name.split(".")[0]
            if limited in ONLY_IN and not str(path).startswith(ONLY_IN[limited]):
                yield f"{path}:{line}: {limited} is only for {', '.join(ONLY_IN[limited])}"


@cache
def imports_in(source: str) -> tuple[tuple[int, str], ...]:
    """Line and absolute name of everything imported, at the top or inside a function, by statement or by call."""
    module = ast.parse(source)
    # Few modules import by a call, and to look into every expression of the others takes most of the time.
    return tuple(_imports(ast.walk(module) if _BY_CALL.search(source) else _statements(module)))


_BY_CALL = re.compile(r"\b(import_module|__import__)\b")


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        for child in getattr(node, field, ()):
            yield child
            yield from _statements(child)


def _imports(nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "__import__") and isinstance(node.args[0].value, str):
                yield node.lineno, node.args[0].value
