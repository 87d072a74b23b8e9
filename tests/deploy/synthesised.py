"""Templates as the app synthesises them, and what tests ask of them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.bundles.stand_in import MARK

Template = dict[str, Any]


def synthesise_to(target: Path, stage: str, *, local: bool) -> None:
    """The templates as one JSON file each in `target`, by the command people run: without a bundle or a network."""
    from deploy.cli import synth  # brings all that the commands need, which most tests do not

    out = target.with_name(f"{target.name}-app")
    synth(stage, local=local, out=out)
    assert (out / MARK).exists()
    target.mkdir(parents=True)
    for name, template in read_templates(out, stage).items():
        (target / f"{name}.json").write_text(json.dumps(template))


def read_templates(out: Path, stage: str) -> dict[str, Template]:
    """The templates of a stage by the last part of their name."""
    paths = {path.name.removeprefix(f"semaforo-{stage}-"): path for path in out.glob("*.template.json")}
    return {name.removesuffix(".template.json"): json.loads(path.read_text()) for name, path in paths.items()}


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
