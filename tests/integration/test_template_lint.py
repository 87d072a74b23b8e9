"""cfn-lint has nothing to say of any template beyond what `.cfnlintrc.yaml` and this file give a reason for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.synthesised import Template

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
# The local cloud asks for rights named after the calls (`DeployContext.rights_by_call`), which AWS does not know.
ONLY_LOCALLY = {"live-path: W3037 batchexecutestatement", "live-path: W3037 publishbatch"}


def findings(templates: dict[str, Template], folder: Path) -> Iterator[str]:
    """Template, rule and what it is about; as the command says it to whoever runs it here."""
    paths = [folder / f"{name}.json" for name in templates]
    for path, template in zip(paths, templates.values(), strict=True):
        path.write_text(json.dumps(template))
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "json", "--", *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    for one in found:
        yield f"{Path(one['Filename']).stem}: {one['Rule']['Id']} {one['Message'].split(' ')[0].strip(chr(39))}"


def test_nothing_is_to_be_said(aws: dict[str, Template], local: dict[str, Template], tmp_path: Path) -> None:
    (tmp_path / "aws").mkdir()
    assert list(findings(aws, tmp_path / "aws")) == []
    assert set(findings(local, tmp_path)) == ONLY_LOCALLY


def test_what_cloudformation_would_refuse_is_found(local: dict[str, Template], tmp_path: Path) -> None:
    """Negative control: an option that no table has, and a right that does not exist."""
    broken = json.loads(json.dumps(local["catalogue"]))
    broken["Resources"]["table"] = {"Type": "AWS::DynamoDB::Table", "Properties": {"KeySchemas": []}}
    said = list(findings({"catalogue": broken}, tmp_path))
    assert any(one.startswith("catalogue: E3002") for one in said), said
