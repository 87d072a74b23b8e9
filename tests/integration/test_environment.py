"""An environment holds exactly what its lock names, from whatever index the machine configures."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

PROJECT = Path(__file__).parent.parent.parent


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project of two locks and an index folder; uv is at hand as after a first `make setup`."""
    (tmp_path / "requirements").mkdir()
    shutil.copy(PROJECT / "requirements" / "environment.sh", tmp_path / "requirements")
    (tmp_path / "requirements" / "build.txt").write_text("")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for tool in ("uv", "python"):
        stand_in = tmp_path / ".venv" / "bin" / tool
        stand_in.write_text(f'#!/bin/sh\nexec "{PROJECT}/.venv/bin/{tool}" "$@"\n')
        stand_in.chmod(0o755)
    (tmp_path / "index").mkdir()
    return tmp_path


def wheel(clone: Path, version: str) -> str:
    """Puts a wheel of `lights` into the index folder and returns the line that locks it."""
    path = clone / "index" / f"lights-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("lights.py", f"version = {version!r}\n")
        archive.writestr(
            f"lights-{version}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: lights\nVersion: {version}\n"
        )
        archive.writestr(
            f"lights-{version}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"lights-{version}.dist-info/RECORD", "")
    return f"lights=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def install(clone: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs the script on a machine that tells pip, and nobody else, where packages are."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    environment = {
        **inherited,
        "PIP_CONFIG_FILE": os.devnull,
        "UV_NO_CONFIG": "1",
        "UV_CACHE_DIR": str(clone / "cache"),
        **(settings or {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(clone / "index")}),
    }
    command = ["/bin/sh", "requirements/environment.sh", ".venv-cloud", sys.executable, "requirements/cloud.txt"]
    return subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)


def installed(clone: Path) -> str:
    command = [str(clone / ".venv-cloud" / "bin" / "python"), "-c", "import lights; print(lights.version)"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def test_it_follows_the_lock_and_does_nothing_when_nothing_changed(clone: Path) -> None:
    lock = clone / "requirements" / "cloud.txt"
    lock.write_text(wheel(clone, "1.0"))
    assert install(clone).returncode == 0
    assert installed(clone) == "1.0"

    # Nothing to install from, and nothing asked for.
    assert install(clone, PIP_NO_INDEX="1").stderr == ""

    # Longer: the module compiled before would pass for one of the same second and size.
    lock.write_text(wheel(clone, "2.0.1"))
    assert install(clone).returncode == 0
    assert installed(clone) == "2.0.1"


def test_a_file_of_another_hash_is_refused_now_and_at_the_next_try(clone: Path) -> None:
    wheel(clone, "1.0")
    (clone / "requirements" / "cloud.txt").write_text(f"lights==1.0 --hash=sha256:{'0' * 64}\n")
    for _ in range(2):
        done = install(clone)
        assert done.returncode != 0
        assert "Hash mismatch" in done.stderr
    assert installed(clone) == ""


def test_the_index_that_pip_is_told_is_the_one_asked(clone: Path) -> None:
    # Port 9 (discard) on this machine answers nobody: the refusal names the index that was asked.
    (clone / "requirements" / "cloud.txt").write_text(wheel(clone, "1.0"))
    done = install(clone, PIP_INDEX_URL="http://127.0.0.1:9/private", UV_HTTP_RETRIES="0")
    assert done.returncode != 0
    assert "127.0.0.1:9/private/lights" in done.stderr


def test_what_uv_is_told_itself_wins(clone: Path) -> None:
    (clone / "requirements" / "cloud.txt").write_text(wheel(clone, "1.0"))
    done = install(
        clone,
        PIP_INDEX_URL="http://127.0.0.1:9/pip",
        UV_DEFAULT_INDEX="http://127.0.0.1:9/uv",
        UV_HTTP_RETRIES="0",
    )
    assert "127.0.0.1:9/uv/lights" in done.stderr
    assert "127.0.0.1:9/pip" not in done.stderr


def test_the_extra_indexes_of_pip_are_asked_too(clone: Path) -> None:
    (clone / "requirements" / "cloud.txt").write_text(wheel(clone, "1.0"))
    config = clone / "pip.conf"
    config.write_text(
        "[global]\nindex-url = http://127.0.0.1:9/first\n"
        "extra-index-url =\n  http://127.0.0.1:9/second\n  http://127.0.0.1:9/third\n"
    )
    done = install(clone, PIP_CONFIG_FILE=str(config), UV_HTTP_RETRIES="0")
    assert "127.0.0.1:9/second/lights" in done.stderr
