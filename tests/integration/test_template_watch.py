"""Monitoring and the app as templates: the list of alarms whole, pages told or held back, the app guarded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from deploy.stacks.app_service import CPU, HEALTH, MEMORY_MB, PORT
from deploy.stacks.kpi_job import CHECKPOINT_SECONDS, PARALLELISM
from deploy.stacks.signals import insights
from deploy.stacks.streaming import KAFKA_CLIENT
from deploy.watch.alarm import Metric
from deploy.watch.alarms import ALARMS, BUDGET_PERCENT, DEPLOYING, PAGES
from deploy.watch.live_alarms import TABLES, TIMEOUT_SECONDS
from tests.deploy.kubernetes import STAGES, built
from tests.deploy.synthesised import Template, as_list, counts, grants, resources

pytestmark = pytest.mark.integration

MONITORING = {
    "AWS::Budgets::Budget": 1,
    "AWS::CloudWatch::Alarm": len(ALARMS),
    "AWS::CloudWatch::CompositeAlarm": len(PAGES),
    "AWS::CloudWatch::Dashboard": 1,
    "AWS::KMS::Alias": 1,
    "AWS::KMS::Key": 1,
    "AWS::SNS::Topic": 1,
    "AWS::SNS::TopicPolicy": 1,
}
APP = {
    "AWS::ApplicationAutoScaling::ScalableTarget": 1,
    "AWS::ApplicationAutoScaling::ScalingPolicy": 1,
    "AWS::ECR::Repository": 1,
    "AWS::ECS::Cluster": 1,
    "AWS::ECS::Service": 1,
    "AWS::ECS::TaskDefinition": 1,
    "AWS::EC2::NatGateway": 3,
    "AWS::ElasticLoadBalancingV2::Listener": 2,
    "AWS::ElasticLoadBalancingV2::ListenerRule": 1,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": 1,
    "AWS::ElasticLoadBalancingV2::TargetGroup": 1,
    "AWS::KMS::Key": 1,
    "AWS::SecretsManager::Secret": 2,
}
TASK_RIGHTS = {
    "lights": {"dynamodb:Scan", "dynamodb:BatchGetItem"},
    "lightlog": {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem"},
    "outbox": {"dynamodb:GetItem", "dynamodb:Scan"},
    "delivery": {"dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem"},
    "routekpis": {"kinesis:ListShards", "kinesis:GetShardIterator", "kinesis:GetRecords"},
    "prod-flights/index/by-route": {"dynamodb:Query"},
    "prod-flights/index/by-origin": {"dynamodb:Query"},
    "prod-flights/index/by-destination": {"dynamodb:Query"},
    '"*"': {"cloudwatch:GetMetricData"},
}


@pytest.fixture(scope="module")
def alarms(aws: dict[str, Template]) -> dict[str, dict[str, Any]]:
    found = resources(aws["monitoring"], "AWS::CloudWatch::Alarm")
    return {alarm["AlarmName"].removeprefix("semaforo-prod-"): alarm for alarm in found}


def test_no_resource_vanishes(aws: dict[str, Template]) -> None:
    assert counts(aws["monitoring"]) == MONITORING
    assert {name: count for name, count in counts(aws["app"]).items() if name in APP} == APP


def test_every_alarm_of_the_list_is_made_as_the_list_says(alarms: dict[str, dict[str, Any]]) -> None:
    assert alarms.keys() == ALARMS.keys()
    for name, made in alarms.items():
        alarm = ALARMS[name]
        assert (made["EvaluationPeriods"], made["DatapointsToAlarm"]) == (alarm.periods, alarm.breaching)
        assert (made["Threshold"], made["TreatMissingData"]) == (alarm.threshold, alarm.missing)
        assert made["AlarmDescription"].endswith(alarm.runbook)
        assert "AlarmActions" not in made, "by itself it tells nobody"
        if isinstance(alarm.signal, Metric) and not alarm.signal.across:
            assert made["MetricName"] == alarm.signal.name
            assert {one["Name"] for one in made.get("Dimensions", [])} == alarm.signal.dimensions.keys()
        else:
            assert [query["Id"] for query in made["Metrics"] if query["ReturnData"]] == ["figure"]


def test_three_shapes_of_figures(alarms: dict[str, dict[str, Any]]) -> None:
    (query,) = alarms["job-down"]["Metrics"]
    assert query["Expression"] == (
        'SELECT MAX("downtime") FROM "AWS/KinesisAnalytics" WHERE "Application" = \'semaforo-prod-kpi-job\''
    )
    burn = {query["Id"]: query for query in alarms["latency-burn-1h"]["Metrics"]}
    assert burn["figure"]["Expression"] == "100 * above / below", "over a budget of one in a hundred"
    assert burn["above"]["MetricStat"]["Metric"]["MetricName"] == "alerts_slow"
    restarts = {query["Id"]: query for query in alarms["job-restarts"]["Metrics"]}
    assert restarts["figure"]["Expression"] == "DIFF(counter)"
    assert insights(Metric("N", "m", "Sum", {"A b": "x"}, True)) == 'SELECT SUM("m") FROM "N" WHERE "A b" = \'x\''


def test_a_failure_and_26_hours_without_a_day_raise_an_alarm(alarms: dict[str, dict[str, Any]]) -> None:
    overdue = alarms["history-overdue"]
    assert overdue["MetricName"] == "ExecutionsSucceeded"
    assert overdue["Period"] * overdue["EvaluationPeriods"] == 26 * 3_600
    assert (overdue["ComparisonOperator"], overdue["TreatMissingData"]) == ("LessThanThreshold", "breaching")
    assert "stateMachine:semaforo-prod-history" in json.dumps(overdue["Dimensions"])
    assert {alarms[name]["MetricName"] for name in ("history-failed", "history-timed-out")} == {
        "ExecutionsFailed",
        "ExecutionsTimedOut",
    }


def test_pages_tell_the_topic_both_ways_and_nobody_during_a_deployment(aws: dict[str, Template]) -> None:
    pages = resources(aws["monitoring"], "AWS::CloudWatch::CompositeAlarm")
    assert {page["AlarmName"] for page in pages} == {f"semaforo-prod-{name}" for name in PAGES}
    for page in pages:
        assert "operations" in json.dumps(page["AlarmActions"])
        assert page["AlarmActions"] == page["OKActions"]
        assert page["ActionsSuppressor"] == f"semaforo-prod-{DEPLOYING.name}"
        assert len(page["AlarmRule"]) <= 10_240
        assert 'ALARM("semaforo-prod-' in page["AlarmRule"]


def test_only_alarms_and_budgets_of_the_account_write_to_the_topic(
    aws: dict[str, Template],
) -> None:
    (topic,) = resources(aws["monitoring"], "AWS::SNS::Topic")
    assert "KmsMasterKeyId" in topic
    (policy,) = resources(aws["monitoring"], "AWS::SNS::TopicPolicy")
    allowed = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    services = {name for s in allowed for name in as_list(s["Principal"]["Service"])}
    assert services == {"cloudwatch.amazonaws.com", "budgets.amazonaws.com"}
    assert all("aws:SourceAccount" in json.dumps(s["Condition"]) for s in allowed)


def test_the_budget_tells_before_it_is_spent(aws: dict[str, Template]) -> None:
    (budget,) = resources(aws["monitoring"], "AWS::Budgets::Budget")
    assert [one["Notification"]["Threshold"] for one in budget["NotificationsWithSubscribers"]] == [*BUDGET_PERCENT]
    assert budget["Budget"]["BudgetLimit"]["Amount"] == 2_500


def test_the_dashboard_shows_all_pages_and_every_alarm(aws: dict[str, Template]) -> None:
    (dashboard,) = resources(aws["monitoring"], "AWS::CloudWatch::Dashboard")
    parts = dashboard["DashboardBody"]["Fn::Join"][1]
    body = json.loads("".join(part if isinstance(part, str) else "?" for part in parts))
    pages, *figures = body["widgets"]
    assert len(pages["properties"]["alarms"]) == len(PAGES)
    assert [one["properties"]["title"] for one in figures] == list(ALARMS)
    places = {(one["x"], one["y"]) for one in figures}
    assert len(places) == len(figures)


def test_the_list_knows_every_function_with_its_timeout_and_every_table(aws: dict[str, Template]) -> None:
    functions = [f for t in aws.values() for f in resources(t, "AWS::Lambda::Function") if "FunctionName" in f]
    found = {f["FunctionName"].removeprefix("semaforo-prod-"): f["Timeout"] for f in functions}
    assert found == TIMEOUT_SECONDS
    tables = [one["TableName"] for t in aws.values() for one in resources(t, "AWS::DynamoDB::Table")]
    assert sorted(tables) == sorted(f"semaforo-prod-{name}" for name in TABLES)


def test_dimensions_name_resources(aws: dict[str, Template], alarms: dict[str, dict[str, Any]]) -> None:
    """A typing error in a dimension would be an alarm that never comes."""
    made = json.dumps([template for name, template in aws.items() if name != "monitoring"])
    named = [one["Value"] for alarm in alarms.values() for one in alarm.get("Dimensions", [])]
    ours = {value for value in named if isinstance(value, str) and value.startswith("semaforo-")}
    assert len(ours) > 20
    missing = {value for value in ours if f'"{value}"' not in made and value != "semaforo-prod-raw-light-log"}
    assert missing == set()


@pytest.mark.parametrize("stage", STAGES)
def test_on_kubernetes_app_and_job_are_told_the_same(stage: str) -> None:
    manifests = built(stage)
    (container,) = manifests["Deployment/app"]["spec"]["template"]["spec"]["containers"]
    assert container["ports"][0]["containerPort"] == PORT
    assert {container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")} == {HEALTH}
    assert container["resources"]["limits"]["memory"] == f"{MEMORY_MB // 1024}Gi"
    assert int(container["resources"]["requests"]["cpu"].removesuffix("m")) <= CPU
    job = manifests["FlinkDeployment/kpi-job"]["spec"]
    assert job["flinkConfiguration"]["execution.checkpointing.interval"] == f"{CHECKPOINT_SECONDS} s"
    assert job["job"]["parallelism"] == PARALLELISM
    properties = json.loads(manifests["ConfigMap/kpi-job"]["data"]["application_properties.json"])
    assert {group["PropertyGroupId"]: group["PropertyMap"] for group in properties}["kafka"] == KAFKA_CLIENT


def test_nobody_gets_to_the_app_who_has_not_signed_in(aws: dict[str, Template]) -> None:
    https, http = sorted(resources(aws["app"], "AWS::ElasticLoadBalancingV2::Listener"), key=lambda one: -one["Port"])
    sign_in, forward = https["DefaultActions"]
    assert (sign_in["Type"], sign_in["Order"]) == ("authenticate-oidc", 1)
    assert sign_in["AuthenticateOidcConfig"].get("OnUnauthenticatedRequest", "authenticate") == "authenticate"
    assert "resolve:secretsmanager" in json.dumps(sign_in["AuthenticateOidcConfig"]["ClientSecret"])
    assert forward["Type"] == "forward"
    assert [action["Type"] for action in http["DefaultActions"]] == ["redirect"]
    assert https["SslPolicy"].startswith("ELBSecurityPolicy-TLS13")
    (past,) = resources(aws["app"], "AWS::ElasticLoadBalancingV2::ListenerRule")
    assert [action["Type"] for action in past["Actions"]] == ["forward"], "a token is checked by the app"
    where, carried = sorted(past["Conditions"], key=lambda one: str(one["Field"]), reverse=True)
    assert where["PathPatternConfig"] == {"Values": ["/api/*"]}, "both hold, or the sign-in it is"
    assert carried["HttpHeaderConfig"] == {"HttpHeaderName": "authorization", "Values": ["Bearer *"]}
    (service,) = resources(aws["app"], "AWS::ECS::Service")
    assert service["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"] == "DISABLED"


def test_the_app_may_do_what_readers_and_operators_do_and_no_more(aws: dict[str, Template]) -> None:
    (policy,) = [p for p in resources(aws["app"], "AWS::IAM::Policy") if p["PolicyName"].startswith("taskrole")]
    rights: dict[str, set[str]] = {}
    for action, place in grants({"Resources": {"p": {"Type": "AWS::IAM::Policy", "Properties": policy}}}):
        said = json.dumps(place)
        others = {"lights": ("lightlog", "flights")}  # which have its name in theirs
        (about,) = [
            name for name in TASK_RIGHTS if name in said and not any(other in said for other in others.get(name, ()))
        ]
        rights.setdefault(about, set()).add(action)
    assert rights == TASK_RIGHTS


def test_the_apps_secrets_are_not_in_its_environment(aws: dict[str, Template]) -> None:
    (task,) = resources(aws["app"], "AWS::ECS::TaskDefinition")
    (container,) = task["ContainerDefinitions"]
    assert container["ReadonlyRootFilesystem"] is True
    assert not any("SECRET" in one["Name"] for one in container["Environment"])
    assert [one["Name"] for one in container["Secrets"]] == [
        "SEMAFORO_APP_OIDC_CLIENT_SECRET",
        "SEMAFORO_APP_OIDC_COOKIE_SECRET",
    ]
    assert all("KmsKeyId" in one for one in resources(aws["app"], "AWS::SecretsManager::Secret"))
