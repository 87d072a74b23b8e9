"""cfn-lint has nothing to say of any template beyond what `.cfnlintrc.yaml` and this file give a reason for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.synthesised import Template

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
# The local cloud asks for rights named after the calls (`DeployContext.rights_by_call`), which AWS does not know.
ONLY_LOCALLY = {"live-path: W3037 batchexecutestatement", "live-path: W3037 publishbatch"}
Said = dict[str, list[str]]


@pytest.fixture(scope="module")
def said(aws: dict[str, Template], local: dict[str, Template], tmp_path_factory: pytest.TempPathFactory) -> Said:
    """By folder of templates: template, rule and what it is about, as the command says it to whoever runs it here.

    All in one process: to start and read its schemas takes it 3 of 18 s of CPU.
    """
    broken = {"Resources": {"table": {"Type": "AWS::DynamoDB::Table", "Properties": {"KeySchemas": []}}}}
    folder = tmp_path_factory.mktemp("templates")
    paths = []
    for name, templates in {"aws": aws, "local": local, "broken": {"table": broken}}.items():
        (folder / name).mkdir()
        for stack, template in templates.items():
            paths.append(folder / name / f"{stack}.json")
            paths[-1].write_text(json.dumps(template))
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "json", "--", *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    by_folder: Said = {"aws": [], "local": [], "broken": []}
    for one in found:
        path, about = Path(one["Filename"]), one["Message"].split(" ")[0].strip("'")
        by_folder[path.parent.name].append(f"{path.stem}: {one['Rule']['Id']} {about}")
    return by_folder


def test_nothing_is_to_be_said_of_what_goes_to_aws(said: Said) -> None:
    assert said["aws"] == []


def test_of_the_local_templates_only_what_the_local_cloud_is_given(said: Said) -> None:
    assert set(said["local"]) == ONLY_LOCALLY


def test_what_cloudformation_would_refuse_is_found(said: Said) -> None:
    """Negative control: an option that no table has."""
    assert any(one.startswith("table: E3002") for one in said["broken"]), said["broken"]
