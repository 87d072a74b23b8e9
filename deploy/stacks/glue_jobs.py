"""The day's work as Glue jobs: one script, one bundle, an entry each.

Glue 5.0 is the one runtime without a container that has our Python (3.11), 16 GB and hours: a Python shell job has 3.9,
a Lambda function 250 MB of code (Polars, PyArrow, DuckDB and dbt have more) and 15 minutes. Spark stands by unused.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from deploy.bundles.warehouse_zip import ENTRIES, ENTRY_SCRIPT
from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge_wildcards
from deploy.stacks.booking_database import BookingDatabase
from deploy.stacks.history_names import bucket_arn, bucket_name, clean_tables, database_name
from deploy.stacks.network import Network

GLUE_VERSION: Final = "5.0"
TIMEOUT_MINUTES: Final = 60


class GlueJobs(Construct):
    """A job per entry, a role for all of them, the connection into the network, and the crawlers."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        context: DeployContext,
        *,
        bundle: Path,
        network: Network,
        security_group: ec2.SecurityGroup,
        bookings: BookingDatabase,
        key: kms.Key,
        environment: Mapping[str, str],
    ) -> None:
        super().__init__(scope, construct_id)
        self._context, self._environment, self._bookings = context, environment, bookings
        self._bundle = assets.Asset(self, "bundle", path=str(bundle))
        self._script = assets.Asset(self, "script", path=str(ENTRY_SCRIPT))
        self.role = self._role(key)
        self._secured = self._security_configuration(key)
        subnet = network.vpc.select_subnets(subnet_type=network.subnets.subnet_type).subnets[0]
        self._connection = glue.CfnConnection(
            self,
            "connection",
            catalog_id=cdk.Aws.ACCOUNT_ID,
            connection_input=glue.CfnConnection.ConnectionInputProperty(
                name=context.name("history"),
                connection_type="NETWORK",
                physical_connection_requirements=glue.CfnConnection.PhysicalConnectionRequirementsProperty(
                    availability_zone=subnet.availability_zone,
                    subnet_id=subnet.subnet_id,
                    security_group_id_list=[security_group.security_group_id, bookings.clients.security_group_id],
                ),
            ),
        )
        self.jobs = {name: self._job(name) for name in ENTRIES}
        self._crawl()

    def _job(self, name: str) -> glue.CfnJob:
        arguments = {
            "--entry": ENTRIES[name],
            "--extra-py-files": f"s3://{self._bundle.s3_bucket_name}/{self._bundle.s3_object_key}",
            "--enable-continuous-cloudwatch-log": "true",
            "--enable-metrics": "true",
            "--SEMAFORO_STAGE": self._context.stage,
            **{f"--{variable}": value for variable, value in self._environment.items()},
        }
        if name == "booking":
            arguments["--SEMAFORO_BOOKING_SECRET_ARN"] = self._bookings.secret.secret_arn
            arguments["--SEMAFORO_BOOKING_KEY_SECRET_ARN"] = self._bookings.masking_key.secret_arn
        job = glue.CfnJob(
            self,
            name,
            name=self._context.name(name),
            role=self.role.role_arn,
            glue_version=GLUE_VERSION,
            worker_type="G.1X",
            number_of_workers=2,
            command=glue.CfnJob.JobCommandProperty(
                name="glueetl",
                python_version="3",
                script_location=f"s3://{self._script.s3_bucket_name}/{self._script.s3_object_key}",
            ),
            default_arguments=arguments,
            connections=glue.CfnJob.ConnectionsListProperty(connections=[self._context.name("history")]),
            security_configuration=self._secured.name,
            # The state machine tries again, and waits before it does.
            max_retries=0,
            timeout=TIMEOUT_MINUTES,
            execution_property=glue.CfnJob.ExecutionPropertyProperty(max_concurrent_runs=1),
        )
        job.add_resource_dependency(self._connection)
        return job

    def _role(self, key: kms.Key) -> iam.Role:
        context = self._context
        role = iam.Role(
            self,
            "role",
            role_name=context.name("glue-jobs"),
            assumed_by=iam.ServicePrincipal("glue.amazonaws.com"),
        )
        self._bundle.grant_read(role)
        self._script.grant_read(role)
        key.grant_encrypt_decrypt(role)
        # Raw is never written; clean and reports are replaced file by file, and a file of an emptied month goes.
        rights = {"sto-raw": ["s3:GetObject"], "sto-clean": [], "sto-reports": []}
        for name, actions in rights.items():
            role.add_to_policy(iam.PolicyStatement(actions=["s3:ListBucket"], resources=[bucket_arn(context, name)]))
            objects = actions or ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
            role.add_to_policy(iam.PolicyStatement(actions=objects, resources=[bucket_arn(context, name, "/*")]))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:AssociateKmsKey"],
                resources=[_arn("logs", "log-group:/aws-glue/*")],
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],
                conditions={"StringEquals": {"cloudwatch:namespace": ["Glue"]}},
            )
        )
        role.add_to_policy(iam.PolicyStatement(actions=["glue:GetConnection"], resources=self._connection_arns()))
        role.add_to_policy(iam.PolicyStatement(actions=_NETWORK_ACTIONS, resources=["*"]))
        self._bookings.secret.grant_read(role)
        self._bookings.masking_key.grant_read(role)
        acknowledge_wildcards(
            role,
            "Objects of the three buckets of history, of the CDK's own with the bundle, Glue's own log groups; metrics "
            "(of Glue's namespace alone) and network interfaces know no narrower resource.",
            *(bucket_arn(context, name, "/*") for name in rights),
            f"arn:{cdk.Aws.PARTITION}:s3:::cdk-hnb659fds-assets-{cdk.Aws.ACCOUNT_ID}-{cdk.Aws.REGION}/*",
            _arn("logs", "log-group:/aws-glue/*"),
            *("*", "Action::kms:ReEncrypt*", "Action::kms:GenerateDataKey*"),
            *("Action::s3:GetObject*", "Action::s3:GetBucket*", "Action::s3:List*"),
        )
        return role

    def _connection_arns(self) -> list[str]:
        return [_arn("glue", "catalog"), _arn("glue", f"connection/{self._context.name('history')}")]

    def _security_configuration(self, key: kms.Key) -> glue.CfnSecurityConfiguration:
        """S3 stays with the buckets' own encryption: Glue's would be for Spark, which writes nothing here."""
        configuration = glue.CfnSecurityConfiguration.EncryptionConfigurationProperty(
            cloud_watch_encryption=glue.CfnSecurityConfiguration.CloudWatchEncryptionProperty(
                cloud_watch_encryption_mode="SSE-KMS", kms_key_arn=key.key_arn
            ),
            job_bookmarks_encryption=glue.CfnSecurityConfiguration.JobBookmarksEncryptionProperty(
                job_bookmarks_encryption_mode="CSE-KMS", kms_key_arn=key.key_arn
            ),
            s3_encryptions=[glue.CfnSecurityConfiguration.S3EncryptionProperty(s3_encryption_mode="SSE-S3")],
        )
        return glue.CfnSecurityConfiguration(
            self, "secured", name=self._context.name("history"), encryption_configuration=configuration
        )

    def _crawl(self) -> None:
        """Weekly, and changes nothing: a file whose columns are not the declared ones is told in the log."""
        role = iam.Role(self, "crawler-role", assumed_by=iam.ServicePrincipal("glue.amazonaws.com"))
        clean = [bucket_arn(self._context, "sto-clean", below) for below in ("", "/*")]
        role.add_to_policy(iam.PolicyStatement(actions=["s3:ListBucket", "s3:GetObject"], resources=clean))
        database = database_name(self._context)
        tables = [_arn("glue", f"table/{database}/{table['name']}") for table in clean_tables()]
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:BatchGetPartition"],
                resources=[_arn("glue", "catalog"), _arn("glue", f"database/{database}"), *tables],
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:AssociateKmsKey"],
                resources=[_arn("logs", "log-group:/aws-glue/*")],
            )
        )
        reason = "Every object of the one bucket of clean tables, and Glue's own log groups."
        acknowledge_wildcards(role, reason, clean[1], _arn("logs", "log-group:/aws-glue/*"))
        glue.CfnCrawler(
            self,
            "crawler",
            name=self._context.name("clean"),
            role=role.role_arn,
            database_name=database,
            targets=glue.CfnCrawler.TargetsProperty(
                catalog_targets=[
                    glue.CfnCrawler.CatalogTargetProperty(
                        database_name=database, tables=[table["name"] for table in clean_tables()]
                    )
                ]
            ),
            schedule=glue.CfnCrawler.ScheduleProperty(schedule_expression="cron(0 5 ? * MON *)"),
            schema_change_policy=glue.CfnCrawler.SchemaChangePolicyProperty(
                update_behavior="LOG", delete_behavior="LOG"
            ),
            crawler_security_configuration=self._secured.name,
        )


_NETWORK_ACTIONS: Final = [
    *("ec2:DescribeVpcEndpoints", "ec2:DescribeRouteTables", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"),
    *("ec2:DescribeSecurityGroups", "ec2:DescribeVpcAttribute", "ec2:CreateNetworkInterface"),
    *("ec2:DeleteNetworkInterface", "ec2:CreateTags", "ec2:DeleteTags"),
]
"""Glue makes the interfaces of a connection itself."""


def _arn(service: str, resource: str) -> str:
    return f"arn:{cdk.Aws.PARTITION}:{service}:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:{resource}"


def environment(context: DeployContext, redshift_host: str, redshift_database: str) -> dict[str, str]:
    """Where the jobs find history; settings read it as they do on one machine."""
    return {
        "SEMAFORO_RAW_URL": f"s3://{bucket_name(context, 'sto-raw')}",
        "SEMAFORO_CLEAN_URL": f"s3://{bucket_name(context, 'sto-clean')}",
        "SEMAFORO_REPORTS_URL": f"s3://{bucket_name(context, 'sto-reports')}",
        "SEMAFORO_STAR_TARGET": "redshift",
        "SEMAFORO_REDSHIFT_HOST": redshift_host,
        "SEMAFORO_REDSHIFT_DATABASE": redshift_database,
    }
