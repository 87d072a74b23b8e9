"""History: buckets, and what brings all that moved to them. Locally the same stack, with a forwarder before it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge
from deploy.stacks.history_buckets import HistoryBuckets
from deploy.stacks.live_path import LivePath
from deploy.stacks.python_function import PythonFunction
from deploy.stacks.raw_delivery import RawDelivery
from schemas.raw import KPI_STREAM, LIGHT_LOG
from schemas.topics import TOPICS

RAW_RECORD_HANDLER: Final = "lambdas.raw_record.handler"
LIGHT_LOG_FEED_HANDLER: Final = "lambdas.light_log_feed.handler"

FEED_RECORDS: Final = 100
"""An entry of the light log has some 20 KB; a batch of a hundred fits the 6 MB of an invocation three times."""


class History(cdk.Stack):
    """The buckets, the streams of the KPI stream and of the light log, and locally those of the topics.

    In AWS those of the topics are the streaming stack's, where the brokers are; `raw_record` makes their lines.
    """

    def __init__(self, scope: Construct, context: DeployContext, lambda_zip: Path, live_path: LivePath) -> None:
        super().__init__(
            scope,
            f"semaforo-{context.stage}-history",
            description="Semaforo: everything that moved, kept",
            termination_protection=context.keep_data,
        )
        self._context = context
        self._live_path = live_path
        self._code = lambda_.Code.from_asset(str(lambda_zip))
        self.buckets = HistoryBuckets(self, "buckets", context)
        self.raw_record: lambda_.Function | None = None
        puts = RawDelivery(self, "puts", context, self.buckets.raw)
        if context.forwarder:
            for topic in (*TOPICS, KPI_STREAM):
                puts.from_puts(topic)
        else:
            self.raw_record = self._function("raw-record", RAW_RECORD_HANDLER, {})
            stream = RawDelivery(self, "stream", context, self.buckets.raw, self.raw_record)
            stream.from_stream(KPI_STREAM, live_path.stream.stream_arn)
        self._feed_light_log(puts.from_puts(LIGHT_LOG))
        for name, bucket in {
            "RawBucket": self.buckets.raw,
            "CleanBucket": self.buckets.clean,
            "ReportsBucket": self.buckets.reports,
        }.items():
            cdk.CfnOutput(self, name, value=bucket.bucket_name)

    def _feed_light_log(self, delivery: firehose.CfnDeliveryStream) -> None:
        environment = {
            "SEMAFORO_LIGHT_LOG_DELIVERY": delivery.ref,
            "SEMAFORO_PARTIAL_FAILURES": self._context.partial_failures,
        }
        function = self._function("light-log-feed", LIGHT_LOG_FEED_HANDLER, environment)
        function.add_to_role_policy(
            iam.PolicyStatement(actions=["firehose:PutRecordBatch"], resources=[delivery.attr_arn])
        )
        feed = self.node.find_child("light-log-feed")
        acknowledge(feed, "IAM5[Resource::*]", "To list a table's streams is a right on all of them or none.")
        function.add_event_source(
            event_sources.DynamoEventSource(
                self._live_path.tables.light_log,
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=FEED_RECORDS,
                # History is in no hurry, and a full batch is a larger object.
                max_batching_window=cdk.Duration.seconds(60),
                report_batch_item_failures=True,
                bisect_batch_on_error=True,
                # Half of what the stream keeps: then what cannot be put is named in the quarantine.
                max_record_age=cdk.Duration.hours(12),
                on_failure=event_sources.SqsDlq(self._live_path.notices.quarantine),
            )
        )

    def _function(self, name: str, handler: str, environment: dict[str, str]) -> lambda_.Function:
        made = PythonFunction(
            self,
            name,
            self._context,
            code=self._code,
            handler=handler,
            timeout=cdk.Duration.seconds(60),
            environment=environment,
        )
        return made.function
