"""The real bundles: fit to be shipped, and the same bytes every time."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from deploy.bundles.flink_zip import ENTRY, JAR, build_flink_zip
from deploy.bundles.inspection import inspect_flink_zip, inspect_lambda_zip
from deploy.bundles.lambda_zip import build_lambda_zip
from deploy.bundles.preflight import preflight
from deploy.errors import BundleError
from deploy.local.jars import flink_jar
from deploy.paths import ROOT

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def lambda_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_lambda_zip(tmp_path_factory.mktemp("lambda") / "today.zip")


@pytest.fixture(scope="module")
def flink_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_flink_zip(tmp_path_factory.mktemp("flink") / "today.zip", flink_jar())


def test_the_lambda_bundle_is_fit(lambda_bundle: Path) -> None:
    inspect_lambda_zip(lambda_bundle)
    with zipfile.ZipFile(lambda_bundle) as archive:
        names = archive.namelist()
    assert any(name.startswith("rules/catalog/") and name.endswith(".toml") for name in names), "the rules travel along"
    assert not any(name.startswith(("tests/", "deploy/", "producers/")) for name in names)


def test_the_flink_bundle_is_fit_and_reproducible(flink_bundle: Path, tmp_path: Path) -> None:
    inspect_flink_zip(flink_bundle)
    assert build_flink_zip(tmp_path / "again.zip", flink_jar()).read_bytes() == flink_bundle.read_bytes()
    with zipfile.ZipFile(flink_bundle) as archive:
        names = archive.namelist()
    assert {ENTRY, JAR, "packages/flink_jobs/route_kpis.py", "packages/schemas/rows.py"} <= set(names)
    assert any(name.startswith("packages/schemas/avro/") for name in names), "the writer schemas travel along"
    assert any(name.startswith("packages/flink_jobs/sql/") for name in names)
    assert {name.split("/")[3] for name in names if name.startswith("packages/botocore/data/kinesis/")}, "its own API"


def test_the_flink_bundle_starts_with_nothing_of_this_folder_in_reach(flink_bundle: Path, tmp_path: Path) -> None:
    """And one whose entry raises does not, with the reason: before it starts a JVM of 20 s."""
    preflight(flink_bundle)
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(flink_bundle) as good, zipfile.ZipFile(broken, "w", zipfile.ZIP_DEFLATED) as bad:
        for name in good.namelist():
            content = good.read(name)
            if name == "packages/flink_jobs/route_kpis.py":
                content = content.replace(b"from flink_jobs.queries", b"from flink_jobs.no_such_module")
            bad.writestr(name, content)
    with pytest.raises(BundleError, match=r"does not start:[\s\S]*no_such_module"):
        preflight(broken)


def test_a_bundle_of_another_day_is_the_same_bytes(lambda_bundle: Path, tmp_path: Path) -> None:
    """Built in a process whose clock, zone, umask and hash seed are others."""
    code = (
        "import os, sys, time; os.umask(0o077); time.time = lambda: 2_000_000_000.0\n"
        "from pathlib import Path\n"
        "from deploy.bundles.lambda_zip import build_lambda_zip\n"
        "build_lambda_zip(Path(sys.argv[1]))"
    )
    environment = {**os.environ, "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "LC_ALL": "C"}
    command = [sys.executable, "-c", code, str(tmp_path / "later.zip")]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    assert (tmp_path / "later.zip").read_bytes() == lambda_bundle.read_bytes()
