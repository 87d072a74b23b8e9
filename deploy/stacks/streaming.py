"""From the brokers to the KPI stream: network, MSK and the job. Synthesised and checked; never deployed locally."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_kinesis as kinesis
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.broker_delivery import BrokerDelivery
from deploy.stacks.history import History
from deploy.stacks.kafka_cluster import KafkaBrokers
from deploy.stacks.kpi_job import KpiJobApplication
from deploy.stacks.network import Network

KAFKA_CLIENT: Final = {
    "security.protocol": "SASL_SSL",
    "sasl.mechanism": "AWS_MSK_IAM",
    "sasl.jaas.config": "software.amazon.msk.auth.iam.IAMLoginModule required;",
    "sasl.client.callback.handler.class": "software.amazon.msk.auth.iam.IAMClientCallbackHandler",
}
"""How the job proves who it is to MSK. The classes are those of aws-msk-iam-auth."""


class Streaming(cdk.Stack):
    """What the local stack starts as processes."""

    def __init__(
        self,
        scope: Construct,
        context: DeployContext,
        flink_zip: Path,
        stream: kinesis.IStream,
        history: History,
    ) -> None:
        super().__init__(
            scope,
            f"semaforo-{context.stage}-streaming",
            description="Semaforo: brokers and the KPI job",
            termination_protection=context.keep_data,
        )
        self.network = Network(self, "network", context)
        self.brokers = KafkaBrokers(self, "brokers", context, self.network)
        self.job = KpiJobApplication(
            self,
            "kpi-job",
            context,
            bundle=flink_zip,
            network=self.network,
            brokers=self.brokers,
            stream=stream,
            properties={
                "kpi-job": {
                    "stage": context.stage,
                    "bootstrap": self.brokers.bootstrap,
                    "stream": stream.stream_name,
                    "region": cdk.Aws.REGION,
                },
                "kafka": KAFKA_CLIENT,
            },
        )
        if context.brokers_linked and history.raw_record is not None:
            BrokerDelivery(
                self,
                "raw",
                context,
                brokers=self.brokers,
                bucket=history.buckets.raw,
                transform=history.raw_record,
            )
