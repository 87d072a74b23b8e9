"""A catalogue as text: what is published to a running semáforo, and what it reads back."""

import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rules.load import CATALOG_FOLDER, Catalog, load_files
from rules.problems import CatalogError, Problem
from rules.testing import run_tests, test_problems

Bundle = Mapping[str, str]
"""The text of each file of a catalogue by its name: rules ("margin.toml") and models ("x.model.json")."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*\.(toml|model\.json)")


def is_named_as_one(name: str) -> bool:
    """Whether a file belongs to a catalogue. Names become paths: whoever writes a bundle must not choose which."""
    return _NAME.fullmatch(name) is not None


def pack(folder: Path = CATALOG_FOLDER) -> Bundle:
    """The files of a folder. Raises CatalogError if they are not sound or fail their own tests."""
    found = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()}
    bundle = {name: text for name, text in found.items() if is_named_as_one(name)}
    unpack(bundle)
    return bundle


def unpack(bundle: Bundle) -> Catalog:
    """The rules of a bundle, which passed `check` and their own tests here and now, by the code that will run them.

    Raises CatalogError with every problem, by file name and line.
    """
    if strange := [name for name in bundle if not is_named_as_one(name)]:
        raise CatalogError(Problem(name, 1, "not the name of a rule or a model") for name in strange)
    with TemporaryDirectory() as folder:
        for name, text in bundle.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        try:
            files = load_files(Path(folder))
            malformed = [problem for file in files for problem in test_problems(file)]
            if problems := malformed or [problem for file in files for problem in run_tests(file)]:
                raise CatalogError(problems)
        except CatalogError as error:
            raise CatalogError(problem._replace(file=Path(problem.file).name) for problem in error.problems) from error
    return Catalog(file.rule for file in files)
