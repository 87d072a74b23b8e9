"""Where alerts go out, and where what could not be processed is kept for a person to look at."""

from __future__ import annotations

import tomllib
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from deploy.context import DeployContext
from deploy.paths import ROOT
from deploy.stacks.acknowledge import acknowledge

_LONGEST = cdk.Duration.days(14)
_END_OF_THE_LINE = "It is where undeliverable things end: a dead-letter queue of its own would hide them."


ROUTING = ROOT / "alerts" / "routing.toml"


class Notices(Construct):
    """The `alerts` topic and those the routing tree names beside it, the queues `quarantine` and `undelivered`, and in
    a demo the subscriber `alerts-demo`."""

    def __init__(self, scope: Construct, construct_id: str, context: DeployContext, routing: Path = ROUTING) -> None:
        super().__init__(scope, construct_id)
        self._context = context
        self.alerts = self._topic("alerts")
        self._others = [self._topic(name) for name in named_topics(routing)]
        self.quarantine = self._last_queue("quarantine")
        self.undelivered = self._last_queue("undelivered")
        self.demo_subscriber = self._subscribe_demo() if context.demo_subscriber else None
        if not context.enforce_ssl:
            acknowledge(self, "SNS3", "The local cloud speaks plain http on 127.0.0.1.")
            acknowledge(self, "SQS4", "The local cloud speaks plain http on 127.0.0.1.")

    def grant_publish(self, grantee: iam.IGrantable) -> None:
        """To every topic the routing tree knows."""
        for topic in (self.alerts, *self._others):
            topic.grant_publish(grantee)
            if self._context.rights_by_call:
                iam.Grant.add_to_principal(
                    grantee=grantee, actions=["sns:PublishBatch"], resource_arns=[topic.topic_arn]
                )

    def _topic(self, name: str) -> sns.Topic:
        return sns.Topic(self, name, topic_name=self._context.name(name), enforce_ssl=self._context.enforce_ssl or None)

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


def named_topics(routing: Path) -> list[str]:
    """Topics that receivers of the routing tree name beside the stage's own, each once."""
    receivers = tomllib.loads(routing.read_text(encoding="utf-8")).get("receivers", {})
    return sorted({receiver["topic"] for receiver in receivers.values() if receiver.get("topic")})
