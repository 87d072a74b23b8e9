"""The templates hold what they must, no right is wider than needed, and a finding fails the synthesis."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from deploy.app import add_stacks
from deploy.bundles.inspection import FEED_HANDLERS, HANDLERS
from deploy.context import DeployContext
from deploy.stacks.notices import Notices
from flink_jobs.settings import JobSettings
from schemas.topics import TOPICS
from tests.deploy.synthesised import Template, as_list, counts, grants, resources, subject_of
from warehouse.clean_tables import CLEAN_TABLES

pytestmark = pytest.mark.integration

LIVE_PATH_IN_AWS = {
    "AWS::DynamoDB::Table": 4,
    "AWS::Events::Rule": 1,
    "AWS::IAM::Policy": 2,
    "AWS::IAM::Role": 2,
    "AWS::Kinesis::Stream": 1,
    "AWS::Kinesis::StreamConsumer": 1,
    "AWS::Lambda::EventSourceMapping": 1,
    "AWS::Lambda::Function": 2,
    "AWS::Lambda::Permission": 1,
    "AWS::Logs::LogGroup": 2,
    "AWS::SNS::Topic": 1,
    "AWS::SNS::TopicPolicy": 1,
    "AWS::SQS::Queue": 2,
    "AWS::SQS::QueuePolicy": 2,
}
# Locally: no push consumer, no policy that would refuse http, and the demo's subscriber.
LIVE_PATH_LOCALLY = {
    **{name: count for name, count in LIVE_PATH_IN_AWS.items() if name != "AWS::Kinesis::StreamConsumer"},
    "AWS::SNS::Subscription": 1,
    "AWS::SQS::Queue": 3,
}
del LIVE_PATH_LOCALLY["AWS::SNS::TopicPolicy"]
CATALOGUE = {
    "AWS::Athena::WorkGroup": 1,
    "AWS::Glue::Database": 1,
    "AWS::Glue::Table": len(CLEAN_TABLES),
    "AWS::S3::Bucket": 1,
    "AWS::S3::BucketPolicy": 1,
}
CATALOGUE_LOCALLY = {name: count for name, count in CATALOGUE.items() if name != "AWS::S3::BucketPolicy"}
FEEDS_LOCALLY = {
    "AWS::DynamoDB::Table": 1,
    "AWS::IAM::Policy": 3,
    "AWS::IAM::Role": 3,
    "AWS::Lambda::EventSourceMapping": 1,
    "AWS::Lambda::Function": 3,
    "AWS::Lambda::Permission": 1,
    "AWS::Logs::LogGroup": 3,
    "AWS::S3::Bucket": 1,
    "AWS::SQS::Queue": 2,
}
ADVICE = {
    "AWS::Events::Rule": 1,
    "AWS::IAM::Policy": 1,
    "AWS::IAM::Role": 1,
    "AWS::Lambda::EventSourceMapping": 1,
    "AWS::Lambda::Function": 1,
    "AWS::Lambda::Permission": 1,
    "AWS::Logs::LogGroup": 1,
}
# In AWS: policies that refuse http, the brokers' addresses, and MSK's own mapping.
FEEDS_IN_AWS = {
    **FEEDS_LOCALLY,
    "AWS::Lambda::EventSourceMapping": 2,
    "AWS::S3::BucketPolicy": 1,
    "AWS::SQS::QueuePolicy": 2,
    "AWS::SSM::Parameter": 1,
}
# Actions whose resource is "*", by stack.
_INTERFACES = {f"ec2:{action}NetworkInterface" for action in ("Create", "Delete")} | {
    f"ec2:Describe{what}" for what in ("NetworkInterfaces", "SecurityGroups", "Subnets")
}
ON_ANY_RESOURCE = {
    "advice": {"dynamodb:ListStreams"},
    "app": {"ecr:GetAuthorizationToken", "cloudwatch:GetMetricData"},
    "feeds": {
        *_INTERFACES,
        *("ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses", "ec2:DescribeVpcs"),
    },
    "history": {"dynamodb:ListStreams"},
    "streaming": {
        *_INTERFACES,
        *("ec2:CreateNetworkInterfacePermission", "ec2:DescribeDhcpOptions", "ec2:DescribeVpcs"),
    },
    "warehouse": {
        *_INTERFACES,
        *("ec2:CreateTags", "ec2:DeleteTags"),
        *(f"ec2:Describe{what}" for what in ("RouteTables", "VpcAttribute", "VpcEndpoints")),
        *(f"logs:{action}LogDelivery" for action in ("Create", "Delete", "Get", "Update")),
        *(
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
        ),
        *(f"xray:{action}" for action in ("GetSamplingRules", "GetSamplingTargets")),
        *(f"xray:Put{what}" for what in ("TelemetryRecords", "TraceSegments")),
        "cloudwatch:PutMetricData",
    },
}
DELETES = {
    "feeds": {"ec2:DeleteNetworkInterface", "sqs:DeleteMessage"},
    "streaming": {"ec2:DeleteNetworkInterface"},
    "warehouse": {"ec2:DeleteNetworkInterface", "ec2:DeleteTags", "logs:DeleteLogDelivery", "s3:DeleteObject"},
}
# Where a resource may end in a wildcard: folders of our buckets, logs, versions of a function.
WIDE_PLACES = {
    "feeds": ("/received/*", "/rejects/*", "/done/*"),
    "history": ("bucketsstoraw", "rawrecordfunction"),
    "streaming": ("-assets-", ":log-group:*", ":group/"),
    "warehouse": (
        "-assets-",
        "-sto-raw-",
        "-sto-clean-",
        "-sto-reports-",
        ":log-group:/aws-glue/*",
    ),
}
STREAMING = {
    "AWS::ApplicationAutoScaling::ScalableTarget": 1,
    "AWS::ApplicationAutoScaling::ScalingPolicy": 1,
    "AWS::EC2::FlowLog": 1,
    "AWS::EC2::RouteTable": 3,
    "AWS::EC2::SecurityGroup": 3,
    "AWS::EC2::SecurityGroupIngress": 2,
    "AWS::EC2::Subnet": 3,
    "AWS::EC2::SubnetRouteTableAssociation": 3,
    "AWS::EC2::VPC": 1,
    "AWS::EC2::VPCEndpoint": 7,
    "AWS::IAM::Policy": 3,
    "AWS::IAM::Role": 3,
    "AWS::KMS::Alias": 1,
    "AWS::KMS::Key": 1,
    "AWS::KinesisAnalyticsV2::Application": 1,
    "AWS::KinesisAnalyticsV2::ApplicationCloudWatchLoggingOption": 1,
    "AWS::Lambda::Function": 1,
    "AWS::Logs::LogGroup": 3,
    "AWS::Logs::LogStream": 1,
    "AWS::MSK::Cluster": 1,
    "AWS::MSK::Configuration": 1,
    "Custom::AWS": 1,
}


HISTORY_IN_AWS = {
    "AWS::IAM::Policy": 4,
    "AWS::IAM::Role": 4,
    "AWS::KinesisFirehose::DeliveryStream": 2,
    "AWS::Lambda::EventSourceMapping": 1,
    "AWS::Lambda::Function": 2,
    "AWS::Logs::LogGroup": 4,
    "AWS::Logs::LogStream": 2,
    "AWS::S3::Bucket": 3,
    "AWS::S3::BucketPolicy": 3,
}
# Locally: a stream for each of the nine topics too, no transformation, no policy that would refuse http.
HISTORY_LOCALLY = {
    "AWS::IAM::Policy": 2,
    "AWS::IAM::Role": 2,
    "AWS::KinesisFirehose::DeliveryStream": 11,
    "AWS::Lambda::EventSourceMapping": 1,
    "AWS::Lambda::Function": 1,
    "AWS::Logs::LogGroup": 2,
    "AWS::Logs::LogStream": 11,
    "AWS::S3::Bucket": 3,
}
BOOKING = {
    "AWS::EC2::SecurityGroup": 4,
    "AWS::EC2::SecurityGroupIngress": 4,
    "AWS::EC2::VPCEndpoint": 1,
    "AWS::RDS::DBInstance": 1,
    "AWS::RDS::DBParameterGroup": 1,
    "AWS::RDS::DBSubnetGroup": 1,
    "AWS::SecretsManager::ResourcePolicy": 1,
    "AWS::SecretsManager::RotationSchedule": 1,
    "AWS::SecretsManager::Secret": 2,
    "AWS::SecretsManager::SecretTargetAttachment": 1,
    "AWS::Serverless::Application": 1,
}


def test_no_resource_vanishes(aws: dict[str, Template], local: dict[str, Template]) -> None:
    assert counts(aws["live-path"]) == LIVE_PATH_IN_AWS
    assert counts(aws["streaming"]) == STREAMING
    assert counts(aws["booking"]) == BOOKING
    assert counts(aws["history"]) == HISTORY_IN_AWS
    assert counts(aws["catalogue"]) == CATALOGUE
    assert counts(aws["feeds"]) == FEEDS_IN_AWS
    assert counts(aws["advice"]) == ADVICE
    assert {name: counts(template) for name, template in local.items()} == {
        "live-path": LIVE_PATH_LOCALLY,
        "history": HISTORY_LOCALLY,
        "catalogue": CATALOGUE_LOCALLY,
        "feeds": FEEDS_LOCALLY,
        "advice": ADVICE,
    }


def test_the_tables_have_the_keys_the_alerts_are_written_with(local: dict[str, Template]) -> None:
    tables = {table["TableName"]: table for table in resources(local["live-path"], "AWS::DynamoDB::Table")}
    keys = {name: [key["AttributeName"] for key in table["KeySchema"]] for name, table in tables.items()}
    assert keys == {
        "semaforo-demo-lights": ["entity"],
        "semaforo-demo-light-log": ["entity", "sk"],
        "semaforo-demo-outbox": ["alert_id"],
        "semaforo-demo-delivery": ["pk", "sk"],
    }
    outbox = tables["semaforo-demo-outbox"]
    (pending,) = outbox["GlobalSecondaryIndexes"]
    assert [key["AttributeName"] for key in pending["KeySchema"]] == ["pending_shard", "created_at"]
    assert outbox["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    delivery = tables["semaforo-demo-delivery"]
    (standing,) = delivery["GlobalSecondaryIndexes"]
    assert [key["AttributeName"] for key in standing["KeySchema"]] == ["open_kind", "pk"]
    assert delivery["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    for table in tables.values():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert ("StreamSpecification" in table) == (table is not delivery)


def test_the_stream_is_read_in_order_and_poison_has_a_way_out(aws: dict[str, Template]) -> None:
    (mapping,) = resources(aws["live-path"], "AWS::Lambda::EventSourceMapping")
    assert mapping["ParallelizationFactor"] == 1
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert "quarantine" in json.dumps(mapping["DestinationConfig"])
    assert mapping["MaximumRecordAgeInSeconds"] == 3_600


def test_the_handlers_are_those_the_bundle_is_inspected_for(aws: dict[str, Template]) -> None:
    stacks = ("live-path", "history", "advice")
    functions = [f for name in stacks for f in resources(aws[name], "AWS::Lambda::Function")]
    assert sorted(function["Handler"] for function in functions) == sorted(HANDLERS)


def test_topics_that_the_routing_tree_names_are_made_and_may_be_published_to(tmp_path: Path) -> None:
    routing = tmp_path / "routing.toml"
    routing.write_text('[receivers.default]\n[receivers.night]\ntopic = "duty"\n[receivers.day]\ntopic = "duty"\n')
    stack = cdk.Stack(cdk.App(), "stack")
    notices = Notices(stack, "notices", DeployContext(stage="prod"), routing)
    role = iam.Role(stack, "role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    notices.grant_publish(role)
    template = dict(assertions.Template.from_stack(stack).to_json())
    assert [topic["TopicName"] for topic in resources(template, "AWS::SNS::Topic")] == [
        "semaforo-prod-alerts",
        "semaforo-prod-duty",
    ]
    (policy,) = resources(template, "AWS::IAM::Policy")
    granted = [place for s in policy["PolicyDocument"]["Statement"] for place in as_list(s["Resource"])]
    assert len(granted) == 2
    assert {s["Action"] for s in policy["PolicyDocument"]["Statement"]} == {"sns:Publish"}


def test_production_keeps_its_data_and_a_demo_does_not(aws: dict[str, Template], local: dict[str, Template]) -> None:
    for templates, policy, protected in ((aws, "Retain", True), (local, "Delete", False)):
        found = templates["live-path"]["Resources"].values()
        kept = [r for r in found if r["Type"] in ("AWS::DynamoDB::Table", "AWS::Kinesis::Stream")]
        assert {r["DeletionPolicy"] for r in kept} == {policy}
        tables = resources(templates["live-path"], "AWS::DynamoDB::Table")
        assert {table["DeletionProtectionEnabled"] for table in tables} == {protected}


def test_in_aws_queues_and_topics_refuse_plain_http(aws: dict[str, Template]) -> None:
    policies = [
        *resources(aws["live-path"], "AWS::SQS::QueuePolicy"),
        *resources(aws["live-path"], "AWS::SNS::TopicPolicy"),
    ]
    for policy in policies:
        denied = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        assert denied[0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_every_right_for_everything_is_one_we_know_of(aws: dict[str, Template]) -> None:
    """Interfaces in the network, X-Ray, metrics and the delivery of logs have no narrower resource."""
    found = {stack: {action for action, place in grants(template) if place == "*"} for stack, template in aws.items()}
    assert {stack: actions for stack, actions in found.items() if actions} == ON_ANY_RESOURCE


def test_a_network_has_one_way_to_a_service(aws: dict[str, Template]) -> None:
    """EC2 refuses a second endpoint with a private name: all stacks share one network."""
    in_network = [template for name, template in aws.items() if name != "app"]  # which has a network of its own
    endpoints = [one for template in in_network for one in resources(template, "AWS::EC2::VPCEndpoint")]
    services = Counter(json.dumps(one["ServiceName"]) for one in endpoints)
    assert len(services) > 5
    assert set(services.values()) == {1}


def test_nothing_deletes_but_what_must(aws: dict[str, Template]) -> None:
    """An interface, a message that was taken, a log's delivery, the file of a month that is replaced."""
    found = {stack: {a for a, _place in grants(template) if "Delete" in a} for stack, template in aws.items()}
    assert {stack: actions for stack, actions in found.items() if actions} == DELETES


def test_a_wildcard_lies_within_a_place_of_its_own_stack(aws: dict[str, Template]) -> None:
    for stack, template in aws.items():
        wide = {(action, json.dumps(place)) for action, place in grants(template) if place != "*"}
        for action, place in wide:
            if "*" in place:
                assert any(known in place for known in WIDE_PLACES[stack]), (action, place)
            assert not action.endswith(":*"), (action, place)


def test_the_brokers_promise_what_the_local_ones_do(aws: dict[str, Template]) -> None:
    (cluster,) = resources(aws["streaming"], "AWS::MSK::Cluster")
    assert cluster["NumberOfBrokerNodes"] == 3
    assert len(cluster["BrokerNodeGroupInfo"]["ClientSubnets"]) == 3
    assert cluster["EncryptionInfo"]["EncryptionInTransit"] == {"ClientBroker": "TLS", "InCluster": True}
    assert cluster["ClientAuthentication"]["Sasl"] == {"Iam": {"Enabled": True}}
    (configuration,) = resources(aws["streaming"], "AWS::MSK::Configuration")
    properties = dict(line.split("=") for line in configuration["ServerProperties"].split())
    assert properties["min.insync.replicas"] == "2"
    assert properties["default.replication.factor"] == "3"
    assert properties["log.message.timestamp.type"] == "LogAppendTime"


def test_the_job_runs_from_the_bundle_with_checkpoints_on(aws: dict[str, Template]) -> None:
    (application,) = resources(aws["streaming"], "AWS::KinesisAnalyticsV2::Application")
    assert application["RuntimeEnvironment"] == "FLINK-2_2"
    configured = application["ApplicationConfiguration"]
    groups = {
        group["PropertyGroupId"]: group["PropertyMap"]
        for group in configured["EnvironmentProperties"]["PropertyGroups"]
    }
    assert groups["kinesis.analytics.flink.run.options"] == {
        "python": "main.py",
        "jarfile": "lib/semaforo-flink.jar",
        "pyFiles": "packages/",
    }
    assert configured["FlinkApplicationConfiguration"]["CheckpointConfiguration"]["CheckpointingEnabled"] is True


BROKERS = "b-1.prod.abc123.c2.kafka.eu-west-1.amazonaws.com:9098,b-2.prod.abc123.c2.kafka.eu-west-1.amazonaws.com:9098"


def test_the_job_accepts_the_properties_it_is_deployed_with(aws: dict[str, Template], tmp_path: Path) -> None:
    """Read by the job itself, as the file that Managed Flink makes of them; values known only then are filled in."""
    (application,) = resources(aws["streaming"], "AWS::KinesisAnalyticsV2::Application")
    groups = application["ApplicationConfiguration"]["EnvironmentProperties"]["PropertyGroups"]
    (bootstrap,) = [name for name, r in aws["streaming"]["Resources"].items() if r["Type"] == "Custom::AWS"]
    (kpi_job,) = [group["PropertyMap"] for group in groups if group["PropertyGroupId"] == "kpi-job"]
    assert kpi_job["bootstrap"] == {"Fn::GetAtt": [bootstrap, "BootstrapBrokerStringSaslIam"]}
    kpi_job["bootstrap"] = BROKERS
    exported = {
        export["Export"]["Name"]: export["Value"]
        for export in aws["live-path"]["Outputs"].values()
        if "Export" in export
    }
    stream = aws["live-path"]["Resources"][exported[kpi_job["stream"]["Fn::ImportValue"]]["Ref"]]
    kpi_job["stream"] = stream["Properties"]["Name"]
    assert kpi_job["region"] == {"Ref": "AWS::Region"}
    kpi_job["region"] = "eu-west-1"
    path = tmp_path / "application_properties.json"
    path.write_text(json.dumps(groups))

    settings = JobSettings.read(path)

    assert (settings.stage, settings.bootstrap, settings.stream) == ("prod", BROKERS, "semaforo-prod-route-kpis")
    assert settings.region == "eu-west-1"
    assert settings.pace == "live"
    assert settings.kafka == {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "AWS_MSK_IAM",
        "sasl.jaas.config": "software.amazon.msk.auth.iam.IAMLoginModule required;",
        "sasl.client.callback.handler.class": "software.amazon.msk.auth.iam.IAMClientCallbackHandler",
    }


def test_the_addresses_of_the_brokers_are_asked_of_the_cluster(aws: dict[str, Template]) -> None:
    (question,) = resources(aws["streaming"], "Custom::AWS")
    (cluster,) = [name for name, r in aws["streaming"]["Resources"].items() if r["Type"] == "AWS::MSK::Cluster"]
    for occasion in ("Create", "Update"):
        before, arn, _after = question[occasion]["Fn::Join"][1]
        assert '"action":"getBootstrapBrokers"' in before
        assert arn == {"Fn::GetAtt": [cluster, "Arn"]}


def test_the_job_may_do_what_it_does_and_no_more(aws: dict[str, Template]) -> None:
    """Its topics, its consumer group, its stream, its log: by name, each with the actions of its use."""
    policies = resources(aws["streaming"], "AWS::IAM::Policy")
    (policy,) = [p for p in policies if p["PolicyName"].startswith("kpijobrole")]
    rights: dict[str, set[str]] = {}
    for statement in policy["PolicyDocument"]["Statement"]:
        actions = as_list(statement["Action"])
        for place in as_list(statement["Resource"]):
            rights.setdefault(subject_of(place), set()).update(action for action in actions if "ec2:" not in action)
    topics = {name: actions for name, actions in rights.items() if name.startswith("topic/")}
    reads, writes = (
        {"kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"},
        {"kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"},
    )
    assert topics == {
        "topic/prod.flight-status": reads,
        "topic/prod.flight-finance": reads,
        "topic/prod.flight-operations": reads,
        "topic/prod.passenger-feedback": reads,
        "topic/prod.route-heartbeat": reads,
        "topic/prod.dead-letters": writes,
        "topic/prod.late-events": writes,
    }
    assert rights["group/prod.kpi-job"] == {"kafka-cluster:DescribeGroup", "kafka-cluster:AlterGroup"}
    assert rights["brokerscluster"] == {
        "kafka-cluster:Connect",
        "kafka-cluster:DescribeCluster",
        "kafka-cluster:WriteDataIdempotently",
    }
    assert rights["live-path"] == {"kinesis:PutRecords"}
    assert {action for actions in rights.values() for action in actions if action.startswith("logs:")} == {
        "logs:DescribeLogGroups",
        "logs:DescribeLogStreams",
        "logs:PutLogEvents",
    }


def test_the_bookings_are_kept_twice_encrypted_and_private(aws: dict[str, Template]) -> None:
    (database,) = resources(aws["booking"], "AWS::RDS::DBInstance")
    assert database["Engine"] == "postgres"
    for promise in ("MultiAZ", "StorageEncrypted", "DeletionProtection", "EnableIAMDatabaseAuthentication"):
        assert database[promise] is True
    assert database["PubliclyAccessible"] is False
    assert database["BackupRetentionPeriod"] >= 7
    assert "resolve:secretsmanager" in json.dumps(database["MasterUserPassword"])
    (settings,) = resources(aws["booking"], "AWS::RDS::DBParameterGroup")
    # No row of a person in the log, and no session without TLS.
    assert settings["Parameters"] == {
        "rds.force_ssl": "1",
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
    }


def test_the_feeds_send_to_the_topics_producers_write_and_read_flight_status_alone(aws: dict[str, Template]) -> None:
    rights: dict[str, dict[str, set[str]]] = {}
    for policy in resources(aws["feeds"], "AWS::IAM::Policy"):
        of_role = rights.setdefault(policy["PolicyName"].partition("role")[0], {})
        for statement in policy["PolicyDocument"]["Statement"]:
            for place in as_list(statement["Resource"]):
                actions = {action for action in as_list(statement["Action"]) if action.startswith("kafka-cluster:")}
                of_role.setdefault(subject_of(place), set()).update(actions)
    written = {"kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"}
    names = {f"topic/prod.{name}" for name, topic in TOPICS.items() if "producers" in topic.written_by}
    for sender in ("partnerfile", "partnerqueue"):
        topics = {name: actions for name, actions in rights[sender].items() if name.startswith("topic/")}
        assert topics == dict.fromkeys(names, written)
    kept = {name: actions for name, actions in rights["flights"].items() if name.startswith(("topic/", "group/"))}
    assert kept == {
        "topic/prod.flight-status": {"kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"},
        "group/prod.flights-table": {"kafka-cluster:DescribeGroup", "kafka-cluster:AlterGroup"},
    }


def test_only_messages_that_failed_come_again_and_five_times_at_most(aws: dict[str, Template]) -> None:
    mappings = resources(aws["feeds"], "AWS::Lambda::EventSourceMapping")
    (queue,) = [mapping for mapping in mappings if "BatchSize" in mapping and mapping["BatchSize"] == 10]
    assert queue["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    (redrive,) = [q["RedrivePolicy"] for q in resources(aws["feeds"], "AWS::SQS::Queue") if "RedrivePolicy" in q]
    assert redrive["maxReceiveCount"] == 5


def test_the_flights_table_is_found_by_route_or_airport_and_forgets(local: dict[str, Template]) -> None:
    (table,) = resources(local["feeds"], "AWS::DynamoDB::Table")
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["flight_id"]
    keys = [[key["AttributeName"] for key in index["KeySchema"]] for index in table["GlobalSecondaryIndexes"]]
    assert keys == [[attribute, "scheduled_departure_at"] for attribute in ("route", "origin", "destination")]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_the_recommender_may_look_at_flights_keep_advice_and_tell(aws: dict[str, Template]) -> None:
    allowed = {action for action, _ in grants(aws["advice"]) if not action.startswith("logs:")}
    reading = {f"dynamodb:{action}" for action in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")}
    keeping = {"dynamodb:Query", "dynamodb:BatchGetItem", "dynamodb:PutItem"}
    assert allowed == {*reading, *keeping, "sns:Publish", "sqs:SendMessage"} | {
        action for action in allowed if action in ("sqs:GetQueueAttributes", "sqs:GetQueueUrl")
    }
    places = [json.dumps(place) for action, place in grants(aws["advice"]) if action == "dynamodb:Query"]
    assert sorted(place.count("/index/by-") for place in places) == [0, 1, 1]
    assert [place.count("/index/open") for place in places if "/index/by-" not in place] == [1]


def test_the_feeds_handlers_are_those_their_bundle_is_inspected_for(aws: dict[str, Template]) -> None:
    functions = resources(aws["feeds"], "AWS::Lambda::Function")
    assert sorted(function["Handler"] for function in functions) == sorted(FEED_HANDLERS)


def test_a_finding_fails_the_synthesis(tmp_path: Path) -> None:
    """The control of every test here: the same app with one careless topic does not synthesise."""
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(b"PK\x05\x06" + bytes(18))
    app = cdk.App(outdir=str(tmp_path / "out"), analytics_reporting=False)
    add_stacks(app, DeployContext(), bundle, feeds_zip=bundle)
    sns.Topic(cdk.Stack(app, "careless"), "open-to-http")
    with pytest.raises(RuntimeError, match="AwsSolutions-SNS3"):
        app.synth()
