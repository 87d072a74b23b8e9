"""The script of every Glue job: unpacks the warehouse bundle, puts the arguments where settings are read, and enters.

It runs alone, on Glue's Python 3.11, before anything of ours can be imported. `--entry MODULE` is what to run as main;
`--SEMAFORO_X VALUE` becomes the variable SEMAFORO_X; of secrets, settings hold the ARN.
"""

import os
import runpy
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

MARK = "warehouse/__init__.py"


def bundle_among(places: Sequence[str]) -> Path:
    """The bundle: Glue puts it on the path under a name of its own. Raises FileNotFoundError."""
    for place in places:
        if place.endswith(".zip") and Path(place).is_file():
            with zipfile.ZipFile(place) as archive:
                if MARK in archive.namelist():
                    return Path(place)
    raise FileNotFoundError("no bundle of the warehouse among --extra-py-files")


def options_of(arguments: Sequence[str]) -> dict[str, str]:
    """`--name value` pairs; what Glue adds of its own is among them and does no harm."""
    options: dict[str, str] = {}
    for place, word in enumerate(arguments[:-1]):
        if word.startswith("--"):
            options[word.removeprefix("--")] = arguments[place + 1]
    return options


def main(arguments: Sequence[str]) -> None:
    """Run the entry; its exit code or exception is the job's."""
    bundle = bundle_among(sys.path)
    options = options_of(arguments)
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(bundle) as archive:
            archive.extractall(folder)
        sys.path[:] = [folder, *(place for place in sys.path if place != str(bundle))]
        os.environ["PYTHONPATH"] = folder  # for what starts a Python of its own
        os.environ.update({name: value for name, value in options.items() if name.startswith("SEMAFORO_")})
        sys.argv[1:] = []
        runpy.run_module(options["entry"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
