"""The rule files in force in a stage, with the tests inside: those that were published to it, else the shipped ones;
and those that were in force before."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import msgspec

from alerts.documents import Documents
from alerts.live_catalog import KEY, Published
from rules.bundle import is_named_as_one
from rules.load import CATALOG_FOLDER, RuleFile, load_files


class RuleFiles(msgspec.Struct, frozen=True):
    """`texts` by file name, models too; `published_at` is None for the shipped ones. `before`: what was published
    before these; `shipped`: what came with the code. Either is empty where it is what is in force."""

    files: tuple[RuleFile, ...]
    texts: Mapping[str, str]
    published_at: datetime | None
    before: Mapping[str, str] = {}
    shipped: Mapping[str, str] = {}


class RuleFileReader:
    """Raises Transient when DynamoDB is away. Files are read anew only after somebody published."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._lock = Lock()
        self._version = -1
        self._found: RuleFiles | None = None

    def read(self) -> RuleFiles:
        """What is in force. A catalogue that does not load is refused by the semáforo too: then the shipped one."""
        document = self._documents.get(KEY)
        with self._lock:
            if self._found is None or document.version != self._version:
                self._found = _loaded(document.read(Published, Published({})))
                self._version = document.version
            return self._found


def _loaded(published: Published) -> RuleFiles:
    shipped = _shipped()
    texts = published.files or shipped
    before = published.before if published.before != texts else {}
    if not published.files:
        return RuleFiles(tuple(load_files(CATALOG_FOLDER)), shipped, None, before)
    with TemporaryDirectory() as folder:
        write(texts, Path(folder))
        files = tuple(load_files(Path(folder)))
    return RuleFiles(files, texts, published.published_at, before, shipped if texts != shipped else {})


def _shipped() -> dict[str, str]:
    paths = [path for path in sorted(CATALOG_FOLDER.iterdir()) if is_named_as_one(path.name)]
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def write(texts: Mapping[str, str], folder: Path) -> None:
    """The files of a catalogue into a folder; their names were checked when they were published."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / Path(name).name).write_text(text, encoding="utf-8")
