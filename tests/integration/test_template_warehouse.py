"""History's work in AWS: the jobs in order, tried again, told of when they fail, and no right wider than needed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deploy.bundles.warehouse_zip import ENTRIES
from tests.deploy.synthesised import Template, as_list, counts, resources
from warehouse.clean_tables import CLEAN_TABLES

pytestmark = pytest.mark.integration

WAREHOUSE = {
    "AWS::EC2::SecurityGroup": 3,
    "AWS::EC2::SecurityGroupIngress": 3,
    "AWS::EC2::VPCEndpoint": 3,
    "AWS::Glue::Connection": 1,
    "AWS::Glue::Crawler": 1,
    "AWS::Glue::Job": 4,
    "AWS::Glue::SecurityConfiguration": 1,
    "AWS::IAM::Policy": 5,
    "AWS::IAM::Role": 5,
    "AWS::KMS::Alias": 2,
    "AWS::KMS::Key": 2,
    "AWS::Logs::LogGroup": 1,
    "AWS::RedshiftServerless::Namespace": 1,
    "AWS::RedshiftServerless::Workgroup": 1,
    "AWS::SNS::Topic": 1,
    "AWS::SNS::TopicPolicy": 1,
    "AWS::SQS::Queue": 1,
    "AWS::SQS::QueuePolicy": 1,
    "AWS::Scheduler::Schedule": 1,
    "AWS::StepFunctions::StateMachine": 1,
}


@pytest.fixture(scope="module")
def warehouse(aws: dict[str, Template]) -> Template:
    return aws["warehouse"]


@pytest.fixture(scope="module")
def machine(warehouse: Template) -> dict[str, Any]:
    """The state machine's definition; what is known only at deployment reads "?"."""
    (found,) = resources(warehouse, "AWS::StepFunctions::StateMachine")
    parts = found["DefinitionString"]["Fn::Join"][1]
    definition: dict[str, Any] = json.loads("".join(part if isinstance(part, str) else "?" for part in parts))
    return definition


def test_no_resource_vanishes(warehouse: Template) -> None:
    assert counts(warehouse) == WAREHOUSE


def test_the_steps_follow_each_other_and_each_failure_is_told(machine: dict[str, Any]) -> None:
    states = machine["States"]
    order, at = [], machine["StartAt"]
    while states[at]["Type"] == "Task":
        order.append(at)
        step = states[at]
        assert step["Resource"].endswith("glue:startJobRun.sync")
        assert step["Parameters"]["Arguments"] == {"--SEMAFORO_REPORT_DATE.$": "$.date"}
        (retry,) = step["Retry"]
        assert (retry["MaxAttempts"], retry["BackoffRate"], retry["JitterStrategy"]) == (2, 3, "FULL")
        assert step["Catch"] == [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "tell"}]
        at = step["Next"]
    assert order == [f"run-{name}" for name in ENTRIES]
    assert states[at]["Type"] == "Succeed"
    assert states[states["tell"]["Next"]]["Type"] == "Fail"


def test_it_starts_once_a_day_for_the_day_that_is_over(warehouse: Template) -> None:
    (schedule,) = resources(warehouse, "AWS::Scheduler::Schedule")
    assert (schedule["ScheduleExpression"], schedule["ScheduleExpressionTimezone"]) == ("cron(0 1 * * ? *)", "Etc/UTC")
    assert json.loads(schedule["Target"]["Input"]) == {"date": "yesterday"}
    assert "missed" in json.dumps(schedule["Target"]["DeadLetterConfig"])


def test_each_job_enters_where_the_bundle_has_it_and_finds_history(warehouse: Template) -> None:
    for job in resources(warehouse, "AWS::Glue::Job"):
        name = job["Name"].removeprefix("semaforo-prod-")
        arguments = job["DefaultArguments"]
        assert arguments["--entry"] == ENTRIES[name]
        assert (job["GlueVersion"], job["MaxRetries"]) == ("5.0", 0)
        assert arguments["--SEMAFORO_STAR_TARGET"] == "redshift"
        assert "sto-clean" in json.dumps(arguments["--SEMAFORO_CLEAN_URL"])
        assert ("--SEMAFORO_BOOKING_SECRET_ARN" in arguments) == (name == "booking")
        assert ("--SEMAFORO_BOOKING_KEY_SECRET_ARN" in arguments) == (name == "booking")


def test_spectrum_may_read_clean_and_nothing_else(warehouse: Template) -> None:
    (policy,) = [p for p in resources(warehouse, "AWS::IAM::Policy") if p["PolicyName"].startswith("storereader")]
    statements = policy["PolicyDocument"]["Statement"]
    actions = {action for statement in statements for action in as_list(statement["Action"])}
    assert actions == {
        *("glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:GetPartition", "glue:GetPartitions"),
        *("s3:ListBucket", "s3:GetObject"),
    }
    buckets = [s["Resource"] for s in statements if "s3:" in json.dumps(s["Action"])]
    assert all("semaforo-prod-sto-clean-" in json.dumps(bucket) for bucket in buckets)


def test_redshift_answers_inside_the_network_alone(warehouse: Template) -> None:
    (workgroup,) = resources(warehouse, "AWS::RedshiftServerless::Workgroup")
    assert workgroup["PubliclyAccessible"] is False
    assert workgroup["EnhancedVpcRouting"] is True
    assert len(workgroup["SubnetIds"]) == 3
    assert {"ParameterKey": "require_ssl", "ParameterValue": "true"} in workgroup["ConfigParameters"]
    (namespace,) = resources(warehouse, "AWS::RedshiftServerless::Namespace")
    assert namespace["ManageAdminPassword"] is True
    assert "AdminUserPassword" not in namespace


def test_athena_answers_within_limits_and_every_month_of_every_table(aws: dict[str, Template]) -> None:
    (workgroup,) = resources(aws["catalogue"], "AWS::Athena::WorkGroup")
    configuration = workgroup["WorkGroupConfiguration"]
    assert configuration["EnforceWorkGroupConfiguration"] is True
    assert configuration["BytesScannedCutoffPerQuery"] == 10 * 1024**3
    assert configuration["ResultConfiguration"]["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}
    tables = {t["TableInput"]["Name"]: t["TableInput"] for t in resources(aws["catalogue"], "AWS::Glue::Table")}
    assert tables.keys() == CLEAN_TABLES.keys()
    for table in tables.values():
        assert table["Parameters"]["projection.month.range"] == "2013-01,NOW+1MONTHS"
        assert table["PartitionKeys"] == [{"Name": "month", "Type": "string"}]
