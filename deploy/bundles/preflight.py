"""A Flink zip before it is shipped: every documented rule, then a start where nothing of the work tree can be found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Final

from deploy.bundles import rehearsal
from deploy.bundles.flink_zip import PACKAGES_FOLDER
from deploy.bundles.inspection import inspect_flink_zip
from deploy.errors import BundleError
from deploy.paths import ROOT

KEPT_VARIABLES: Final = ("PATH", "JAVA_HOME", "HOME", "LANG", "JDK_JAVA_OPTIONS")
START_SECONDS: Final = 300


def preflight(bundle: Path, *, start: bool = True) -> None:
    """Raises BundleError: what the rules find, or the last words of a start that failed."""
    inspect_flink_zip(bundle)
    if start:
        _start(bundle)


def _start(bundle: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="semaforo-preflight-") as name:
        folder = Path(name)
        with zipfile.ZipFile(bundle) as archive:
            archive.extractall(folder)
        _leave_native_packages_to_this_interpreter(folder / PACKAGES_FOLDER)
        environment = {key: os.environ[key] for key in KEPT_VARIABLES if key in os.environ}
        environment |= {"TMPDIR": name, "AWS_EC2_METADATA_DISABLED": "true"}
        # It must not put its own folder, which is ours, before the zip's: -I.
        command = [sys.executable, "-I", rehearsal.__file__, str(ROOT)]
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=START_SECONDS,
        )
    if done.returncode != 0 or rehearsal.STARTED not in done.stdout.splitlines():
        words = "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])
        raise BundleError(f"{bundle.name} does not start:\n{words}")


def _leave_native_packages_to_this_interpreter(packages: Path) -> None:
    for module in list(packages.rglob("*.cpython-312*")):
        native = packages / module.relative_to(packages).parts[0]
        if native.is_dir():
            shutil.rmtree(native)
        else:
            native.unlink(missing_ok=True)
