"""The script of the Glue jobs, run as Glue runs it: alone, with the bundle on its path."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from deploy.bundles.glue_entry import bundle_among
from deploy.bundles.warehouse_zip import ENTRY_SCRIPT

HELLO = """
import os, sys
from pathlib import Path
if __name__ == "__main__":
    print(Path(__file__).with_name("text.sql").read_text(), os.environ["SEMAFORO_CLEAN_URL"], sys.argv[1:])
    sys.exit(int(os.environ["SEMAFORO_CODE"]))
"""


def run(tmp_path: Path, code: str, *words: str) -> subprocess.CompletedProcess[str]:
    bundle = tmp_path / "0a1b2c.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("warehouse/__init__.py", "")
        archive.writestr("warehouse/glue/__init__.py", "")
        archive.writestr("warehouse/glue/hello.py", HELLO)
        archive.writestr("warehouse/glue/text.sql", "SELECT 1")
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("another.py", "")
    # As Glue adds words of its own, before and after ours.
    given = ["--JOB_NAME", "hello", "--entry", "warehouse.glue.hello", "--SEMAFORO_CODE", code]
    given += ["--SEMAFORO_CLEAN_URL", "s3://clean", *words, "--enable-metrics", "true"]
    environment = {**os.environ, "PYTHONPATH": f"{other}{os.pathsep}{bundle}"}
    return subprocess.run(
        [sys.executable, str(ENTRY_SCRIPT), *given],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("code", ["0", "3"])
def test_an_entry_finds_its_files_its_settings_and_gives_its_code(tmp_path: Path, code: str) -> None:
    done = run(tmp_path, code)
    assert done.stdout == "SELECT 1 s3://clean []\n", done.stderr
    assert done.returncode == int(code)


def test_without_a_bundle_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no bundle of the warehouse"):
        bundle_among([str(tmp_path), str(tmp_path / "absent.zip")])
