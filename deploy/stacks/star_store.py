"""Redshift Serverless: the star lies there, and the clean tables are read where they lie, by Spectrum."""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_redshiftserverless as redshift
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge_wildcards
from deploy.stacks.history_names import bucket_arn, clean_tables, database_name
from deploy.stacks.network import Network

DATABASE: Final = "semaforo"
CAPACITY_RPU: Final = 8
"""The least there is, 128 GB of memory; paid by the second of use."""

PORT: Final = 5439


class StarStore(Construct):
    """Namespace and workgroup in the private network; `reader` is the role Spectrum reads the clean tables by."""

    def __init__(self, scope: Construct, construct_id: str, context: DeployContext, network: Network) -> None:
        super().__init__(scope, construct_id)
        self._context = context
        self.jobs = ec2.SecurityGroup(self, "jobs", vpc=network.vpc, description="Glue jobs", allow_all_outbound=True)
        # Glue asks for it: driver and executors talk on ports of their choice.
        self.jobs.add_ingress_rule(self.jobs, ec2.Port.all_tcp(), "Within a job")
        self._store = ec2.SecurityGroup(
            self, "store", vpc=network.vpc, description="Redshift", allow_all_outbound=False
        )
        self._store.add_ingress_rule(self.jobs, ec2.Port.tcp(PORT), "dbt and the reports")
        self.reader = self._reader()
        self.namespace = self._namespace()
        self.workgroup = self._workgroup(network)

    @property
    def host(self) -> str:
        """Where dbt connects to."""
        return self.workgroup.attr_workgroup_endpoint_address

    @property
    def arn(self) -> str:
        """Of the workgroup, for those who ask for a login."""
        return self.workgroup.attr_workgroup_workgroup_arn

    def _reader(self) -> iam.Role:
        """May read the clean tables and what Glue says of them; nothing else, and nothing may be written."""
        role = iam.Role(
            self,
            "reader",
            role_name=self._context.name("redshift-reader"),
            assumed_by=iam.CompositePrincipal(
                iam.ServicePrincipal("redshift.amazonaws.com"),
                iam.ServicePrincipal("redshift-serverless.amazonaws.com"),
            ),
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=[
                    "glue:GetDatabase",
                    "glue:GetTable",
                    "glue:GetTables",
                    "glue:GetPartition",
                    "glue:GetPartitions",
                ],
                resources=glue_arns(self._context),
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(actions=["s3:ListBucket"], resources=[bucket_arn(self._context, "sto-clean")])
        )
        role.add_to_policy(
            iam.PolicyStatement(actions=["s3:GetObject"], resources=[bucket_arn(self._context, "sto-clean", "/*")])
        )
        reason = "Every object of the one bucket of clean tables: months are added by name."
        acknowledge_wildcards(role, reason, bucket_arn(self._context, "sto-clean", "/*"))
        return role

    def _namespace(self) -> redshift.CfnNamespace:
        key = kms.Key(
            self,
            "key",
            alias=self._context.name("redshift"),
            enable_key_rotation=True,
            removal_policy=self._context.removal_policy,
        )
        namespace = redshift.CfnNamespace(
            self,
            "namespace",
            namespace_name=self._context.name("history"),
            db_name=DATABASE,
            # Secrets Manager makes and turns it; no person and no job signs in by it.
            manage_admin_password=True,
            kms_key_id=key.key_arn,
            iam_roles=[self.reader.role_arn],
            default_iam_role_arn=self.reader.role_arn,
            log_exports=["userlog", "connectionlog", "useractivitylog"],
        )
        namespace.apply_removal_policy(self._context.removal_policy)
        return namespace

    def _workgroup(self, network: Network) -> redshift.CfnWorkgroup:
        workgroup = redshift.CfnWorkgroup(
            self,
            "workgroup",
            workgroup_name=self._context.name("history"),
            namespace_name=self.namespace.namespace_name,
            base_capacity=CAPACITY_RPU,
            max_capacity=CAPACITY_RPU * 4,
            enhanced_vpc_routing=True,
            publicly_accessible=False,
            subnet_ids=network.vpc.select_subnets(subnet_type=network.subnets.subnet_type).subnet_ids,
            security_group_ids=[self._store.security_group_id],
            config_parameters=[
                redshift.CfnWorkgroup.ConfigParameterProperty(parameter_key=name, parameter_value=value)
                for name, value in {"require_ssl": "true", "max_query_execution_time": "1800"}.items()
            ],
        )
        workgroup.add_resource_dependency(self.namespace)
        return workgroup


def glue_arns(context: DeployContext) -> list[str]:
    """The catalogue, our database and each table of it: Glue asks for all three."""
    start = f"arn:{cdk.Aws.PARTITION}:glue:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}"
    database = database_name(context)
    tables = [f"{start}:table/{database}/{table['name']}" for table in clean_tables()]
    return [f"{start}:catalog", f"{start}:database/{database}", *tables]
