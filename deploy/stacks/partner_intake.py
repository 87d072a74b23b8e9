"""What partners write to: a bucket for files, a queue for messages, and where both end when nothing helps."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge

RECEIVED = "received/"
ATTEMPTS = 5
QUEUE_BATCH = 10
"""Each message waits for its own acknowledgement, some 10 ms."""


class PartnerIntake(Construct):
    """`bucket`, `queue`, and `undelivered`, which takes what either function gave up."""

    def __init__(
        self, scope: Construct, construct_id: str, context: DeployContext, *, queue_timeout: cdk.Duration
    ) -> None:
        super().__init__(scope, construct_id)
        self._context = context
        self._bucket_name = f"{context.name('partner')}-{cdk.Aws.ACCOUNT_ID}"
        self.undelivered = self._queue("partner-undelivered", retention_period=cdk.Duration.days(14))
        acknowledge(self.undelivered, "SQS3", "It is the dead-letter queue.")
        self.queue = self._queue(
            "partner-events",
            retention_period=cdk.Duration.days(14),
            # AWS's advice: six times the function's timeout, so that a message is not handed out twice at once.
            visibility_timeout=cdk.Duration.seconds(6 * int(queue_timeout.to_seconds())),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.undelivered, max_receive_count=ATTEMPTS),
        )
        self.bucket = self._bucket()
        if not context.enforce_ssl:
            acknowledge(self, "SQS4", "The local cloud speaks plain http on 127.0.0.1.")
            acknowledge(self, "S10", "The local cloud speaks plain http on 127.0.0.1.")

    def send_files_to(self, function: lambda_.Function) -> None:
        """Start the function for every object below `received/`, and let it do with them what it must."""
        # By its name: the bucket names the function, whose role would else name the bucket.
        arn = f"arn:{cdk.Aws.PARTITION}:s3:::{self._bucket_name}"
        permission = lambda_.CfnPermission(
            self,
            "bucket-may-invoke",
            action="lambda:InvokeFunction",
            function_name=function.function_arn,
            principal="s3.amazonaws.com",
            source_account=cdk.Aws.ACCOUNT_ID,
            source_arn=arn,
        )
        below = s3.CfnBucket.FilterRuleProperty(name="prefix", value=RECEIVED)
        resource = self.bucket.node.default_child
        if not isinstance(resource, s3.CfnBucket):
            raise TypeError("the bucket's own resource is a CfnBucket")
        # Not `add_event_notification`: that sets it by a function of the CDK's own, with rights on every bucket.
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            lambda_configurations=[
                s3.CfnBucket.LambdaConfigurationProperty(
                    event="s3:ObjectCreated:*",
                    function=function.function_arn,
                    filter=s3.CfnBucket.NotificationFilterProperty(
                        s3_key=s3.CfnBucket.S3KeyFilterProperty(rules=[below])
                    ),
                )
            ]
        )
        resource.add_resource_dependency(permission)
        grants = {
            # Without the right to list, S3 says of what is not there that it may not be read.
            "s3:ListBucket": [arn],
            "s3:GetObject": [f"{arn}/{RECEIVED}*", f"{arn}/done/*"],
            "s3:GetObjectVersion": [f"{arn}/{RECEIVED}*"],
            "s3:PutObject": [f"{arn}/rejects/*", f"{arn}/done/*"],
        }
        for action, resources in grants.items():
            iam.Grant.add_to_principal(grantee=function, actions=[action], resource_arns=resources)
        for folder in ("received", "rejects", "done"):
            found = f"arn:<AWS::Partition>:s3:::{self._context.name('partner')}-<AWS::AccountId>/{folder}/*"
            acknowledge(function.node.scope or function, f"IAM5[Resource::{found}]", "Below one folder of one bucket.")

    def send_messages_to(self, function: lambda_.Function) -> None:
        """Start the function with messages; only those it reports come again."""
        function.add_event_source(
            event_sources.SqsEventSource(self.queue, batch_size=QUEUE_BATCH, report_batch_item_failures=True)
        )

    def _bucket(self) -> s3.Bucket:
        context = self._context
        bucket = s3.Bucket(
            self,
            "partner",
            bucket_name=self._bucket_name,
            # What was received stays as it came, also when a partner writes the same name again.
            versioned=True,
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=context.enforce_ssl,
            removal_policy=context.removal_policy,
        )
        acknowledge(
            bucket, "S1", "Who read what is CloudTrail's to say; logs of the bucket would need one more bucket."
        )
        return bucket

    def _queue(self, name: str, **properties: object) -> sqs.Queue:
        return sqs.Queue(
            self,
            name,
            queue_name=self._context.name(name),
            enforce_ssl=self._context.enforce_ssl,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            removal_policy=self._context.removal_policy,
            **properties,  # type: ignore[arg-type]
        )
