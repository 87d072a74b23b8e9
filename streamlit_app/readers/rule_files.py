"""The rule files in force in a stage, with the tests inside: those that were published to it, else the shipped ones;
and those that were published before."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import msgspec

from alerts.documents import Documents
from alerts.live_catalog import KEY, KeptCatalog, Published, kept_files
from rules.bundle import Bundle, is_named_as_one, unpack
from rules.load import CATALOG_FOLDER, Catalog, RuleFile, load_files
from rules.problems import CatalogError
from schemas.errors import Transient


class RuleFiles(msgspec.Struct, frozen=True):
    """`texts` by file name, models too; `published_at` is None for the shipped ones. `kept`: other catalogues that were
    published, each once, newest first; `shipped`: what came with the code, empty where that is in force."""

    files: tuple[RuleFile, ...]
    texts: Mapping[str, str]
    published_at: datetime | None
    kept: tuple[KeptCatalog, ...] = ()
    shipped: Mapping[str, str] = {}


class RuleFileReader:
    """Files are read anew only after somebody published. Raises Transient when DynamoDB is away."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._lock = Lock()
        self._version = -1
        self._found: RuleFiles | None = None

    def read(self) -> RuleFiles:
        """What is in force. Once known it stays while the table is away: whoever edits a rule keeps the page."""
        try:
            document = self._documents.get(KEY)
        except Transient:
            if self._found is None:
                raise
            return self._found
        with self._lock:
            if self._found is None or document.version != self._version:
                self._found = _loaded(document.read(Published, Published({})))
                self._version = document.version
            return self._found

    def published(self, number: int) -> Mapping[str, str]:
        """Of a catalogue that was published, by its number; empty if it is kept no longer."""
        return kept_files(self._documents, number)


def _loaded(published: Published) -> RuleFiles:
    shipped, taken = _shipped(), _taken_over(published)
    texts = taken or shipped
    with TemporaryDirectory() as folder:
        write(texts, Path(folder))
        files = tuple(load_files(Path(folder)))
    version = Catalog(file.rule for file in files).version
    by_version = {one.version: one for one in published.kept}
    in_force = by_version.pop(version, None)
    return RuleFiles(
        files=files,
        texts=texts,
        published_at=in_force.published_at if in_force and taken else None,
        kept=tuple(sorted(by_version.values(), key=lambda one: one.number, reverse=True)),
        shipped=shipped if texts != shipped else {},
    )


def _taken_over(published: Published) -> Bundle:
    """What a worker that starts now has in force of it; nothing where that is the shipped rules."""
    if not published.files:
        return {}
    for files in (published.files, published.before):
        with suppress(CatalogError):
            unpack(files)
            return files
    return {}


def _shipped() -> dict[str, str]:
    paths = [path for path in sorted(CATALOG_FOLDER.iterdir()) if is_named_as_one(path.name)]
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def write(texts: Mapping[str, str], folder: Path) -> None:
    """The files of a catalogue into a folder; their names were checked when they were published."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / Path(name).name).write_text(text, encoding="utf-8")
