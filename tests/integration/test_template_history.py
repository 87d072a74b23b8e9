"""History's template: what is kept is safe, every topic has its way to it, and no right is wider than that takes."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks

from deploy.bundles.stand_in import stand_in
from deploy.context import DeployContext
from deploy.stacks.history import History
from deploy.stacks.live_path import LivePath
from deploy.stacks.streaming import Streaming
from schemas.raw import KPI_STREAM, LIGHT_LOG
from schemas.topics import TOPICS
from tests.deploy.synthesised import Template, as_list, counts, read_templates, resources

pytestmark = pytest.mark.integration

DELIVERY = "AWS::KinesisFirehose::DeliveryStream"


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """In AWS, as the second deployment makes it: the brokers let Firehose in."""
    folder = tmp_path_factory.mktemp("linked")
    context, bundle = DeployContext(stage="prod", brokers_linked=True), stand_in()
    app = cdk.App(outdir=str(folder), analytics_reporting=False)
    live_path = LivePath(app, context, bundle)
    Streaming(app, context, bundle, live_path.stream, History(app, context, bundle, live_path))
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    return read_templates(folder, "prod")


def deliveries(template: Template) -> dict[str, dict[str, Any]]:
    return {one["DeliveryStreamName"]: one for one in resources(template, DELIVERY)}


def test_the_buckets_are_private_encrypted_versioned_and_refuse_http(linked: dict[str, Template]) -> None:
    buckets = resources(linked["history"], "AWS::S3::Bucket")
    names = [bucket["BucketName"]["Fn::Join"][1][0] for bucket in buckets]
    assert names == ["semaforo-prod-sto-raw-", "semaforo-prod-sto-clean-", "semaforo-prod-sto-reports-"]
    for bucket in buckets:
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert "AES256" in json.dumps(bucket["BucketEncryption"])
        (rule,) = bucket["LifecycleConfiguration"]["Rules"]
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
        assert "ExpirationInDays" not in rule, "what counts is kept for ever"
    for policy in resources(linked["history"], "AWS::S3::BucketPolicy"):
        denied = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        assert denied[0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    kept = [r for r in linked["history"]["Resources"].values() if r["Type"] == "AWS::S3::Bucket"]
    assert {r["DeletionPolicy"] for r in kept} == {"Retain"}


def test_each_topic_and_stream_has_one_way_to_its_own_folder(
    linked: dict[str, Template], local: dict[str, Template]
) -> None:
    names = {*TOPICS, KPI_STREAM, LIGHT_LOG}
    in_aws = deliveries(linked["history"]) | deliveries(linked["streaming"])
    assert set(in_aws) == {f"semaforo-prod-raw-{name}" for name in names}
    assert set(deliveries(local["history"])) == {f"semaforo-demo-raw-{name}" for name in names}
    for stage, found in (("prod", in_aws), ("demo", deliveries(local["history"]))):
        for name in names:
            s3 = found[f"semaforo-{stage}-raw-{name}"]["ExtendedS3DestinationConfiguration"]
            assert s3["Prefix"] == f"topic={name}/date=!{{timestamp:yyyy-MM-dd}}/"
            assert s3["ErrorOutputPrefix"].startswith("errors/!{firehose:error-output-type}/")
            assert s3["CompressionFormat"] == ("GZIP" if stage == "prod" else "UNCOMPRESSED")


def test_in_aws_what_is_read_is_transformed_and_locally_all_is_put(
    linked: dict[str, Template], local: dict[str, Template]
) -> None:
    for name, topic in deliveries(linked["streaming"]).items():
        source = topic["MSKSourceConfiguration"]
        assert topic["DeliveryStreamType"] == "MSKAsSource"
        assert source["TopicName"] == f"prod.{name.removeprefix('semaforo-prod-raw-')}"
        assert source["AuthenticationConfiguration"]["Connectivity"] == "PRIVATE"
        assert "rawrecord" in json.dumps(topic["ExtendedS3DestinationConfiguration"]["ProcessingConfiguration"])
    history = deliveries(linked["history"])
    kpis, log = history["semaforo-prod-raw-route-kpis"], history["semaforo-prod-raw-light-log"]
    assert kpis["DeliveryStreamType"] == "KinesisStreamAsSource"
    assert "rawrecord" in json.dumps(kpis["ExtendedS3DestinationConfiguration"]["ProcessingConfiguration"])
    assert log["DeliveryStreamType"] == "DirectPut"
    assert log["DeliveryStreamEncryptionConfigurationInput"] == {"KeyType": "AWS_OWNED_CMK"}
    for topic in deliveries(local["history"]).values():
        assert topic["DeliveryStreamType"] == "DirectPut"
        assert "ProcessingConfiguration" not in topic["ExtendedS3DestinationConfiguration"]


def test_firehose_gets_into_the_brokers_by_name_and_may_only_read(linked: dict[str, Template]) -> None:
    streaming = linked["streaming"]
    assert counts(streaming)["AWS::MSK::ClusterPolicy"] == 1
    (policy,) = resources(streaming, "AWS::MSK::ClusterPolicy")
    (statement,) = policy["Policy"]["Statement"]
    assert statement["Action"] == "kafka:CreateVpcConnection"
    assert statement["Principal"] == {"Service": "firehose.amazonaws.com"}
    (cluster,) = resources(streaming, "AWS::MSK::Cluster")
    connectivity = cluster["BrokerNodeGroupInfo"]["ConnectivityInfo"]["VpcConnectivity"]
    assert connectivity == {"ClientAuthentication": {"Sasl": {"Iam": {"Enabled": True}}}}
    (rights,) = [p for p in resources(streaming, "AWS::IAM::Policy") if p["PolicyName"].startswith("rawtopics")]
    statements = rights["PolicyDocument"]["Statement"]
    actions = {action for s in statements for action in as_list(s["Action"]) if action.startswith("kafka")}
    assert not {action for action in actions if "Write" in action or "Alter" in action or "Create" in action}
    read = [s for s in statements if "kafka-cluster:ReadData" in as_list(s["Action"])]
    assert all(len(as_list(s["Resource"])) == len(TOPICS) and "*" not in json.dumps(s["Resource"]) for s in read)


def test_a_stage_that_is_just_made_asks_msk_for_nothing_it_refuses(aws: dict[str, Template]) -> None:
    assert deliveries(aws["streaming"]) == {}
    (cluster,) = resources(aws["streaming"], "AWS::MSK::Cluster")
    assert "ConnectivityInfo" not in cluster["BrokerNodeGroupInfo"]


def test_the_light_logs_feed_reports_what_it_did_not_put(
    linked: dict[str, Template], local: dict[str, Template]
) -> None:
    (mapping,) = resources(linked["history"], "AWS::Lambda::EventSourceMapping")
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert "quarantine" in json.dumps(mapping["DestinationConfig"])
    for templates, said in ((linked, "report"), (local, "raise")):
        (feed,) = [
            f
            for f in resources(templates["history"], "AWS::Lambda::Function")
            if f["Handler"] == "lambdas.light_log_feed.handler"
        ]
        assert feed["Environment"]["Variables"]["SEMAFORO_PARTIAL_FAILURES"] == said
