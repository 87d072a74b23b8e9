"""What Managed Service for Apache Flink documents of a Python application's zip, one rule a function.

AWS, "Create and run a Managed Service for Apache Flink for Python application", "Programming your Python application"
and "Quotas": Flink 2.2 with Java 17 and Python 3.12 on x86_64. Each rule yields what is wrong, as a sentence.
"""

from __future__ import annotations

import ast
import io
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from deploy.bundles.flink_zip import ENTRY, JAR, PACKAGES_FOLDER

LARGEST_BYTES: Final = 512 * 1024 * 1024
PYTHON_TAG: Final = "312"
JAVA_17: Final = 61
"""The version of class files that Java 17 reads."""

JAR_NEEDS: Final = {
    "org/apache/flink/streaming/connectors/kafka/table/KafkaDynamicTableFactory.class": "the Kafka connector",
    "semaforo/flink/GuardedAvroFormatFactory.class": "our Avro format",
    "software/amazon/msk/auth/iam/IAMLoginModule.class": "the login to MSK",
}
RUNTIMES_OWN: Final = ("org/apache/flink/runtime/", "org/apache/flink/table/planner/", "org/apache/flink/api/common/")
"""The runtime brings them; a second copy of another version breaks it in ways that show much later."""

FACTORIES: Final = "META-INF/services/org.apache.flink.table.factories.Factory"

Rule = Callable[[zipfile.ZipFile], Iterator[str]]


def problems_of(bundle: Path) -> list[str]:
    """All that is wrong with the zip as such; empty if nothing is."""
    if not zipfile.is_zipfile(bundle):
        return ["is not a zip file"]
    problems = []
    if (size := bundle.stat().st_size) > LARGEST_BYTES:
        problems.append(f"{size:,} bytes; the limit is {LARGEST_BYTES:,}")
    with zipfile.ZipFile(bundle) as archive:
        for rule in RULES:
            problems += rule(archive)
    return problems


def _whole(archive: zipfile.ZipFile) -> Iterator[str]:
    if broken := archive.testzip():
        yield f"{broken} is damaged"


def _stays_in_its_folder(archive: zipfile.ZipFile) -> Iterator[str]:
    for entry in archive.infolist():
        path = PurePosixPath(entry.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename:
            yield f"{entry.filename} leads out of the folder it is unpacked to"
        if stat.S_ISLNK(entry.external_attr >> 16):
            yield f"{entry.filename} is a link"


def _what_the_run_options_name(archive: zipfile.ZipFile) -> Iterator[str]:
    """`python`, `jarfile`, `pyFiles`, relative to the root of the zip."""
    names = archive.namelist()
    jars = [name for name in names if name.endswith(".jar")]
    if jars != [JAR]:
        yield f"must hold one jar, {JAR}; holds {jars}"
    if ENTRY not in names:
        yield f"{ENTRY} is missing"
    if not any(name.startswith(PACKAGES_FOLDER) for name in names):
        yield f"{PACKAGES_FOLDER} is missing"
    if any(PurePosixPath(name).name == "application_properties.json" for name in names):
        yield "holds application_properties.json: the service makes its own, and this one would be another stage's"


def _native_modules(archive: zipfile.ZipFile) -> Iterator[str]:
    for name in archive.namelist():
        if not re.search(r"\.(so|pyd|dylib)$", name):
            continue
        if (tag := re.search(r"cpython-(\d+)", name)) and tag[1] != PYTHON_TAG:
            yield f"built for another Python than 3.12: {name}"
        if re.search(r"aarch64|arm64|darwin|win_amd64|win32", name):
            yield f"built for another machine than Linux on x86_64: {name}"


def _python_reads_it(archive: zipfile.ZipFile) -> Iterator[str]:
    for name in archive.namelist():
        if name == ENTRY or (name.startswith(f"{PACKAGES_FOLDER}flink_jobs/") and name.endswith(".py")):
            try:
                ast.parse(archive.read(name), feature_version=(3, 12))
            except SyntaxError as error:
                yield f"{name}:{error.lineno} is no Python 3.12: {error.msg}"


def _the_jar(archive: zipfile.ZipFile) -> Iterator[str]:
    if JAR not in archive.namelist():
        return
    try:
        jar = zipfile.ZipFile(io.BytesIO(archive.read(JAR)))
    except zipfile.BadZipFile:
        yield f"{JAR} is no jar"
        return
    names = set(jar.namelist())
    for needed, what in JAR_NEEDS.items():
        if needed not in names:
            yield f"{JAR} lacks {what}: {needed}"
    if FACTORIES not in names or b"GuardedAvroFormatFactory" not in jar.read(FACTORIES):
        yield f"{JAR} does not announce our format in {FACTORIES}: a shading that did not merge services"
    for own in RUNTIMES_OWN:
        if any(name.startswith(own) and name.endswith(".class") for name in names):
            yield f"{JAR} holds {own}, which the runtime brings"
    newer = sorted(name for name in names if name.endswith(".class") and _class_version(jar, name) > JAVA_17)
    # A multi-release jar keeps newer ones where Java 17 does not look.
    newer = [name for name in newer if not name.startswith("META-INF/versions/")]
    if newer:
        yield f"{JAR} is built for a newer Java than 17: {newer[0]} and {len(newer) - 1} more"


def _class_version(jar: zipfile.ZipFile, name: str) -> int:
    with jar.open(name) as file:
        head = file.read(8)
    return int.from_bytes(head[6:8], "big")


RULES: Final[tuple[Rule, ...]] = (
    _whole,
    _stays_in_its_folder,
    _what_the_run_options_name,
    _native_modules,
    _python_reads_it,
    _the_jar,
)
