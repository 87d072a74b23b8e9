"""Zip files whose bytes depend on their contents alone, and the sources that go into them."""

from __future__ import annotations

import os
import threading
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

SHIPPED_SUFFIXES: Final = frozenset({".py", ".so", ".sql", ".toml", ".json", ".avsc", ".csv", ".yml", ".typed"})
"""Code and the data it reads. Tests, Java sources, docs and caches stay at home."""

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_READABLE_BY_ALL: Final = 0o100644 << 16


def sources(folder: Path, prefix: str) -> dict[str, Path]:
    """The shipped files of a package of ours, by their name in the archive (`prefix` + relative path)."""
    return {name: path for name, path in everything(folder, prefix).items() if path.suffix in SHIPPED_SUFFIXES}


def everything(folder: Path, prefix: str) -> dict[str, Path]:
    """All files below `folder` but caches, hidden files and commands, by their name in the archive."""
    return {f"{prefix}{path.relative_to(folder).as_posix()}": path for path in _files(folder)}


def write_zip(target: Path, contents: Mapping[str, Path | bytes]) -> Path:
    """Write the archive: entries in order of name, no times, no owners; replaced only once it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(f".partial-{os.getpid()}-{threading.get_ident()}")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for name, content in sorted(contents.items()):
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.external_attr = _READABLE_BY_ALL
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, content if isinstance(content, bytes) else content.read_bytes())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or part in {"__pycache__", "target", "bin"} for part in parts)
        if path.is_file() and not hidden:
            yield path
