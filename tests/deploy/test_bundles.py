"""Zips depend on their contents alone, and an unfit one is refused with all that is wrong with it."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from pathlib import Path

import pytest

from deploy.bundles import inspection, managed_flink
from deploy.bundles.archive import everything, sources, write_zip
from deploy.bundles.flink_zip import ENTRY, JAR
from deploy.bundles.inspection import inspect_flink_zip, inspect_lambda_zip
from deploy.bundles.managed_flink import FACTORIES, JAR_NEEDS
from deploy.errors import BundleError

HANDLERS: dict[str, Path | bytes] = {
    "lambdas/__init__.py": b"",
    "lambdas/semaforo.py": b"import boto3\ndef handler(event, context): ...\n",
    "lambdas/sweeper.py": b"import botocore.config\ndef handler(event, context): ...\n",
    "lambdas/raw_record.py": b"def handler(event, context): ...\n",
    "lambdas/light_log_feed.py": b"def handler(event, context): ...\n",
    "lambdas/recommender.py": b"def handler(event, context): ...\n",
}
MODULE = b"""
from typing import TYPE_CHECKING
import pyflink.table
import pydantic
if TYPE_CHECKING:
    import stubs_that_only_a_type_checker_needs
"""


def jar_of(**spoilt: bytes | None) -> bytes:
    """A jar with what ours must hold, by the last word of each name; None leaves one out."""
    java_17 = b"\xca\xfe\xba\xbe\x00\x00\x00\x3d"
    contents: dict[str, bytes] = dict.fromkeys(JAR_NEEDS, java_17)
    contents[FACTORIES] = b"semaforo.flink.GuardedAvroFormatFactory\n"
    for ending, content in spoilt.items():
        for name in [name for name in contents if name.removesuffix(".class").endswith(ending)] or [
            f"org/apache/flink/runtime/{ending}.class"
        ]:
            contents.pop(name, None)
            if content is not None:
                contents[name] = content
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return written.getvalue()


JOB: dict[str, Path | bytes] = {
    ENTRY: b"import sys\nsys.path.insert(0, 'packages')\nimport flink_jobs.route_kpis\n",
    JAR: jar_of(),
    "packages/flink_jobs/__init__.py": b"",
    "packages/flink_jobs/route_kpis.py": MODULE,
    "packages/flink_jobs/sql/01_source.sql": b"-- which?",
    "packages/pydantic/__init__.py": b"",
}


def test_the_same_contents_give_the_same_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    for name in ("b.py", "a.py"):
        (folder / name).write_text(name)
    first = write_zip(tmp_path / "1.zip", sources(folder, "p/")).read_bytes()
    os.utime(folder / "a.py", (0, 0))
    (folder / "a.py").chmod(0o600)
    assert write_zip(tmp_path / "2.zip", sources(folder, "p/")).read_bytes() == first
    (folder / "a.py").write_text("changed")
    assert write_zip(tmp_path / "3.zip", sources(folder, "p/")).read_bytes() != first


def test_of_our_packages_code_and_its_data_are_shipped_and_nothing_else(tmp_path: Path) -> None:
    kept = ["a.py", "sql/01.sql", "catalog/rule.toml", "avro/x.avsc"]
    left = ["README.md", "__pycache__/a.pyc", ".hidden/a.py", "format/target/a.json", "format/A.java", "pom.xml"]
    for name in (*kept, *left):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert sorted(sources(tmp_path, "p/")) == sorted(f"p/{name}" for name in kept)
    assert "p/README.md" in everything(tmp_path, "p/"), "other people's packages keep their data, whatever it is"


def test_a_fit_lambda_bundle_passes(tmp_path: Path) -> None:
    inspect_lambda_zip(write_zip(tmp_path / "lambda.zip", HANDLERS))


@pytest.mark.parametrize(
    ("spoilt", "complaint"),
    [
        ({"boto3/__init__.py": b""}, "must not hold boto3"),
        ({"pyflink/__init__.py": b""}, "must not hold pyflink"),
        ({"deploy/__init__.py": b""}, "must not hold deploy"),
        ({"lambdas/semaforo.py": b"import msgspec\ndef handler(e, c): ...\n"}, "No module named 'msgspec'"),
        ({"lambdas/sweeper.py": b"def handle(e, c): ...\n"}, "cannot import name 'handler'"),
    ],
)
def test_an_unfit_lambda_bundle_is_refused(spoilt: dict[str, bytes], complaint: str, tmp_path: Path) -> None:
    bundle = write_zip(tmp_path / "lambda.zip", {**HANDLERS, **spoilt})
    with pytest.raises(BundleError, match=complaint):
        inspect_lambda_zip(bundle)


def test_a_lambda_bundle_that_lambda_would_not_unpack_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its 250 MiB are shown on one: 251 take 3 s to make."""
    assert inspection.UNZIPPED_LIMIT == 262_144_000
    monkeypatch.setattr(inspection, "UNZIPPED_LIMIT", 1024 * 1024)
    bundle = write_zip(tmp_path / "lambda.zip", {**HANDLERS, "lambdas/big.bin": bytes(1024 * 1024)})
    with pytest.raises(BundleError, match="the limit is 1,048,576"):
        inspect_lambda_zip(bundle)


def test_a_fit_flink_bundle_passes(tmp_path: Path) -> None:
    inspect_flink_zip(write_zip(tmp_path / "flink.zip", JOB))


@pytest.mark.parametrize(
    ("spoilt", "complaint"),
    [
        ({"lib/another.jar": b""}, "must hold one jar"),
        ({"packages/numpy/__init__.py": b""}, "must not hold numpy"),
        ({"packages/pandas/__init__.py": b""}, "must not hold pandas"),
        ({"packages/pyarrow/__init__.py": b""}, "must not hold pyarrow"),
        ({"packages/pyflink/__init__.py": b""}, "must not hold pyflink"),
        ({"packages/m/_m.cpython-311-x86_64-linux-gnu.so": b""}, "built for another Python than 3.12"),
        ({"packages/flink_jobs/route_kpis.py": b"def f():\n    import typer\n"}, "typer is imported by route_kpis"),
        ({"packages/m/_m.cpython-312-aarch64-linux-gnu.so": b""}, "another machine than Linux on x86_64"),
        ({"../../etc/cron.d/x": b""}, "leads out of the folder"),
        ({"packages/flink_jobs/route_kpis.py": b"def f(:\n"}, "route_kpis.py:1 is no Python 3.12"),
        ({"packages/application_properties.json": b"[]"}, "the service makes its own"),
        ({JAR: b"jar"}, "semaforo-flink.jar is no jar"),
        ({JAR: jar_of(KafkaDynamicTableFactory=None)}, "lacks the Kafka connector"),
        ({JAR: jar_of(IAMLoginModule=None)}, "lacks the login to MSK"),
        ({JAR: jar_of(Factory=b"somebody.Else")}, "does not announce our format"),
        ({JAR: jar_of(GuardedAvroFormatFactory=b"\xca\xfe\xba\xbe\0\0\0\x41")}, "newer Java than 17"),
        ({JAR: jar_of(TaskManager=b"\xca\xfe\xba\xbe\0\0\0\x3d")}, "which the runtime brings"),
    ],
)
def test_an_unfit_flink_bundle_is_refused(spoilt: dict[str, bytes], complaint: str, tmp_path: Path) -> None:
    bundle = write_zip(tmp_path / "flink.zip", {**JOB, **spoilt})
    with pytest.raises(BundleError, match=complaint):
        inspect_flink_zip(bundle)


def test_what_is_no_zip_or_damaged_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = tmp_path / "text.zip"
    text.write_text("a zip, they said")
    with pytest.raises(BundleError, match="is not a zip file"):
        inspect_flink_zip(text)
    bundle = write_zip(tmp_path / "flink.zip", JOB)
    whole = bundle.read_bytes()
    sql = whole.index(b"01_source.sql") + len(b"01_source.sql")
    bundle.write_bytes(whole[:sql] + bytes([whole[sql] ^ 0xFF]) + whole[sql + 1 :])
    with pytest.raises((BundleError, zipfile.BadZipFile, zlib.error), match=r"damaged|invalid|Error"):
        inspect_flink_zip(bundle)
    bundle.write_bytes(whole)
    monkeypatch.setattr(managed_flink, "LARGEST_BYTES", 1_000)
    with pytest.raises(BundleError, match="the limit is 1,000"):
        inspect_flink_zip(bundle)


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    contents = {name: content for name, content in JOB.items() if name not in (ENTRY, JAR)}
    bundle = write_zip(tmp_path / "flink.zip", {**contents, "packages/numpy/__init__.py": b""})
    with pytest.raises(BundleError) as caught:
        inspect_flink_zip(bundle)
    assert "must hold one jar" in str(caught.value)
    assert f"{ENTRY} is missing" in str(caught.value)
    assert "must not hold numpy" in str(caught.value)


def test_a_zip_that_fails_halfway_leaves_the_old_one(tmp_path: Path) -> None:
    target = write_zip(tmp_path / "a.zip", {"a": b"1"})
    with pytest.raises(FileNotFoundError):
        write_zip(target, {"a": b"2", "b": tmp_path / "missing"})
    with zipfile.ZipFile(target) as archive:
        assert archive.read("a") == b"1"
