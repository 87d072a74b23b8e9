"""The jars of the JVM engines beside ours, brought and built by Maven once and kept until their sources change."""

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Final

from deploy.errors import PartError
from deploy.locks import only_one
from deploy.paths import BUILD

FOLDER: Final = Path(__file__).parent
BUILT: Final = BUILD / "bench-jars"


def flink_libs() -> Path:
    """The folder with Flink's Kafka connector and its built-in Avro format."""
    return _built("flink_libs")


def kafka_streams_libs() -> Path:
    """The folder with the Kafka Streams application and all it needs."""
    return _built("kafka_streams")


def _built(project: str) -> Path:
    """What a Maven project of this folder packages into its property `output`. Raises PartError."""
    sources = sorted(path for path in (FOLDER / project).rglob("*") if path.is_file())
    digest = hashlib.sha256(b"\0".join(path.name.encode() + b"\0" + path.read_bytes() for path in sources))
    folder = BUILT / f"{project}-{digest.hexdigest()[:16]}"
    with only_one(BUILT / f"{project}.lock"):
        if not folder.exists():
            partial = folder.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            _maven(project, ["package", f"-Doutput={partial}"])
            partial.rename(folder)
    return folder


def _maven(project: str, goals: list[str]) -> None:
    log_path = BUILT / f"{project}.log"
    command = ["mvn", "-q", "-B", "-f", str(FOLDER / project / "pom.xml"), *goals]
    with log_path.open("wb") as log:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise PartError(project, f"Maven failed with exit code {done.returncode}", log_path)
