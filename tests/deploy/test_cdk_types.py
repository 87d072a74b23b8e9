"""Every part of the CDK that is imported here is checked by mypy: `pyproject.toml` names it, the others are Any."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_what_is_imported_is_checked() -> None:
    overrides = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["overrides"]
    (checked,) = [set(one["module"]) for one in overrides if one.get("follow_imports") == "normal"]
    sources = [path.read_text() for folder in ("deploy", "tests") for path in (ROOT / folder).rglob("*.py")]
    imported = {name for text in sources for name in re.findall(r"from aws_cdk import (\w+)", text)}
    modules = {f"aws_cdk.{name}" for name in imported if name[0].islower()}
    assert len(modules) > 20
    assert modules == checked - {"aws_cdk"}
