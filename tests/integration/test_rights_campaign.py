"""Each right of each function's role is taken away by itself on the deployed templates, and the function's work tried.

What nothing notices is listed here with the reason; a right that belongs to neither fails the campaign.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import pytest

from deploy.local.stack import Stack
from tests.deploy.synthesised import as_list
from tests.integration.right_probes import Probes, wait_till_well

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1_200)]

STAGE: Final = "test"
ROLES: Final = {
    "semaforo": "semafororole",
    "sweeper": "sweeperrole",
    "light-log-feed": "lightlogfeedrole",
    "partner-file": "partnerfilerole",
    "partner-queue": "partnerqueuerole",
    "flights": "flightsrole",
    "recommender": "recommenderrole",
}
BY_LAMBDA: Final = "Lambda does it: writes the log, polls, puts away what was given up; the local cloud asks no role"
OTHER_NAME: Final = "AWS's name of a right that the local cloud asks for by the call (`DeployContext.rights_by_call`)"
BY_TOPIC: Final = "a topic without a policy of its own lets its account publish; in AWS it has one"
NO_LISTING: Final = "without it S3 says 403 of an object that is not there; the local cloud always says 404"
STALE: Final = "a light that is too old turns grey: the campaign's are minutes old"
_LOGS: Final = {"logs:CreateLogStream", "logs:PutLogEvents"}
_GIVEN_UP: Final = {"sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"}
_OF_TABLE: Final = {f"dynamodb:{name}" for name in ("ListStreams", "DescribeStream", "GetRecords", "GetShardIterator")}
UNNOTICED: Final[dict[str, dict[str, set[str]]]] = {
    "semaforo": {
        BY_LAMBDA: {
            *_LOGS,
            *(_GIVEN_UP - {"sqs:SendMessage"}),
            *(f"kinesis:{name}" for name in ("GetRecords", "GetShardIterator", "ListShards", "ListStreams")),
            *(f"kinesis:Describe{name}" for name in ("Stream", "StreamSummary", "StreamConsumer")),
            "kinesis:SubscribeToShard",
        },
        OTHER_NAME: {"dynamodb:PartiQLUpdate", "sns:Publish"},
    },
    "sweeper": {BY_LAMBDA: _LOGS, OTHER_NAME: {"sns:Publish"}, STALE: {"dynamodb:PutItem (1)"}},
    "light-log-feed": {BY_LAMBDA: _LOGS | _GIVEN_UP | _OF_TABLE},
    "partner-file": {BY_LAMBDA: _LOGS | {"sqs:SendMessage"}, NO_LISTING: {"s3:ListBucket"}},
    "partner-queue": {
        BY_LAMBDA: {
            *_LOGS,
            *(f"sqs:{name}" for name in ("ReceiveMessage", "ChangeMessageVisibility", "DeleteMessage")),
            *("sqs:GetQueueUrl", "sqs:GetQueueAttributes"),
        }
    },
    "flights": {BY_LAMBDA: _LOGS},
    "recommender": {BY_LAMBDA: _LOGS | _GIVEN_UP | _OF_TABLE, BY_TOPIC: {"sns:Publish"}},
}
"""Function to reason to rights. `rights.json` holds those in AWS by name, whatever is noticed here."""


AS_IN_AWS: Final = {
    "semaforo": {"SEMAFORO_STORM_SETTLE_SECONDS": "0"},
    "sweeper": {"SEMAFORO_SILENCE_GRACE_MINUTES": "10"},
}
"""What a local stage has none of, or late: so that the campaign need not wait, and silence is noticed."""


def tell(lambda_: Any, name: str, told: dict[str, str]) -> None:
    """A function's environment, with more in it."""
    variables = lambda_.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    lambda_.update_function_configuration(FunctionName=name, Environment={"Variables": {**variables, **told}})


class Right(NamedTuple):
    """One action of one statement of a function's role."""

    function: str
    statement: int
    action: str


class Roles:
    """The roles of the functions as they were deployed, and each without one right."""

    def __init__(self, iam: Any) -> None:
        self._iam = iam
        names = [role["RoleName"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]]
        self._role = {f: next(name for name in names if part in name) for f, part in ROLES.items()}
        self._policy: dict[str, str] = {}
        self._document: dict[str, dict[str, Any]] = {}
        for function, role in self._role.items():
            (self._policy[function],) = iam.list_role_policies(RoleName=role)["PolicyNames"]
            got = iam.get_role_policy(RoleName=role, PolicyName=self._policy[function])
            self._document[function] = got["PolicyDocument"]

    def rights_of(self, function: str) -> Iterator[Right]:
        for number, statement in enumerate(self._document[function]["Statement"]):
            for action in as_list(statement["Action"]):
                yield Right(function, number, action)

    def take(self, right: Right) -> None:
        statements = json.loads(json.dumps(self._document[right.function]["Statement"]))
        statement = statements[right.statement]
        statement["Action"] = [one for one in as_list(statement["Action"]) if one != right.action]
        self._put(right.function, [one for one in statements if one["Action"]])

    def restore(self, function: str) -> None:
        self._put(function, self._document[function]["Statement"])

    def _put(self, function: str, statements: list[Any]) -> None:
        document = json.dumps({**self._document[function], "Statement": statements})
        self._iam.put_role_policy(
            RoleName=self._role[function], PolicyName=self._policy[function], PolicyDocument=document
        )


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything but the job. Nothing works by itself: the campaign alone calls functions."""
    running = Stack(STAGE, tmp_path_factory.mktemp("rights"), bound=True)
    try:
        running.start(history=True, feeds=True)
        for rule in ("sweep", "settle-advice"):
            running.cloud.client("events").disable_rule(Name=f"semaforo-{STAGE}-{rule}")
        for function, told in AS_IN_AWS.items():
            tell(running.cloud.client("lambda"), f"semaforo-{STAGE}-{function}", told)
        running.cloud.client("s3").put_bucket_notification_configuration(
            Bucket=running.outputs["PartnerBucket"], NotificationConfiguration={}
        )
        yield running
    finally:
        running.stop(grace_seconds=0)


@pytest.fixture(scope="module")
def probes(stage: Stack) -> Probes:
    return Probes(stage)


@pytest.fixture(scope="module")
def roles(stage: Stack) -> Roles:
    return Roles(stage.cloud.client("iam"))


@pytest.mark.parametrize("function", ROLES)
def test_each_right_of(function: str, probes: Probes, roles: Roles) -> None:
    """Noticed when it is missing, or its silence has a reason; and with all rights, before and after, all is well."""
    probe = probes.of_function[function]
    wait_till_well(probe)
    noticed: set[str] = set()
    silent: list[Right] = []
    for right in roles.rights_of(function):
        roles.take(right)
        if right.action.startswith("ssm:"):
            probes.start_anew(function)
        why = probe()
        roles.restore(function)
        print(f"{function} without {right.action} ({right.statement}): {why or 'all is well'}")
        if why:
            noticed.add(right.action)
        else:
            silent.append(right)
    assert not probe()
    # What is granted of several tables and noticed of one is named with its statement.
    unnoticed = {f"{one.action} ({one.statement})" if one.action in noticed else one.action for one in silent}
    assert unnoticed == set().union(*UNNOTICED[function].values())
