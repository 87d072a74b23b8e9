"""Every right is needed, and taken away one by one: each is named for AWS, and missed where roles are enforced."""

from __future__ import annotations

import base64
import itertools
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from botocore.config import Config

from schemas.measures import MEASURE_NAMES
from schemas.rows import KpiRow, pack_rows
from tests.deploy.synthesised import Template, as_list, resources
from tests.integration.alert_desk import AlertDesk

pytestmark = pytest.mark.integration

RIGHTS: Final[dict[str, dict[str, list[str]]]] = json.loads(Path(__file__).with_name("rights.json").read_text())
"""Role to right to places, of stage prod in AWS. A right is added here by hand, beside the code that needs it."""

NOT_ASKED_LOCALLY: Final = {
    # CloudWatch Logs is written to by the local cloud itself, and its poller reads the stream for the function.
    *("logs:CreateLogStream", "logs:PutLogEvents"),
    *("kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords"),
    *("kinesis:GetShardIterator", "kinesis:ListShards", "kinesis:ListStreams", "kinesis:SubscribeToShard"),
    *("sqs:GetQueueAttributes", "sqs:GetQueueUrl"),
    # Asked for by AWS where the local cloud asks by the call's own name, and the other way round.
    *("dynamodb:PartiQLUpdate", "sns:Publish"),
}
"""What the local cloud does not look at, or under another name: those are held by the templates' test alone."""


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


class Deployed:
    """The semáforo's function on the local cloud, and the one role it runs by."""

    def __init__(self, desk: AlertDesk) -> None:
        self._desk, self._iam = desk, desk.client("iam")
        (self._role,) = (r["RoleName"] for r in self._iam.list_roles()["Roles"] if "semafororole" in r["RoleName"])
        (self._policy,) = self._iam.list_role_policies(RoleName=self._role)["PolicyNames"]
        answer = self._iam.get_role_policy(RoleName=self._role, PolicyName=self._policy)
        self._document: dict[str, Any] = answer["PolicyDocument"]
        # An invocation that fails is not to be asked for again by the client.
        self._lambda = desk.client("lambda", config=Config(read_timeout=120, retries={"total_max_attempts": 1}))

    def rights(self) -> list[tuple[str, str]]:
        """Each action on each resource."""
        statements = self._document["Statement"]
        return [(a, r) for s in statements for a in as_list(s["Action"]) for r in as_list(s["Resource"])]

    @contextmanager
    def without(self, right: tuple[str, str]) -> Iterator[None]:
        """Every right but one."""
        kept = [{"Effect": "Allow", "Action": a, "Resource": r} for a, r in self.rights() if (a, r) != right]
        self._put({**self._document, "Statement": kept})
        try:
            yield
        finally:
            self._put(self._document)

    def _put(self, document: dict[str, Any]) -> None:
        self._iam.put_role_policy(RoleName=self._role, PolicyName=self._policy, PolicyDocument=json.dumps(document))

    def what_it_does(self) -> str:
        """A bad day of a new route, one more row of it, and garbage: what is stored, sent and said of them."""
        # Airports of its own: five routes of one in alarm would be told together.
        number = next(_numbers)
        route = f"A{number}-B{number}"
        begin = datetime(2026, 3, 1, tzinfo=UTC)
        rows = [bad_row(route, begin + timedelta(minutes=30 * step)) for step in range(12)]
        answers = [self._invoke(pack_rows(rows)), self._invoke(pack_rows([bad_row(route, begin + timedelta(hours=7))]))]
        answers.append(self._invoke(b"garbage"))
        return json.dumps({"answers": answers, **self._traces(route)}, sort_keys=True).replace(route, "ROUTE")

    def _invoke(self, data: bytes) -> Any:
        number = str(time.time_ns())
        record = {
            "eventID": f"shardId-000000000000:{number}",
            "eventSourceARN": "arn:aws:kinesis:us-east-1:000000000000:stream/semaforo-test-route-kpis",
            "kinesis": {"sequenceNumber": number, "partitionKey": "1", "data": base64.b64encode(data).decode()},
        }
        payload = json.dumps({"Records": [record]})
        answer = self._lambda.invoke(FunctionName="semaforo-test-semaforo", Payload=payload.encode())
        return "failed" if "FunctionError" in answer else json.loads(answer["Payload"].read())

    def _traces(self, route: str) -> dict[str, Any]:
        settings, dynamodb = self._desk.settings, self._desk.dynamodb
        lights = dynamodb.get_item(TableName=settings.lights_table, Key={"entity": {"S": f"route#{route}"}})
        said = {
            table: sorted(sorted(item) for item in dynamodb.scan(TableName=table)["Items"] if route in json.dumps(item))
            for table in (settings.light_log_table, settings.outbox_table, settings.delivery_table)
        }
        return {
            "version": lights.get("Item", {}).get("version"),
            "said": said,
            "heard": sorted(self._desk.sent_to_subscriber(route).items()),
            "quarantined": self._quarantined(),
        }

    def _quarantined(self) -> int:
        found = 0
        url = self._desk.outputs["QuarantineQueueUrl"]
        while messages := self._desk.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            found += len(messages)
            for message in messages:
                self._desk.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found


_numbers = itertools.count(100)


def bad_row(route: str, at: datetime) -> KpiRow:
    """One flight in ten on time."""
    day = {"flights": 40, "operated": 40, "arrivals": 40, "arrivals_on_time": 4, "arrivals_within_1h": 40}
    measures = tuple(day.get(name, 0) for name in MEASURE_NAMES)
    return KpiRow("route", route, "24h", at, 0, datetime.now(UTC), 40, measures)


def test_the_semaforo_does_not_do_its_work_without_any_one_of_its_rights(desk: AlertDesk) -> None:
    deployed = Deployed(desk)
    whole = deployed.what_it_does()
    assert deployed.what_it_does() == whole, "twice the same, so a difference is the right's"
    assert '"quarantined": 1' in whole
    assert '"heard": [["' in whole, "somebody was told"
    unneeded = set()
    for action, resource in deployed.rights():
        with deployed.without((action, resource)):
            if deployed.what_it_does() == whole:
                unneeded.add(action)
    assert unneeded - NOT_ASKED_LOCALLY == set()
    assert deployed.what_it_does() == whole, "all rights are back"
