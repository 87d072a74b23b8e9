"""What Lambda itself does in a function's name: reads its source, puts away what was given up, writes its log.

The local cloud asks no role for that, so nothing would be missed at work. Here each role is held to what AWS documents
("Process Kinesis records", "… DynamoDB streams", "… Amazon SQS", "… Amazon MSK": execution role permissions), on the
very source and queue that the template names; and each right is taken away by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pytest

from tests.deploy.synthesised import Template, as_list

pytestmark = pytest.mark.integration

LOGGING: Final = ("logs:CreateLogStream", "logs:PutLogEvents")
READING: Final = {
    "AWS::Kinesis::Stream": (
        *("kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:ListShards"),
        *("kinesis:GetRecords", "kinesis:GetShardIterator"),
    ),
    "AWS::Kinesis::StreamConsumer": ("kinesis:SubscribeToShard", "kinesis:DescribeStreamConsumer"),
    "AWS::DynamoDB::Table": tuple(
        f"dynamodb:{name}" for name in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
    ),
    "AWS::SQS::Queue": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "AWS::MSK::Cluster": (
        *(f"kafka-cluster:{name}" for name in ("Connect", "DescribeGroup", "AlterGroup", "DescribeTopic", "ReadData")),
        *("kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers"),
    ),
}
PUTTING_AWAY: Final = ("sqs:SendMessage",)


class Need(NamedTuple):
    """An action that Lambda takes by a function's role, and what it is about: a logical id, which exports have in their
    names; "" for whatever."""

    action: str
    about: str


class Function(NamedTuple):
    """One that is deployed, what Lambda needs for it, and the rights of its role: action and resource as text."""

    name: str
    needs: set[Need]
    rights: list[tuple[str, str]]


def functions(aws: dict[str, Template]) -> Iterator[Function]:
    """All of ours; names of other stacks' resources are found by what their stack exports."""
    for template in aws.values():
        found = template["Resources"]
        for key, one in found.items():
            if one["Type"] != "AWS::Lambda::Function" or "FunctionName" not in one["Properties"]:
                continue
            role = one["Properties"]["Role"]["Fn::GetAtt"][0]
            needs = {Need(action, "") for action in LOGGING}
            needs |= {need for m in mappings(found, key) for need in needs_of(m, aws)}
            needs |= {Need(a, target) for target in given_up(found, key, one) for a in PUTTING_AWAY}
            yield Function(one["Properties"]["FunctionName"].split("-", 2)[2], needs, list(rights(found, role)))


def mappings(found: dict[str, Any], function: str) -> Iterator[dict[str, Any]]:
    for one in found.values():
        if one["Type"] == "AWS::Lambda::EventSourceMapping" and one["Properties"]["FunctionName"] == {"Ref": function}:
            yield one["Properties"]


def needs_of(mapping: dict[str, Any], aws: dict[str, Template]) -> Iterator[Need]:
    source = logical_id(mapping["EventSourceArn"], aws)
    kind = next(t["Resources"][source]["Type"] for t in aws.values() if source in t["Resources"])
    yield from (Need(action, source if "ListStreams" not in action else "") for action in READING[kind])
    if kind == "AWS::Kinesis::StreamConsumer":
        consumer = next(t["Resources"][source]["Properties"] for t in aws.values() if source in t["Resources"])
        stream = logical_id(consumer["StreamARN"], aws)
        yield from (Need(action, stream) for action in READING["AWS::Kinesis::Stream"])
    if "DestinationConfig" in mapping:
        queue = logical_id(mapping["DestinationConfig"]["OnFailure"]["Destination"], aws)
        yield from (Need(action, queue) for action in PUTTING_AWAY)


def given_up(found: dict[str, Any], key: str, function: dict[str, Any]) -> Iterator[str]:
    """Queues for what a function could not do that was called without waiting."""
    letters = [function["Properties"].get("DeadLetterConfig", {}).get("TargetArn")]
    letters += [
        one["Properties"]["DestinationConfig"]["OnFailure"]["Destination"]
        for one in found.values()
        if one["Type"] == "AWS::Lambda::EventInvokeConfig" and one["Properties"]["FunctionName"] == {"Ref": key}
    ]
    yield from (letter["Fn::GetAtt"][0] for letter in letters if letter)


def rights(found: dict[str, Any], role: str) -> Iterator[tuple[str, str]]:
    for one in found.values():
        if one["Type"] == "AWS::IAM::Policy" and {"Ref": role} in one["Properties"]["Roles"]:
            for statement in one["Properties"]["PolicyDocument"]["Statement"]:
                for action in as_list(statement["Action"]):
                    yield action, json.dumps(statement["Resource"])


def logical_id(arn: Any, aws: dict[str, Template]) -> str:
    """Of what an ARN is about, in whichever stack it is."""
    if "Ref" in arn:
        return str(arn["Ref"])
    if "Fn::GetAtt" in arn:
        return str(arn["Fn::GetAtt"][0])
    name = arn["Fn::ImportValue"]
    outputs = [one for template in aws.values() for one in template.get("Outputs", {}).values()]
    (value,) = [one["Value"] for one in outputs if one.get("Export", {}).get("Name") == name]
    return logical_id(value, aws)


def unmet(function: Function, without: int | None = None) -> set[Need]:
    """What no right of the role allows, if one of them is taken away."""
    left = [right for number, right in enumerate(function.rights) if number != without]
    return {need for need in function.needs if not any(allows(right, need) for right in left)}


def allows(right: tuple[str, str], need: Need) -> bool:
    action, place = right
    return action == need.action and (need.about in place or place == '"*"')


NAMES: Final = (
    *("semaforo", "sweeper", "raw-record", "light-log-feed", "partner-file", "partner-queue", "flights"),
    "recommender",
)


@pytest.fixture(scope="module")
def deployed(aws: dict[str, Template]) -> dict[str, Function]:
    return {one.name: one for one in functions(aws)}


def test_every_function_is_looked_at(deployed: dict[str, Function]) -> None:
    assert deployed.keys() == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_lambda_may_do_for_it_what_aws_documents_and_misses_each_right(
    deployed: dict[str, Function], name: str
) -> None:
    function = deployed[name]
    assert unmet(function) == set()
    missed = {need for number in range(len(function.rights)) for need in unmet(function, without=number)}
    assert missed == function.needs, "each of them is given once, and its loss is seen"
