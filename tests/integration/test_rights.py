"""Every right of every role in AWS is named here: one taken away fails the test of its role, and so does one more."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.deploy.synthesised import Template, as_list, resources

pytestmark = pytest.mark.integration

RIGHTS: Final[dict[str, dict[str, list[str]]]] = json.loads(Path(__file__).with_name("rights.json").read_text())
"""Role to right to places, of stage prod in AWS. A right is added here by hand, beside the code that needs it."""


def place_of(resource: Any) -> str:
    """A resource as short as it can be told apart: the texts and logical ids in it, without their hashes."""
    words = [re.sub(r"Exports?Output(FnGetAtt|Ref)?", "", word) for word in _words(resource)]
    return " ".join(re.sub(r"[0-9A-F]{8}(Arn[0-9A-F]{8})?", "", word) for word in words if word not in ("", "Arn"))


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _words(one)
    elif isinstance(value, list):
        for one in value:
            yield from _words(one)


def rights_of(templates: dict[str, Template]) -> dict[str, dict[str, list[str]]]:
    """Of every role of ours in AWS."""
    found: dict[str, dict[str, set[str]]] = {}
    for stack, template in templates.items():
        for policy in resources(template, "AWS::IAM::Policy"):
            role = f"{stack} {re.sub('(DefaultPolicy)?[0-9A-F]{8}$', '', policy['PolicyName'])}"
            rights = found.setdefault(role, {})
            for statement in policy["PolicyDocument"]["Statement"]:
                for action in as_list(statement["Action"]):
                    rights.setdefault(action, set()).update(place_of(one) for one in as_list(statement["Resource"]))
    return {role: {a: sorted(p) for a, p in sorted(rights.items())} for role, rights in sorted(found.items())}


@pytest.mark.parametrize("role", RIGHTS)
def test_a_role_has_each_of_its_rights_and_no_other(role: str, aws: dict[str, Template]) -> None:
    assert rights_of(aws).get(role) == RIGHTS[role]


def test_no_role_is_unknown(aws: dict[str, Template]) -> None:
    assert sorted(rights_of(aws)) == sorted(RIGHTS)
