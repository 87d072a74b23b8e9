"""The buckets of history: what was received, what was made of it, and what people get."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge
from deploy.stacks.history_names import bucket_name


class HistoryBuckets(Construct):
    """`sto-raw`, `sto-clean`, `sto-reports`: private, encrypted, what is overwritten or deleted kept for a month."""

    def __init__(self, scope: Construct, construct_id: str, context: DeployContext) -> None:
        super().__init__(scope, construct_id)
        self._context = context
        # Raw is read once by the compaction and then only to make history anew.
        self.raw = self._bucket(
            "sto-raw",
            s3.Transition(storage_class=s3.StorageClass.INFREQUENT_ACCESS, transition_after=cdk.Duration.days(30)),
            s3.Transition(
                storage_class=s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transition_after=cdk.Duration.days(365)
            ),
        )
        self.clean = self._bucket("sto-clean")
        self.reports = self._bucket("sto-reports")

    def _bucket(self, name: str, *transitions: s3.Transition) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            name,
            bucket_name=bucket_name(self._context, name),
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=self._context.enforce_ssl,
            minimum_tls_version=1.2 if self._context.enforce_ssl else None,
            versioned=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    transitions=list(transitions) or None,
                    noncurrent_version_expiration=cdk.Duration.days(30),
                    abort_incomplete_multipart_upload_after=cdk.Duration.days(7),
                )
            ],
            removal_policy=self._context.removal_policy,
        )
        acknowledge(
            bucket, "S1", "Who reads and writes is in CloudTrail's data events, with the role; a log bucket adds none."
        )
        if not self._context.enforce_ssl:
            acknowledge(bucket, "S10", "The local cloud speaks plain http on 127.0.0.1.")
        return bucket
