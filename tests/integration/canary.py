"""Look for a person's data in everything that was written: files as they are, unpacked, and Parquet by its values.

Parquet compresses and encodes its pages, so the bytes alone prove nothing: its values are read and searched, and of
whatever else a file is, its bytes and its unpacked bytes.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl

from warehouse.storage import Store

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_PARQUET = b"PAR1"


class Hit(NamedTuple):
    """A canary that was found, and where."""

    canary: str
    place: str


def search(canaries: Iterable[str], places: Iterable[Path | Store]) -> list[Hit]:
    """Every canary in every file below the folders and stores, in whatever case, and in files' names."""
    wanted = {canary: [canary.casefold().encode(), canary.casefold().encode("utf-16-le")] for canary in canaries}
    hits = []
    for name, data in _files(places):
        texts = [name.encode().lower(), *(text.lower() for text in _texts(data))]
        hits += [Hit(canary, name) for canary, forms in wanted.items() if any(f in t for f in forms for t in texts)]
    return hits


def search_text(canaries: Iterable[str], text: str) -> list[Hit]:
    """Every canary in what a program printed."""
    return [Hit(canary, "output") for canary in canaries if canary.casefold() in text.casefold()]


def _files(places: Iterable[Path | Store]) -> Iterator[tuple[str, bytes]]:
    for place in places:
        if isinstance(place, Store):
            yield from ((place.path(stored.name), place.read(stored.name)) for stored in place.list())
        else:
            paths = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
            yield from ((str(path), path.read_bytes()) for path in paths)


def _texts(data: bytes) -> Iterator[bytes]:
    """A file's bytes, and what they unpack to."""
    yield data
    if data[:2] == _GZIP:
        yield from _texts(gzip.decompress(data))
    elif data[:4] == _ZIP:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield from _texts(archive.read(name))
    elif data[:4] == _PARQUET:
        yield pl.read_parquet(io.BytesIO(data)).write_ndjson().encode()
