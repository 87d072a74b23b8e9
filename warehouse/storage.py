"""Files of history, in S3 or in a folder, by the same calls: listed, read, and replaced whole."""

import os
from pathlib import Path
from typing import Any, NamedTuple

import fsspec

from schemas.raw import PARTIAL_SUFFIX


class Stored(NamedTuple):
    """A file below a store's root: its name relative to it, and its size in bytes."""

    name: str
    size: int


class Store:
    """A root that files lie under. A reader never sees half a file: a put shows all of it or what was there before."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.filesystem: Any
        self.filesystem, self._root = fsspec.core.url_to_fs(self.url)
        self._local = "file" in self.filesystem.protocol
        if not self._local:
            self.filesystem.use_listings_cache = False

    def path(self, name: str) -> str:
        """The file's address for DuckDB, Polars and people: a path, or s3://…"""
        return f"{self.url}/{name}"

    def list(self, prefix: str = "") -> list[Stored]:
        """The files below a folder of the store, by name; none if there is no such folder."""
        folder = f"{self._root}/{prefix}".rstrip("/")
        try:
            found = self.filesystem.find(folder, detail=True)
        except FileNotFoundError:
            return []
        files = [Stored(name.removeprefix(f"{self._root}/"), entry["size"]) for name, entry in found.items()]
        return sorted(file for file in files if not file.name.endswith(PARTIAL_SUFFIX))

    def read(self, name: str) -> bytes:
        """A file's bytes; FileNotFoundError if it is not there."""
        data: bytes = self.filesystem.cat_file(f"{self._root}/{name}")
        return data

    def write(self, name: str, data: bytes) -> None:
        """Put a file in the place of what was there."""
        target = f"{self._root}/{name}"
        if not self._local:
            self.filesystem.pipe_file(target, data)
            return
        path = Path(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{os.getpid()}{PARTIAL_SUFFIX}")
        try:
            partial.write_bytes(data)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    def delete(self, name: str) -> None:
        """Remove a file that is there."""
        self.filesystem.rm_file(f"{self._root}/{name}")
