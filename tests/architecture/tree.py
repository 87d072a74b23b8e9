"""The files that the rules look at."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Tree:
    """Files under a root, named by their path relative to it."""

    root: Path
    paths: tuple[PurePosixPath, ...]

    @classmethod
    def of_git(cls, root: Path) -> Tree:
        """What is tracked or about to be: everything that is not ignored and exists."""
        listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        names = subprocess.run(listing, cwd=root, check=True, capture_output=True, text=True).stdout
        found = sorted({PurePosixPath(name) for name in names.split("\0") if name})
        return cls(root, tuple(path for path in found if (root / path).is_file()))

    @classmethod
    def of_folder(cls, root: Path) -> Tree:
        """Every file below the root."""
        found = sorted(path for path in root.rglob("*") if path.is_file())
        return cls(root, tuple(PurePosixPath(path.relative_to(root).as_posix()) for path in found))

    def text(self, path: PurePosixPath | str) -> str:
        """The file's text; empty for one that is not text."""
        try:
            return (self.root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            return ""

    @property
    def modules(self) -> list[PurePosixPath]:
        """The Python files inside folders."""
        return [path for path in self.paths if path.suffix == ".py" and len(path.parts) > 1]

    @property
    def locks(self) -> list[PurePosixPath]:
        """The compiled requirement files."""
        return [path for path in self.paths if path.parts[0] == "requirements" and path.suffix == ".txt"]
