"""Which imports of a bundle's own code nothing provides.

Found by reading, not by running: the bundle's native packages may be for another Python than ours.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path


def unresolved_imports(folder: Path, entry: Path, own: Iterable[str], provided: Iterable[str]) -> list[str]:
    """Follow the imports of `entry` through the packages `own` below `folder`, at the top and inside functions.

    Each must be the standard library's, a package lying in `folder`, or named in `provided`. Returns sentences.
    """
    packages = {path.name.split(".")[0] for path in folder.iterdir()}
    known = {*sys.stdlib_module_names, *packages, *provided}
    problems: dict[str, None] = {}
    seen: set[Path] = set()
    pending = [entry]
    while pending:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        for module in _imports(path):
            top = module.split(".")[0]
            if top in own:
                pending += _files_of(folder, module)
            elif top not in known:
                problems[f"{top} is imported by {path.name} and not there"] = None
    return list(problems)


def _imports(path: Path) -> Iterator[str]:
    """Modules a file imports; of `from a import b` both a and a.b, since b may be a module."""
    for node in _run(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those only a type checker sees."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING")):
            yield from _run(child)


def _files_of(folder: Path, module: str) -> list[Path]:
    path = folder.joinpath(*module.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return [candidate for candidate in candidates if candidate.is_file()]
