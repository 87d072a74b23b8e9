"""MSK: three brokers in three zones, TLS and IAM, the same promises as the local brokers."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_msk as msk
from aws_cdk import custom_resources
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge
from deploy.stacks.network import ZONES, Network

KAFKA_VERSION = "3.9.x.kraft"
"""The newest line MSK recommends. The clients speak to 4.1 locally; nothing used is newer than 3.9."""

INSTANCE_TYPE = "kafka.m7g.large"
VOLUME_GB = 100
LARGEST_VOLUME_GB = 1_000
GROWS_AT_PERCENT = 60

_CUSTOM_RESOURCE_PROVIDER = "AWS679f53fac002430cb0da5b7982bd2287"
"""The CDK's fixed id of the function behind every `AwsCustomResource` of a stack."""

SERVER_PROPERTIES = """\
auto.create.topics.enable=false
default.replication.factor=3
min.insync.replicas=2
unclean.leader.election.enable=false
log.message.timestamp.type=LogAppendTime
num.partitions=3
"""


class KafkaBrokers(Construct):
    """The cluster; `arn` is what IAM policies name."""

    def __init__(self, scope: Construct, construct_id: str, context: DeployContext, network: Network) -> None:
        super().__init__(scope, construct_id)
        key = kms.Key(
            self,
            "key",
            alias=context.name("brokers"),
            enable_key_rotation=True,
            removal_policy=context.removal_policy,
        )
        log_group = logs.LogGroup(
            self, "log", retention=logs.RetentionDays.ONE_MONTH, removal_policy=context.removal_policy
        )
        configuration = msk.CfnConfiguration(
            self, "configuration", name=context.name("brokers"), server_properties=SERVER_PROPERTIES
        )
        self.cluster = msk.CfnCluster(
            self,
            "cluster",
            cluster_name=context.name("brokers"),
            kafka_version=KAFKA_VERSION,
            number_of_broker_nodes=ZONES,
            enhanced_monitoring="PER_TOPIC_PER_BROKER",
            broker_node_group_info=msk.CfnCluster.BrokerNodeGroupInfoProperty(
                instance_type=INSTANCE_TYPE,
                client_subnets=network.vpc.select_subnets(subnet_type=network.subnets.subnet_type).subnet_ids,
                security_groups=[network.brokers.security_group_id],
                storage_info=msk.CfnCluster.StorageInfoProperty(
                    ebs_storage_info=msk.CfnCluster.EBSStorageInfoProperty(volume_size=VOLUME_GB)
                ),
                connectivity_info=_private_links() if context.brokers_linked else None,
            ),
            configuration_info=msk.CfnCluster.ConfigurationInfoProperty(
                arn=configuration.attr_arn, revision=configuration.attr_latest_revision_revision
            ),
            client_authentication=msk.CfnCluster.ClientAuthenticationProperty(
                sasl=msk.CfnCluster.SaslProperty(iam=msk.CfnCluster.IamProperty(enabled=True)),
                unauthenticated=msk.CfnCluster.UnauthenticatedProperty(enabled=False),
            ),
            encryption_info=msk.CfnCluster.EncryptionInfoProperty(
                encryption_at_rest=msk.CfnCluster.EncryptionAtRestProperty(data_volume_kms_key_id=key.key_arn),
                encryption_in_transit=msk.CfnCluster.EncryptionInTransitProperty(client_broker="TLS", in_cluster=True),
            ),
            logging_info=msk.CfnCluster.LoggingInfoProperty(
                broker_logs=msk.CfnCluster.BrokerLogsProperty(
                    cloud_watch_logs=msk.CfnCluster.CloudWatchLogsProperty(
                        enabled=True, log_group=log_group.log_group_name
                    )
                )
            ),
        )

        self._grow_by_itself()
        self.bootstrap = self._bootstrap()

    @property
    def arn(self) -> str:
        """The cluster's ARN."""
        return self.cluster.attr_arn

    def arns(self, kind: str, names: list[str]) -> list[str]:
        """The ARNs of topics or groups: …:cluster/<name>/<uuid> -> …:<kind>/<name>/<uuid>/<topic or group>."""
        of_cluster = cdk.Fn.join(f":{kind}/", cdk.Fn.split(":cluster/", self.arn))
        return [f"{of_cluster}/{name}" for name in names]

    def _grow_by_itself(self) -> None:
        """A volume only ever grows; MSK lets it once in six hours."""
        target = scaling.ScalableTarget(
            self,
            "storage",
            service_namespace=scaling.ServiceNamespace.KAFKA,
            resource_id=self.arn,
            scalable_dimension="kafka:broker-storage:VolumeSize",
            min_capacity=1,
            max_capacity=LARGEST_VOLUME_GB,
            role=iam.Role.from_role_arn(self, "scaling", _scaling_role()),
        )
        target.scale_to_track_metric(
            "utilization",
            predefined_metric=scaling.PredefinedMetric.KAFKA_BROKER_STORAGE_UTILIZATION,
            target_value=GROWS_AT_PERCENT,
            disable_scale_in=True,
        )

    def _bootstrap(self) -> str:
        """The brokers' addresses for TLS and IAM, which CloudFormation itself does not tell.

        Asked during the deployment: passed in as context they would take two deployments, one to make the cluster and
        one to name it. A cluster that is replaced has another ARN, so it is asked again.
        """
        asked = custom_resources.AwsSdkCall(
            service="Kafka",
            action="getBootstrapBrokers",
            parameters={"ClusterArn": self.arn},
            physical_resource_id=custom_resources.PhysicalResourceId.of("bootstrap-brokers"),
        )
        answer = custom_resources.AwsCustomResource(
            self,
            "bootstrap",
            on_create=asked,
            on_update=asked,
            install_latest_aws_sdk=False,
            policy=custom_resources.AwsCustomResourcePolicy.from_statements(
                [iam.PolicyStatement(actions=["kafka:GetBootstrapBrokers"], resources=[self.arn])]
            ),
        )
        provider = cdk.Stack.of(self).node.find_child(_CUSTOM_RESOURCE_PROVIDER)
        acknowledge(
            provider,
            "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]",
            "The CDK's own function for calls CloudFormation lacks; it may write its log and ask for the addresses.",
        )
        return answer.get_response_field("BootstrapBrokerStringSaslIam")


def _scaling_role() -> str:
    """The service's own role, which AWS makes with the first target."""
    service = "kafka.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_KafkaCluster"
    return f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:role/aws-service-role/{service}"


def _private_links() -> msk.CfnCluster.ConnectivityInfoProperty:
    """What MSK calls multi-VPC connectivity: the way in for managed services, by IAM alone."""
    return msk.CfnCluster.ConnectivityInfoProperty(
        vpc_connectivity=msk.CfnCluster.VpcConnectivityProperty(
            client_authentication=msk.CfnCluster.VpcConnectivityClientAuthenticationProperty(
                sasl=msk.CfnCluster.VpcConnectivitySaslProperty(
                    iam=msk.CfnCluster.VpcConnectivityIamProperty(enabled=True)
                )
            )
        )
    )
