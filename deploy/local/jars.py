"""The brokers' jars and the KPI job's, brought or built by Maven once and kept until their sources change."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from deploy.errors import PartError
from deploy.locks import only_one
from deploy.made_once import made_once
from deploy.paths import BUILD, FLINK_JAR, FLINK_POM

KAFKA_POM = Path(__file__).parent / "kafka" / "pom.xml"


def java() -> str:
    """The Java to run: JAVA_HOME's if set, else the one on the path."""
    home = os.environ.get("JAVA_HOME")
    return str(Path(home) / "bin" / "java") if home else "java"


def java_release() -> str:
    """Which Java it is: an archive serves the very build that wrote it."""
    program = Path(shutil.which(java()) or java()).resolve()
    release = program.parent.parent / "release"
    return release.read_text() if release.exists() else str(program)


def kafka_jars() -> Path:
    """The folder with the brokers' jars; resolved by Maven the first time for each version of the pom."""
    folder = BUILD / "kafka-libs" / _digest([KAFKA_POM])
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime"]
    return made_once(folder, lambda target: _maven("kafka-libs", KAFKA_POM, [*goal, f"-DoutputDirectory={target}"]))


def flink_jar() -> Path:
    """The KPI job's one jar, built by Maven when its sources are newer than it."""
    with only_one(BUILD / "flink-jar.lock"):
        sources = [FLINK_POM, *sorted((FLINK_POM.parent / "src" / "main").rglob("*"))]
        stamp = BUILD / "flink-jar.digest"
        digest = _digest([path for path in sources if path.is_file()])
        if not FLINK_JAR.exists() or not stamp.exists() or stamp.read_text() != digest:
            _maven("flink-jar", FLINK_POM, ["package", "-DskipTests"])
            stamp.write_text(digest)
    return FLINK_JAR


def _maven(part: str, pom: Path, goal: list[str]) -> None:
    log_path = BUILD / f"{part}.log"
    command = ["mvn", "-q", "-B", "-f", str(pom), *goal]
    if shutil.which(command[0]) is None:
        raise PartError(part, "Maven is not installed; `make preflight` says how to get it")
    with log_path.open("wb") as log:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise PartError(part, f"Maven failed with exit code {done.returncode}", log_path)


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
