"""The live path: KPI stream → semáforo → lights, log and outbox → SNS. The same template in AWS and on one machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge
from deploy.stacks.light_tables import LightTables
from deploy.stacks.notices import Notices
from deploy.stacks.python_function import PythonFunction

SEMAFORO_HANDLER = "lambdas.semaforo.handler"
SWEEPER_HANDLER = "lambdas.sweeper.handler"

BATCH_RECORDS = 100
"""A record packs up to 250 rows of about 340 B, so 100 of them can exceed the 6 MB an invocation may carry: Lambda
then cuts the batch by itself. A smaller number would only add invocations while catching up."""

ATTEMPTS = 10
"""The handler quarantines poison itself; what is retried is a busy table. Newer rows carry the whole window again."""


class LivePath(cdk.Stack):
    """Everything that is deployed in every stage and locally."""

    def __init__(self, scope: Construct, context: DeployContext, lambda_zip: Path) -> None:
        super().__init__(
            scope,
            f"semaforo-{context.stage}-live-path",
            description="Semaforo: KPI rows become traffic lights and alerts",
            termination_protection=context.keep_data,
        )
        self._context = context
        self._code = lambda_.Code.from_asset(str(lambda_zip))
        self.stream = self._kpi_stream()
        self.tables = LightTables(self, "tables", context)
        self.notices = Notices(self, "notices", context)
        self.semaforo = self._semaforo()
        self.sweeper = self._sweeper()
        self._outputs()

    def _kpi_stream(self) -> kinesis.Stream:
        on_demand = self._context.kpi_shards is None
        return kinesis.Stream(
            self,
            "route-kpis",
            stream_name=self._context.name("route-kpis"),
            stream_mode=kinesis.StreamMode.ON_DEMAND if on_demand else kinesis.StreamMode.PROVISIONED,
            shard_count=self._context.kpi_shards,
            encryption=kinesis.StreamEncryption.MANAGED,
            retention_period=cdk.Duration.hours(24),
            removal_policy=self._context.removal_policy,
        )

    def _semaforo(self) -> lambda_.Function:
        function = PythonFunction(
            self,
            "semaforo",
            self._context,
            code=self._code,
            handler=SEMAFORO_HANDLER,
            timeout=cdk.Duration.seconds(60),
            environment={
                **self.tables.environment(),
                **self._alerting(),
                "SEMAFORO_QUARANTINE_QUEUE_URL": self.notices.quarantine.queue_url,
                "SEMAFORO_PARTIAL_FAILURES": self._context.partial_failures,
            },
        ).function
        self.tables.grant_decide(function)
        if self._context.rights_by_call:
            role = self.node.find_child("semaforo")
            acknowledge(role, "IAM5[Resource::*]", "The local cloud knows no resource for a PartiQL call.")
        self.notices.grant_publish(function)
        self.notices.quarantine.grant_send_messages(function)
        self._read_stream(function)
        return function

    def _read_stream(self, function: lambda_.Function) -> None:
        reading: dict[str, Any] = {
            "starting_position": lambda_.StartingPosition.TRIM_HORIZON,
            "batch_size": BATCH_RECORDS,
            "max_batching_window": cdk.Duration.seconds(0),
            # One batch of a shard at a time: the rows of an entity are evaluated in order.
            "parallelization_factor": 1,
            "report_batch_item_failures": True,
            "bisect_batch_on_error": True,
            "retry_attempts": ATTEMPTS,
            "max_record_age": cdk.Duration.hours(1),
            "on_failure": event_sources.SqsDlq(self.notices.quarantine),
        }
        if not self._context.enhanced_fan_out:
            function.add_event_source(event_sources.KinesisEventSource(self.stream, **reading))
            return
        consumer = kinesis.StreamConsumer(
            self, "consumer", stream_consumer_name=self._context.name("semaforo"), stream=self.stream
        )
        function.add_event_source(event_sources.KinesisConsumerEventSource(consumer, **reading))

    def _sweeper(self) -> lambda_.Function:
        function = PythonFunction(
            self,
            "sweeper",
            self._context,
            code=self._code,
            handler=SWEEPER_HANDLER,
            timeout=cdk.Duration.seconds(50),
            environment={**self.tables.environment(), **self._alerting()},
        ).function
        self.tables.grant_sweep(function)
        self.notices.grant_publish(function)
        events.Rule(
            self,
            "every-minute",
            rule_name=self._context.name("sweep"),
            description="Sends what waits or is due by wall clock, and notices when nothing comes in",
            schedule=events.Schedule.rate(cdk.Duration.minutes(1)),
            targets=[targets.LambdaFunction(function, dead_letter_queue=self.notices.undelivered, retry_attempts=0)],
        )
        return function

    def _alerting(self) -> dict[str, str]:
        """What both functions go by when they decide who is told."""
        context = self._context
        return {
            "SEMAFORO_ALERTS_TOPIC_ARN": self.notices.alerts.topic_arn,
            "SEMAFORO_ALERT_AGE_LIMIT_MINUTES": str(context.alert_age_limit_minutes),
            **({"SEMAFORO_APP_URL": context.app_url} if context.app_url else {}),
            "SEMAFORO_MODELLED_ALERTS": str(context.modelled_alerts).lower(),
            "SEMAFORO_STORM_NETWORK_ROUTES": str(context.storm_network_routes),
            "SEMAFORO_SILENCE_GRACE_MINUTES": str(context.silence_grace_minutes),
        }

    def _outputs(self) -> None:
        queues = self.notices
        values = {
            "KpiStream": self.stream.stream_name,
            "LightsTable": self.tables.lights.table_name,
            "LightLogTable": self.tables.light_log.table_name,
            "OutboxTable": self.tables.outbox.table_name,
            "DeliveryTable": self.tables.delivery.table_name,
            "AlertsTopicArn": queues.alerts.topic_arn,
            "QuarantineQueueUrl": queues.quarantine.queue_url,
            "UndeliveredQueueUrl": queues.undelivered.queue_url,
        }
        if queues.demo_subscriber is not None:
            values["AlertsDemoQueueUrl"] = queues.demo_subscriber.queue_url
        for name, value in values.items():
            cdk.CfnOutput(self, name, value=value)
