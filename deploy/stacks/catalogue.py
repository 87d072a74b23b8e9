"""The catalogue: what Athena, Redshift Spectrum and people with SQL find in S3 "STO Clean". Locally the same stack."""

from __future__ import annotations

from typing import Any, Final

import aws_cdk as cdk
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from aws_cdk import aws_s3 as s3
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge
from deploy.stacks.history_names import bucket_name, clean_tables, database_name

FIRST_MONTH: Final = "2013-01"
"""Of the oldest flights there are; Athena looks into every month from it on that a question does not leave out."""

SCAN_LIMIT_BYTES: Final = 10 * 1024**3
"""A year of all tables is under 1 GB; a question that reads ten (5 US cents) has forgotten its month."""


class Catalogue(cdk.Stack):
    """The Glue database with a table for each clean table, and Athena's workgroup with the bucket of its results."""

    def __init__(self, scope: Construct, context: DeployContext) -> None:
        super().__init__(
            scope,
            f"semaforo-{context.stage}-catalogue",
            description="Semaforo: the clean tables for SQL",
            termination_protection=context.keep_data,
        )
        self._context = context
        self.database = glue.CfnDatabase(
            self,
            "database",
            catalog_id=cdk.Aws.ACCOUNT_ID,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=database_name(context), description="Every event and every light, once, corrected"
            ),
        )
        for table in clean_tables():
            self._table(table)
        self.results = self._results()
        self.workgroup = self._workgroup()
        for name, value in {
            "Database": database_name(context),
            "AthenaWorkgroup": self.workgroup.name,
            "AthenaResultsBucket": self.results.bucket_name,
        }.items():
            cdk.CfnOutput(self, name, value=value)

    def _table(self, table: dict[str, Any]) -> None:
        location = f"s3://{bucket_name(self._context, 'sto-clean')}/{table['name']}"
        made = glue.CfnTable(
            self,
            table["name"].replace("_", "-"),
            catalog_id=cdk.Aws.ACCOUNT_ID,
            database_name=database_name(self._context),
            table_input=glue.CfnTable.TableInputProperty(
                name=table["name"],
                description=table["comment"],
                table_type="EXTERNAL_TABLE",
                parameters={
                    "classification": "parquet",
                    # Months are worked out, not listed: a new one is there as soon as its file is.
                    "projection.enabled": "true",
                    "projection.month.type": "date",
                    "projection.month.format": "yyyy-MM",
                    "projection.month.range": f"{FIRST_MONTH},NOW+1MONTHS",
                    "projection.month.interval": "1",
                    "projection.month.interval.unit": "MONTHS",
                    "storage.location.template": f"{location}/month=${{month}}",
                },
                partition_keys=[glue.CfnTable.ColumnProperty(name="month", type="string")],
                storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                    location=f"{location}/",
                    columns=[
                        glue.CfnTable.ColumnProperty(name=column["name"], type=column["type"])
                        for column in table["columns"]
                    ],
                    input_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
                    output_format="org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
                    serde_info=glue.CfnTable.SerdeInfoProperty(
                        serialization_library="org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
                    ),
                ),
            ),
        )
        made.add_resource_dependency(self.database)

    def _results(self) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "results",
            bucket_name=bucket_name(self._context, "athena-results"),
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=self._context.enforce_ssl,
            lifecycle_rules=[s3.LifecycleRule(expiration=cdk.Duration.days(30))],
            # Answers can be asked for again.
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        acknowledge(bucket, "S1", "Answers to questions, gone after 30 days; who asked stands in Athena's history.")
        if not self._context.enforce_ssl:
            acknowledge(bucket, "S10", "The local cloud speaks plain http on 127.0.0.1.")
        return bucket

    def _workgroup(self) -> athena.CfnWorkGroup:
        return athena.CfnWorkGroup(
            self,
            "athena",
            name=self._context.name("history"),
            description="Questions to the clean tables",
            recursive_delete_option=not self._context.keep_data,
            work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
                enforce_work_group_configuration=True,
                publish_cloud_watch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=SCAN_LIMIT_BYTES,
                engine_version=athena.CfnWorkGroup.EngineVersionProperty(
                    selected_engine_version="Athena engine version 3"
                ),
                result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                    output_location=f"s3://{self.results.bucket_name}/",
                    encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(
                        encryption_option="SSE_S3"
                    ),
                ),
            ),
        )
