"""The table `flights`: one item per flight with its latest state, by id, and by route or either airport and scheduled
departure."""

from __future__ import annotations

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from deploy.context import DeployContext

ROUTE_INDEX = "by-route"
ORIGIN_INDEX = "by-origin"
DESTINATION_INDEX = "by-destination"
INDICES = {ROUTE_INDEX: "route", ORIGIN_INDEX: "origin", DESTINATION_INDEX: "destination"}
"""And the attribute that each is partitioned by."""


class FlightsTable(Construct):
    """Old flights leave by themselves (`expires_at`)."""

    def __init__(self, scope: Construct, construct_id: str, context: DeployContext) -> None:
        super().__init__(scope, construct_id)
        self.table = dynamodb.Table(
            self,
            "flights",
            table_name=context.name("flights"),
            partition_key=_attribute("flight_id"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            time_to_live_attribute="expires_at",
            deletion_protection=context.keep_data,
            removal_policy=context.removal_policy,
        )
        for index, attribute in INDICES.items():
            self.table.add_global_secondary_index(
                index_name=index,
                partition_key=_attribute(attribute),
                sort_key=_attribute("scheduled_departure_at"),
                projection_type=dynamodb.ProjectionType.ALL,
            )

    def grant_look_around(self, grantee: iam.IGrantable) -> None:
        """Read what leaves from an airport, and what flies there."""
        arns = [f"{self.table.table_arn}/index/{index}" for index in (ORIGIN_INDEX, DESTINATION_INDEX)]
        iam.Grant.add_to_principal(grantee=grantee, actions=["dynamodb:Query"], resource_arns=arns)

    def grant_put(self, grantee: iam.IGrantable) -> None:
        """Write a flight, on a condition; nothing is read or deleted."""
        # Not `Table.grant`: it adds every index of the table.
        iam.Grant.add_to_principal(grantee=grantee, actions=["dynamodb:PutItem"], resource_arns=[self.table.table_arn])


def _attribute(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
