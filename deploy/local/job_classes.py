"""The KPI job's classes as a JVM had read and checked them (AppCDS), so that each start does not do it again.

A job runs after 13 instead of 19 s of CPU where the quick compiler alone works, after 22 instead of 28 elsewhere. What
makes the archive is one job that reaches no broker, started and stopped once for each version of Flink, the job's jar
and Java.
"""

from __future__ import annotations

import hashlib
import os
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Final

from deploy.errors import PartError
from deploy.local.jars import flink_jar, java_release
from deploy.made_once import made_once
from deploy.paths import BUILD

FLINK: Final = Path(sysconfig.get_path("purelib")) / "pyflink" / "lib"
ARCHIVE: Final = "job.jsa"
UNUSED: Final = ("HADOOP_CLASSPATH", "YARN_CONF_DIR", "HADOOP_CONF_DIR", "HBASE_CONF_DIR")
"""What PyFlink ends the class path with. Not set they are empty, which to Java is the folder that one is in, and with a
folder that holds something on the class path there is no archive."""


def job_environment(try_once: Callable[[Path, dict[str, str]], None]) -> dict[str, str]:
    """What a job's JVM is told of the archive; of none where none could be made, as it is only for speed.

    `try_once` starts a job in a folder and an environment, and returns when it has come up and ended; PartError if it
    did not.
    """
    jars = [f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in sorted(FLINK.glob("*.jar"))]
    made_from = "\0".join([*jars, java_release()]).encode() + flink_jar().read_bytes()

    def make(target: Path) -> None:
        target.mkdir(parents=True)
        try:
            try_once(target, _environment(f"-XX:ArchiveClassesAtExit={target / ARCHIVE}"))
        except PartError:
            (target / ARCHIVE).unlink(missing_ok=True)  # half a one

    archive = made_once(BUILD / "flink-classes" / hashlib.sha256(made_from).hexdigest()[:16], make) / ARCHIVE
    return _environment(f"-XX:SharedArchiveFile={archive}" if archive.exists() else "")


def _environment(option: str) -> dict[str, str]:
    nothing = BUILD / "nothing"
    nothing.mkdir(parents=True, exist_ok=True)
    java_options = f"{os.environ.get('JDK_JAVA_OPTIONS', '')} {option}".strip()
    return {**dict.fromkeys(UNUSED, str(nothing)), "JDK_JAVA_OPTIONS": java_options}
