"""Templates as the app synthesises them, and what tests ask of them."""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from deploy.app import add_stacks
from deploy.context import DeployContext

Template = dict[str, Any]


def synthesise(context: DeployContext, folder: Path, *, streaming: bool) -> dict[str, Template]:
    """The templates of a stage by the last part of their name."""
    folder.mkdir()
    bundle = folder / "bundle.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr("empty.py", "")
    app = cdk.App(outdir=str(folder / "out"), analytics_reporting=False)
    in_aws = bundle if streaming else None
    add_stacks(app, context, bundle, feeds_zip=bundle, flink_zip=in_aws, warehouse_zip=in_aws)
    app.synth()
    prefix = f"semaforo-{context.stage}-"
    return {
        path.name.removeprefix(prefix).removesuffix(".template.json"): json.loads(path.read_text())
        for path in (folder / "out").glob("*.template.json")
    }


def synthesise_to(target: Path, context: DeployContext, *, streaming: bool) -> None:
    """The templates as one JSON file each in `target`, for tests that share them."""
    templates = synthesise(context, target.with_name(f"{target.name}-app"), streaming=streaming)
    target.mkdir(parents=True)
    for name, template in templates.items():
        (target / f"{name}.json").write_text(json.dumps(template))


def resources(template: Template, kind: str) -> list[dict[str, Any]]:
    return [r["Properties"] for r in template["Resources"].values() if r["Type"] == kind]


def as_list(one_or_more: Any) -> list[Any]:
    """CloudFormation's lists of one are written without the list."""
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]


def counts(template: Template) -> dict[str, int]:
    return dict(Counter(resource["Type"] for resource in template["Resources"].values()))


def grants(template: Template) -> Iterator[tuple[str, Any]]:
    """Every action that a policy of the template allows, with each resource it is allowed on."""
    for policy in resources(template, "AWS::IAM::Policy"):
        for statement in policy["PolicyDocument"]["Statement"]:
            for action in as_list(statement["Action"]):
                for place in as_list(statement["Resource"]):
                    yield action, place


def subject_of(resource: Any) -> str:
    """What a policy's resource is about, of the few shapes it has here."""
    text = json.dumps(resource)
    if found := re.search(r":(topic|group)/.*/([a-z.-]+)\"", text):
        return f"{found[1]}/{found[2]}"
    return next((known for known in ("live-path", "brokerscluster", "log-stream", "assets") if known in text), text)
