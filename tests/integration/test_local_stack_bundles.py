"""The real bundles: fit to be shipped, and the same bytes every time."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from deploy.bundles.flink_zip import ENTRY, JAR, build_flink_zip
from deploy.bundles.inspection import inspect_flink_zip, inspect_lambda_zip
from deploy.bundles.lambda_zip import build_lambda_zip
from deploy.local.jars import flink_jar

pytestmark = pytest.mark.integration


def test_the_lambda_bundle_is_fit_and_reproducible(tmp_path: Path) -> None:
    bundle = build_lambda_zip(tmp_path / "1.zip")
    inspect_lambda_zip(bundle)
    assert build_lambda_zip(tmp_path / "2.zip").read_bytes() == bundle.read_bytes()
    with zipfile.ZipFile(bundle) as archive:
        names = archive.namelist()
    assert any(name.startswith("rules/catalog/") and name.endswith(".toml") for name in names), "the rules travel along"
    assert not any(name.startswith(("tests/", "deploy/", "producers/")) for name in names)


def test_the_flink_bundle_is_fit_and_reproducible(tmp_path: Path) -> None:
    bundle = build_flink_zip(tmp_path / "1.zip", flink_jar())
    inspect_flink_zip(bundle)
    assert build_flink_zip(tmp_path / "2.zip", flink_jar()).read_bytes() == bundle.read_bytes()
    with zipfile.ZipFile(bundle) as archive:
        names = archive.namelist()
    assert {ENTRY, JAR, "packages/flink_jobs/route_kpis.py", "packages/schemas/rows.py"} <= set(names)
    assert any(name.startswith("packages/schemas/avro/") for name in names), "the writer schemas travel along"
    assert any(name.startswith("packages/flink_jobs/sql/") for name in names)
    assert {name.split("/")[3] for name in names if name.startswith("packages/botocore/data/kinesis/")}, "its own API"
