"""Firehose streams that bring raw lines to the bucket: one for each topic of a source, under one role."""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct, IConstruct

from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge
from schemas.raw import delivery_stream, prefix

BUFFER_SECONDS: Final = 300
BUFFER_MB: Final = 64
"""Whatever comes first makes an object. History is read in days: five minutes are soon enough, and an object that is
large is cheap to read."""

TRANSFORM_SECONDS: Final = 60
TRANSFORM_MB: Final = 1
"""An invocation may answer 6 MB. Base64 in JSON in base64 makes 1.8 of each byte, and a small one is mostly names."""

DATE: Final = "!{timestamp:yyyy-MM-dd}"
ERRORS: Final = "errors/!{firehose:error-output-type}/"
"""What could not be transformed or delivered, beside the topics and never in their way."""


class RawDelivery(Construct):
    """The streams of one source; `role` gets what reading the source takes."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        context: DeployContext,
        bucket: s3.IBucket,
        transform: lambda_.IFunction | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        self._context = context
        self._bucket = bucket
        self._transform = transform
        self._log_group = logs.LogGroup(
            self, "log", retention=logs.RetentionDays.ONE_MONTH, removal_policy=context.removal_policy
        )
        self.role = iam.Role(self, "role", assumed_by=iam.ServicePrincipal("firehose.amazonaws.com"))
        self._may("s3:ListBucket s3:ListBucketMultipartUploads s3:GetBucketLocation", bucket.bucket_arn)
        self._may("s3:PutObject s3:AbortMultipartUpload", bucket.arn_for_objects("*"))
        self._acknowledge_names(_logical_id(bucket), "/*", "Firehose itself makes the names of the bucket's objects.")
        if transform is not None:
            transform.grant_invoke(self.role)
            self._acknowledge_names(_logical_id(transform), ":*", "The CDK's grant: the function and its versions.")

    def from_puts(self, topic: str) -> firehose.CfnDeliveryStream:
        """A stream that takes lines as they are put to it."""
        return self._stream(
            topic,
            delivery_stream_type="DirectPut",
            delivery_stream_encryption_configuration_input=(
                firehose.CfnDeliveryStream.DeliveryStreamEncryptionConfigurationInputProperty(key_type="AWS_OWNED_CMK")
            ),
        )

    def from_stream(self, topic: str, stream_arn: str) -> firehose.CfnDeliveryStream:
        """A stream that reads a Kinesis stream."""
        self._may("kinesis:DescribeStream kinesis:GetShardIterator kinesis:GetRecords kinesis:ListShards", stream_arn)
        made = self._stream(
            topic,
            delivery_stream_type="KinesisStreamAsSource",
            kinesis_stream_source_configuration=(
                firehose.CfnDeliveryStream.KinesisStreamSourceConfigurationProperty(
                    kinesis_stream_arn=stream_arn, role_arn=self.role.role_arn
                )
            ),
        )
        acknowledge(made, "KDF1", "Its source is encrypted, and Firehose keeps nothing of its own.")
        return made

    def from_brokers(self, topic: str, cluster_arn: str, name: str) -> firehose.CfnDeliveryStream:
        """A stream that reads `name` on the brokers; `role` must be allowed to."""
        made = self._stream(
            topic,
            delivery_stream_type="MSKAsSource",
            msk_source_configuration=firehose.CfnDeliveryStream.MSKSourceConfigurationProperty(
                msk_cluster_arn=cluster_arn,
                topic_name=name,
                authentication_configuration=firehose.CfnDeliveryStream.AuthenticationConfigurationProperty(
                    connectivity="PRIVATE", role_arn=self.role.role_arn
                ),
            ),
        )
        acknowledge(made, "KDF1", "Its source is encrypted, and Firehose knows no key for what it reads of MSK.")
        return made

    def _stream(self, topic: str, **source: object) -> firehose.CfnDeliveryStream:
        log_stream = logs.LogStream(
            self, f"{topic}-log", log_group=self._log_group, removal_policy=self._context.removal_policy
        )
        self._may(
            "logs:PutLogEvents",
            cdk.Stack.of(self).format_arn(
                service="logs",
                resource="log-group",
                resource_name=f"{self._log_group.log_group_name}:log-stream:{log_stream.log_stream_name}",
                arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
            ),
        )
        destination = firehose.CfnDeliveryStream.ExtendedS3DestinationConfigurationProperty(
            bucket_arn=self._bucket.bucket_arn,
            role_arn=self.role.role_arn,
            prefix=prefix(topic, DATE),
            error_output_prefix=ERRORS + prefix(topic, DATE),
            buffering_hints=firehose.CfnDeliveryStream.BufferingHintsProperty(
                interval_in_seconds=BUFFER_SECONDS, size_in_m_bs=BUFFER_MB
            ),
            # The forwarder's records are compressed, each an object.
            compression_format="UNCOMPRESSED" if self._context.forwarder else "GZIP",
            cloud_watch_logging_options=firehose.CfnDeliveryStream.CloudWatchLoggingOptionsProperty(
                enabled=True,
                log_group_name=self._log_group.log_group_name,
                log_stream_name=log_stream.log_stream_name,
            ),
            processing_configuration=self._processing(),
        )
        made = firehose.CfnDeliveryStream(
            self,
            topic,
            delivery_stream_name=delivery_stream(self._context.stage, topic),
            extended_s3_destination_configuration=destination,
            **source,  # type: ignore[arg-type]
        )
        # Its rights first: Firehose tries the source while it is made.
        made.node.add_dependency(self.role)
        return made

    def _processing(self) -> firehose.CfnDeliveryStream.ProcessingConfigurationProperty | None:
        if self._transform is None:
            return None
        parameters = {
            "LambdaArn": self._transform.function_arn,
            "BufferSizeInMBs": str(TRANSFORM_MB),
            "BufferIntervalInSeconds": str(TRANSFORM_SECONDS),
            "RoleArn": self.role.role_arn,
        }
        return firehose.CfnDeliveryStream.ProcessingConfigurationProperty(
            enabled=True,
            processors=[
                firehose.CfnDeliveryStream.ProcessorProperty(
                    type="Lambda",
                    parameters=[
                        firehose.CfnDeliveryStream.ProcessorParameterProperty(
                            parameter_name=name, parameter_value=value
                        )
                        for name, value in parameters.items()
                    ],
                )
            ],
        )

    def _acknowledge_names(self, logical_id: str, pattern: str, reason: str) -> None:
        acknowledge(self.role, f"IAM5[Resource::<{logical_id}.Arn>{pattern}]", reason)

    def _may(self, actions: str, resource: str) -> None:
        self.role.add_to_principal_policy(iam.PolicyStatement(actions=actions.split(), resources=[resource]))


def _logical_id(construct: IConstruct) -> str:
    resource = construct.node.default_child
    assert isinstance(resource, cdk.CfnElement)  # noqa: S101 - of the CDK's own constructs it is always one
    return cdk.Stack.of(construct).get_logical_id(resource)
