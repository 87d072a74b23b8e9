"""Feeds for partners who speak no Kafka, and the look-up table of flights that flight-status keeps."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge
from deploy.stacks.flights_table import FlightsTable
from deploy.stacks.partner_intake import PartnerIntake
from deploy.stacks.python_function import PythonFunction
from deploy.stacks.streaming import Streaming
from schemas.topics import TOPICS, topic_name

FILE_HANDLER = "lambdas.partner_file.handler"
QUEUE_HANDLER = "lambdas.partner_queue.handler"
FLIGHTS_HANDLER = "lambdas.flights.handler"

QUEUE_TIMEOUT = cdk.Duration.seconds(60)
FILE_TIMEOUT = cdk.Duration.minutes(5)
FILE_MEMORY_MB = 2_048
"""A file of 100,000 lines takes 0.6 GB while its events are sorted."""

FLIGHTS_BATCH = 500
FLIGHTS_GROUP = "flights-table"

_CUT = "The rule cannot read the topics' ARNs, which are cut from the cluster's; a test proves them free of wildcards."


def bootstrap_parameter(stage: str) -> str:
    """The SSM parameter that says where the stage's brokers are."""
    return f"/semaforo/{stage}/kafka-bootstrap"


class Feeds(cdk.Stack):
    """Three functions. Without `streaming`, as locally, somebody else says where the brokers are and brings
    flight-status to the function."""

    def __init__(self, scope: Construct, context: DeployContext, feeds_zip: Path, streaming: Streaming | None) -> None:
        super().__init__(
            scope,
            f"semaforo-{context.stage}-feeds",
            description="Semaforo: partner files and messages become events; the look-up table of flights",
            termination_protection=context.keep_data,
        )
        self._context = context
        self._code = lambda_.Code.from_asset(str(feeds_zip))
        self._streaming = streaming
        self.intake = PartnerIntake(self, "partner-intake", context, queue_timeout=QUEUE_TIMEOUT)
        self.flights = FlightsTable(self, "flights-table", context)
        if streaming is not None:
            ssm.StringParameter(
                self,
                "bootstrap",
                parameter_name=bootstrap_parameter(context.stage),
                string_value=streaming.brokers.bootstrap,
                description="Addresses of the stage's brokers",
            )
        self.intake.send_files_to(self._sender("partner-file", FILE_HANDLER, FILE_TIMEOUT, FILE_MEMORY_MB))
        self.intake.send_messages_to(self._sender("partner-queue", QUEUE_HANDLER, QUEUE_TIMEOUT))
        self.keeper = self._flights_keeper()
        outputs = {
            "PartnerBucket": self.intake.bucket.bucket_name,
            "PartnerQueueUrl": self.intake.queue.queue_url,
            "PartnerUndeliveredQueueUrl": self.intake.undelivered.queue_url,
            "FlightsTable": self.flights.table.table_name,
            "FlightsFunction": self.keeper.function_name,
        }
        for name, value in outputs.items():
            cdk.CfnOutput(self, name, value=value)

    def _sender(self, name: str, handler: str, timeout: cdk.Duration, memory_mb: int | None = None) -> lambda_.Function:
        """A function that sends events to the topics."""
        parameter = bootstrap_parameter(self._context.stage)
        made = PythonFunction(
            self,
            name,
            self._context,
            code=self._code,
            handler=handler,
            timeout=timeout,
            environment={
                "SEMAFORO_KAFKA_BOOTSTRAP_PARAMETER": parameter,
                "SEMAFORO_KAFKA_LOGIN": "none" if self._streaming is None else "iam",
            },
            network=self._streaming.network if self._streaming else None,
            memory_mb=memory_mb,
            dead_letter_queue=self.intake.undelivered if handler == FILE_HANDLER else None,
        )
        arn = self.format_arn(service="ssm", resource="parameter", resource_name=parameter.removeprefix("/"))
        iam.Grant.add_to_principal(grantee=made.function, actions=["ssm:GetParameter"], resource_arns=[arn])
        if self._streaming is not None:
            written = [topic_name(self._context.stage, n) for n, t in TOPICS.items() if "producers" in t.written_by]
            _grant_kafka(made.function, self._streaming, "topic", "DescribeTopic WriteData", written)
            acknowledge(made, "IAM5", _CUT)
        return made.function

    def _flights_keeper(self) -> lambda_.Function:
        made = PythonFunction(
            self,
            "flights",
            self._context,
            code=self._code,
            handler=FLIGHTS_HANDLER,
            timeout=cdk.Duration.seconds(60),
            environment={"SEMAFORO_FLIGHTS_TABLE": self.flights.table.table_name},
        )
        self.flights.grant_put(made.function)
        if self._streaming is None:
            return made.function
        stage = self._context.stage
        topic, group = topic_name(stage, "flight-status"), f"{stage}.{FLIGHTS_GROUP}"
        _grant_kafka(made.function, self._streaming, "topic", "DescribeTopic ReadData", [topic])
        _grant_kafka(made.function, self._streaming, "group", "DescribeGroup AlterGroup", [group])
        # Lambda's pollers read for the function, as the function, in the brokers' network; it is not in there itself.
        made.may_live_in_a_network()
        brokers = self._streaming.brokers.arn
        iam.Grant.add_to_principal(
            grantee=made.function,
            actions=["kafka:DescribeCluster", "kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers"],
            resource_arns=[brokers],
        )
        # Not `ManagedKafkaEventSource`: that brings AWS's role for it, with rights on every cluster and log.
        lambda_.EventSourceMapping(
            self,
            "flight-status",
            target=made.function,
            event_source_arn=brokers,
            kafka_topic=topic,
            kafka_consumer_group_id=group,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=FLIGHTS_BATCH,
            max_batching_window=cdk.Duration.seconds(1),
        )
        acknowledge(made, "IAM5", _CUT)
        return made.function


def _grant_kafka(function: lambda_.Function, streaming: Streaming, kind: str, actions: str, names: list[str]) -> None:
    """What a client of the brokers needs: the cluster, and topics or groups by name."""
    brokers = streaming.brokers
    cluster = "Connect DescribeCluster" + (" WriteDataIdempotently" if "WriteData" in actions else "")
    for granted, arns in ((cluster, [brokers.arn]), (actions, brokers.arns(kind, names))):
        iam.Grant.add_to_principal(
            grantee=function,
            actions=[f"kafka-cluster:{action}" for action in granted.split()],
            resource_arns=arns,
        )
