"""The topics to the raw bucket, in AWS: Firehose reads MSK by itself. It has never run: MSK is only there."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_msk as msk
from aws_cdk import aws_s3 as s3
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge
from deploy.stacks.kafka_cluster import KafkaBrokers
from deploy.stacks.raw_delivery import RawDelivery
from schemas.topics import TOPICS, topic_name


class BrokerDelivery(Construct):
    """A Firehose stream for each topic, let into the cluster by its policy and by the streams' own role."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        context: DeployContext,
        *,
        brokers: KafkaBrokers,
        bucket: s3.IBucket,
        transform: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        policy = msk.CfnClusterPolicy(
            self,
            "cluster-policy",
            cluster_arn=brokers.arn,
            policy={
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "firehose.amazonaws.com"},
                        "Action": "kafka:CreateVpcConnection",
                        "Resource": brokers.arn,
                        "Condition": {"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
                    }
                ],
            },
        )
        self.delivery = RawDelivery(self, "topics", context, bucket, transform)
        self._may_read(brokers, context.stage)
        for topic in TOPICS:
            stream = self.delivery.from_brokers(topic, brokers.arn, topic_name(context.stage, topic))
            stream.node.add_dependency(policy)

    def _may_read(self, brokers: KafkaBrokers, stage: str) -> None:
        cluster = "kafka:GetBootstrapBrokers kafka:DescribeCluster kafka:DescribeClusterV2 kafka-cluster:Connect"
        topic = "kafka-cluster:DescribeTopic kafka-cluster:DescribeTopicDynamicConfiguration kafka-cluster:ReadData"
        grants = {
            cluster: [brokers.arn],
            topic: brokers.arns("topic", [topic_name(stage, name) for name in TOPICS]),
            # Firehose names its groups itself, and only asks about them.
            "kafka-cluster:DescribeGroup": brokers.arns("group", ["*"]),
        }
        for actions, resources in grants.items():
            self.delivery.role.add_to_principal_policy(
                iam.PolicyStatement(actions=actions.split(), resources=resources)
            )
        acknowledge(self.delivery.role, "IAM5", "Firehose names the consumer groups it asks about itself.")
