"""Folders below `build/` that are made once for each content and then kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from deploy.locks import only_one


def made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """`folder`, whose name tells what it is made from; if it is not there, `make` fills another that is then renamed.

    So a folder that is there is whole, whatever was killed when. One process at a time makes folders of one parent.
    """
    with only_one(folder.parent.with_suffix(".lock")):
        if not folder.exists():
            partial = folder.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            make(partial)
            partial.rename(folder)
    return folder
