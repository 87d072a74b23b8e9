"""The KPI job on Managed Flink: the same bundle, jar and properties file layout as on one machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_kinesisanalyticsv2 as flink
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from deploy.bundles.flink_zip import ENTRY, JAR, PACKAGES_FOLDER
from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge
from deploy.stacks.kafka_cluster import KafkaBrokers
from deploy.stacks.network import Network
from schemas.topics import TOPICS, topic_name

RUNTIME = "FLINK-2_2"
CHECKPOINT_SECONDS = 60
PARALLELISM = 1
"""One core takes some 150,000 events a second (4 to 6 µs each); an airline has about 50."""


class KpiJobApplication(Construct):
    """The application; it may read the stage's KPI topics, write its two error topics, put to the KPI stream."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        context: DeployContext,
        *,
        bundle: Path,
        network: Network,
        brokers: KafkaBrokers,
        stream: kinesis.IStream,
        properties: Mapping[str, Mapping[str, str]],
    ) -> None:
        super().__init__(scope, construct_id)
        code = assets.Asset(self, "bundle", path=str(bundle))
        log_group = logs.LogGroup(
            self, "log", retention=logs.RetentionDays.ONE_MONTH, removal_policy=context.removal_policy
        )
        log_stream = logs.LogStream(self, "stream", log_group=log_group, removal_policy=context.removal_policy)
        self.role = iam.Role(self, "role", assumed_by=iam.ServicePrincipal("kinesisanalytics.amazonaws.com"))
        code.grant_read(self.role)
        stream.grant(self.role, "kinesis:PutRecords")
        log_stream_arn = _arn_of_logs(f"{log_group.log_group_name}:log-stream:{log_stream.log_stream_name}")
        self._may_log(log_group, log_stream_arn)
        self._may_use_topics(brokers, context.stage)
        self._may_live_in_the_network()
        self.application = flink.CfnApplication(
            self,
            "application",
            application_name=context.name("kpi-job"),
            runtime_environment=RUNTIME,
            service_execution_role=self.role.role_arn,
            application_configuration=flink.CfnApplication.ApplicationConfigurationProperty(
                application_code_configuration=_code(code),
                environment_properties=flink.CfnApplication.EnvironmentPropertiesProperty(
                    property_groups=_groups(properties)
                ),
                flink_application_configuration=_flink(),
                application_snapshot_configuration=flink.CfnApplication.ApplicationSnapshotConfigurationProperty(
                    snapshots_enabled=True
                ),
                vpc_configurations=[
                    flink.CfnApplication.VpcConfigurationProperty(
                        subnet_ids=network.vpc.select_subnets(subnet_type=network.subnets.subnet_type).subnet_ids,
                        security_group_ids=[network.clients.security_group_id],
                    )
                ],
            ),
        )
        self.application.node.add_dependency(self.role)
        logging = flink.CfnApplicationCloudWatchLoggingOption(
            self,
            "logging",
            application_name=self.application.ref,
            cloud_watch_logging_option=flink.CfnApplicationCloudWatchLoggingOption.CloudWatchLoggingOptionProperty(
                log_stream_arn=log_stream_arn
            ),
        )
        logging.node.add_dependency(self.role)

    def _may_log(self, log_group: logs.LogGroup, log_stream_arn: str) -> None:
        """What the service's guide asks for: it looks the group and the stream up before it writes."""
        grants = {
            # A list call, which the guide grants on all groups.
            "DescribeLogGroups": _arn_of_logs("*"),
            "DescribeLogStreams": log_group.log_group_arn,
            "PutLogEvents": log_stream_arn,
        }
        for action, resource in grants.items():
            self.role.add_to_principal_policy(iam.PolicyStatement(actions=[f"logs:{action}"], resources=[resource]))

    def _may_use_topics(self, brokers: KafkaBrokers, stage: str) -> None:
        read = [topic_name(stage, name) for name, topic in TOPICS.items() if "kpi-job" in topic.read_by]
        written = [topic_name(stage, name) for name, topic in TOPICS.items() if "kpi-job" in topic.written_by]
        grants = {
            "Connect DescribeCluster WriteDataIdempotently": [brokers.arn],
            "DescribeTopic ReadData": brokers.arns("topic", read),
            "DescribeTopic WriteData": brokers.arns("topic", written),
            "DescribeGroup AlterGroup": brokers.arns("group", [f"{stage}.kpi-job"]),
        }
        for actions, resources in grants.items():
            self.role.add_to_principal_policy(
                iam.PolicyStatement(
                    actions=[f"kafka-cluster:{action}" for action in actions.split()], resources=resources
                )
            )

    def _may_live_in_the_network(self) -> None:
        self.role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=[
                    "ec2:DescribeVpcs",
                    "ec2:DescribeSubnets",
                    "ec2:DescribeSecurityGroups",
                    "ec2:DescribeDhcpOptions",
                    "ec2:DescribeNetworkInterfaces",
                    "ec2:CreateNetworkInterface",
                    "ec2:CreateNetworkInterfacePermission",
                    "ec2:DeleteNetworkInterface",
                ],
                resources=["*"],
            )
        )
        acknowledge(
            self.role,
            "IAM5",
            "Managed Flink makes its network interfaces itself; those EC2 calls know no narrower resource, nor does "
            "the list of log groups. The rule cannot read the topics' ARNs, which are cut from the cluster's; a test "
            "proves them free of wildcards.",
        )


def _arn_of_logs(name: str) -> str:
    return f"arn:{cdk.Aws.PARTITION}:logs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:log-group:{name}"


def _code(code: assets.Asset) -> flink.CfnApplication.ApplicationCodeConfigurationProperty:
    return flink.CfnApplication.ApplicationCodeConfigurationProperty(
        code_content=flink.CfnApplication.CodeContentProperty(
            s3_content_location=flink.CfnApplication.S3ContentLocationProperty(
                bucket_arn=code.bucket.bucket_arn, file_key=code.s3_object_key
            )
        ),
        code_content_type="ZIPFILE",
    )


def _groups(
    properties: Mapping[str, Mapping[str, str]],
) -> list[flink.CfnApplication.PropertyGroupProperty]:
    run = {"python": ENTRY, "jarfile": JAR, "pyFiles": PACKAGES_FOLDER}
    groups = {"kinesis.analytics.flink.run.options": run, **properties}
    return [
        flink.CfnApplication.PropertyGroupProperty(property_group_id=group, property_map=dict(values))
        for group, values in groups.items()
    ]


def _flink() -> flink.CfnApplication.FlinkApplicationConfigurationProperty:
    return flink.CfnApplication.FlinkApplicationConfigurationProperty(
        checkpoint_configuration=flink.CfnApplication.CheckpointConfigurationProperty(
            configuration_type="CUSTOM",
            checkpointing_enabled=True,
            checkpoint_interval=CHECKPOINT_SECONDS * 1_000,
            min_pause_between_checkpoints=5_000,
        ),
        monitoring_configuration=flink.CfnApplication.MonitoringConfigurationProperty(
            configuration_type="CUSTOM", log_level="INFO", metrics_level="TASK"
        ),
        parallelism_configuration=flink.CfnApplication.ParallelismConfigurationProperty(
            configuration_type="CUSTOM", parallelism=PARALLELISM, parallelism_per_kpu=1, auto_scaling_enabled=False
        ),
    )
