"""Advice: a light that turned amber or red in the log is followed by what could be done about it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge
from deploy.stacks.flights_table import FlightsTable
from deploy.stacks.live_path import LivePath
from deploy.stacks.python_function import PythonFunction

RECOMMENDER_HANDLER: Final = "lambdas.recommender.handler"
BATCH_ENTRIES: Final = 10
"""An entry is some 20 KB and its advice takes two queries; more at once would only make the last one wait."""


class AdviceStack(cdk.Stack):
    """One function, behind the light log, so nothing of an alert waits for it, and every minute, so advice expires and
    is measured where no light turns."""

    def __init__(
        self, scope: Construct, context: DeployContext, lambda_zip: Path, live_path: LivePath, flights: FlightsTable
    ) -> None:
        super().__init__(
            scope,
            f"semaforo-{context.stage}-advice",
            description="Semaforo: what to do about a route whose light has turned",
            termination_protection=context.keep_data,
        )
        self.recommender = PythonFunction(
            self,
            "recommender",
            context,
            code=lambda_.Code.from_asset(str(lambda_zip)),
            handler=RECOMMENDER_HANDLER,
            timeout=cdk.Duration.seconds(30),
            environment={
                "SEMAFORO_DELIVERY_TABLE": live_path.tables.delivery.table_name,
                "SEMAFORO_ALERTS_TOPIC_ARN": live_path.notices.alerts.topic_arn,
                "SEMAFORO_FLIGHTS_TABLE": flights.table.table_name,
            },
        ).function
        flights.grant_look_around(self.recommender)
        delivery = live_path.tables.delivery.table_arn
        for actions, arn in ((["PutItem", "BatchGetItem"], delivery), (["Query"], f"{delivery}/index/open")):
            iam.Grant.add_to_principal(
                grantee=self.recommender, actions=[f"dynamodb:{one}" for one in actions], resource_arns=[arn]
            )
        live_path.notices.alerts.grant_publish(self.recommender)
        acknowledge(
            self.node.find_child("recommender"),
            "IAM5[Resource::*]",
            "To list a table's streams is a right on all of them or none.",
        )
        self.recommender.add_event_source(
            event_sources.DynamoEventSource(
                live_path.tables.light_log,
                # Advice about what turned before the function was there would be too late.
                starting_position=lambda_.StartingPosition.LATEST,
                batch_size=BATCH_ENTRIES,
                max_batching_window=cdk.Duration.seconds(0),
                bisect_batch_on_error=True,
                retry_attempts=3,
                max_record_age=cdk.Duration.minutes(10),
                on_failure=event_sources.SqsDlq(live_path.notices.quarantine),
            )
        )
        events.Rule(
            self,
            "every-minute",
            rule_name=context.name("settle-advice"),
            description="Lets advice expire whose flights have left, and measures it once they are over",
            schedule=events.Schedule.rate(cdk.Duration.minutes(1)),
            # What is due stays due: the next minute does what this one did not.
            targets=[targets.LambdaFunction(self.recommender, retry_attempts=0)],
        )
