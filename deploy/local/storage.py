"""A broker's storage before its first start, which Kafka wants formatted.

Its tool makes two small files and is a JVM of 1.4 s of CPU; a cluster has three storages, and a run of the tests starts
a dozen clusters. So the tool runs once for each version and settings of the brokers: what it makes says which features
the cluster has, and only who it belongs to differs.
"""

from __future__ import annotations

import shutil
import uuid
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Final

PROPERTIES: Final = "meta.properties"


def copy_formatted(formatted: Path, storage: Path, *, cluster: str, broker_id: int) -> None:
    """Make `storage` that of one broker of a cluster, unless it is one already."""
    if (storage / PROPERTIES).exists():
        return
    shutil.rmtree(storage, ignore_errors=True)
    shutil.copytree(formatted, storage, ignore=shutil.ignore_patterns(PROPERTIES))
    lines = {"version": 1, "cluster.id": cluster, "node.id": broker_id, "directory.id": kafka_id(uuid.uuid4())}
    # Last and at once: a storage that has it is whole.
    partial = storage / f"{PROPERTIES}.partial"
    partial.write_text("".join(f"{key}={value}\n" for key, value in lines.items()))
    partial.rename(storage / PROPERTIES)


def cluster_id(folder: Path) -> str:
    """The id of the cluster in a folder, the same for each of its brokers."""
    return kafka_id(uuid.uuid5(uuid.NAMESPACE_URL, str(folder)))


def kafka_id(unique: uuid.UUID) -> str:
    """As Kafka writes ids: 16 bytes in URL-safe base64."""
    number = bytearray(unique.bytes)
    number[0] &= 0x7F  # then it begins with a letter: a leading dash is an option to the tool that formats
    return urlsafe_b64encode(number).decode().rstrip("=")
