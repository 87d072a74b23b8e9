"""Where alerts go out, and where what could not be processed is kept for a person to look at."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge

_LONGEST = cdk.Duration.days(14)
_END_OF_THE_LINE = "It is where undeliverable things end: a dead-letter queue of its own would hide them."


class Notices(Construct):
    """The `alerts` topic, the queues `quarantine` and `undelivered`, and in a demo the subscriber `alerts-demo`."""

    def __init__(self, scope: Construct, construct_id: str, context: DeployContext) -> None:
        super().__init__(scope, construct_id)
        self._context = context
        self.alerts = sns.Topic(
            self, "alerts", topic_name=context.name("alerts"), enforce_ssl=context.enforce_ssl or None
        )
        self.quarantine = self._last_queue("quarantine")
        self.undelivered = self._last_queue("undelivered")
        self.demo_subscriber = self._subscribe_demo() if context.demo_subscriber else None
        if not context.enforce_ssl:
            acknowledge(self, "SNS3", "The local cloud speaks plain http on 127.0.0.1.")
            acknowledge(self, "SQS4", "The local cloud speaks plain http on 127.0.0.1.")

    def _last_queue(self, name: str) -> sqs.Queue:
        queue = sqs.Queue(
            self,
            name,
            queue_name=self._context.name(name),
            enforce_ssl=self._context.enforce_ssl,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            retention_period=_LONGEST,
            removal_policy=self._context.removal_policy,
        )
        acknowledge(queue, "SQS3", _END_OF_THE_LINE)
        return queue

    def _subscribe_demo(self) -> sqs.Queue:
        queue = sqs.Queue(
            self,
            "alerts-demo",
            queue_name=self._context.name("alerts-demo"),
            enforce_ssl=self._context.enforce_ssl,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            retention_period=cdk.Duration.days(4),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.undelivered, max_receive_count=5),
            removal_policy=self._context.removal_policy,
        )
        self.alerts.add_subscription(subscriptions.SqsSubscription(queue, dead_letter_queue=self.undelivered))
        return queue
