"""Third-party packages for another machine than this one: Amazon Linux on x86_64, a given Python."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from deploy.errors import BundleError
from deploy.made_once import made_once
from deploy.paths import BUILD, ROOT


def install(requirements: str, python_version: str) -> Path:
    """The folder with the packages of `requirements/<requirements>`; installed once for each version of that file.

    Hashes are required and only wheels are taken: nothing is compiled here that would have to run there.
    """
    locked = ROOT / "requirements" / requirements
    digest = hashlib.sha256(locked.read_bytes() + python_version.encode()).hexdigest()[:16]
    folder = BUILD / "bundle-packages" / f"{locked.stem}-{digest}"
    return made_once(folder, lambda target: _pip_install(locked, python_version, target))


def _pip_install(locked: Path, python_version: str, target: Path) -> None:
    # pip and not uv: it reads what the machine says about where packages come from.
    platforms = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--require-hashes", "--only-binary=:all:", "--no-compile", "--implementation", "cp"]
    command += ["--python-version", python_version, "--target", str(target), "-r", str(locked)]
    command += [word for platform in platforms for word in ("--platform", platform)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BundleError(f"{locked.name}: its packages cannot be installed\n{done.stderr}")
