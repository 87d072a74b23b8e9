"""History's work in AWS: Redshift, the Glue jobs and the chain of a day. Synthesised and checked; never run locally,
where `python -m warehouse daily` and DuckDB take their place."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from deploy.context import DeployContext
from deploy.stacks.booking_database import BookingDatabase
from deploy.stacks.catalogue import Catalogue
from deploy.stacks.daily_chain import DailyChain
from deploy.stacks.glue_jobs import GlueJobs, environment
from deploy.stacks.network import Network
from deploy.stacks.star_store import DATABASE, StarStore


class WarehouseStack(cdk.Stack):
    """In the streaming stack's network, over the catalogue's tables."""

    def __init__(
        self,
        scope: cdk.App,
        context: DeployContext,
        bundle: Path,
        network: Network,
        catalogue: Catalogue,
        bookings: BookingDatabase,
    ) -> None:
        super().__init__(
            scope,
            f"semaforo-{context.stage}-warehouse",
            description="Semaforo: history's star, jobs and schedule",
            termination_protection=context.keep_data,
        )
        self.add_stack_dependency(catalogue)
        self._context = context
        self.store = StarStore(self, "store", context, network)
        self._reach_services(network)
        self.jobs = GlueJobs(
            self,
            "jobs",
            context,
            bundle=bundle,
            network=network,
            security_group=self.store.jobs,
            bookings=bookings,
            key=self._key(),
            environment=environment(context, self.store.host, DATABASE),
        )
        self.jobs.role.add_to_policy(
            iam.PolicyStatement(actions=["redshift-serverless:GetCredentials"], resources=[self.store.arn])
        )
        self.chain = DailyChain(self, "daily", context, self.jobs.jobs)
        for name, value in {
            "RedshiftHost": self.store.host,
            "RedshiftReaderRole": self.store.reader.role_arn,
            "HistoryStateMachine": self.chain.machine.state_machine_arn,
            "HistoryAlarmsTopic": self.chain.topic.topic_arn,
        }.items():
            cdk.CfnOutput(self, name, value=value)

    def _key(self) -> kms.Key:
        """Of the jobs' logs and bookmarks."""
        key = kms.Key(
            self,
            "key",
            alias=self._context.name("glue"),
            enable_key_rotation=True,
            removal_policy=self._context.removal_policy,
        )
        logs = f"arn:{cdk.Aws.PARTITION}:logs:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:log-group:/aws-glue/*"
        key.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
                principals=[iam.ServicePrincipal(f"logs.{cdk.Aws.REGION}.amazonaws.com")],
                resources=["*"],  # in a key's own policy: this key
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": logs}},
            )
        )
        return key

    def _reach_services(self, network: Network) -> None:
        """The network has no way out: what the jobs call answers inside it. Secrets Manager does already, for the
        clients of the booking system (`booking_database.py`); a network takes one endpoint of a service."""
        endpoints = ec2.SecurityGroup(
            self, "endpoints", vpc=network.vpc, description="Endpoints of the jobs", allow_all_outbound=False
        )
        endpoints.add_ingress_rule(self.store.jobs, ec2.Port.tcp(443), "HTTPS")
        for name in ("redshift-serverless", "glue", "sns"):
            ec2.InterfaceVpcEndpoint(
                self,
                f"{name}-endpoint",
                vpc=network.vpc,
                service=ec2.InterfaceVpcEndpointAwsService(name),
                subnets=network.subnets,
                security_groups=[endpoints],
                open=False,
            )
