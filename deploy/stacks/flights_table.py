"""The table `flights`: one item per flight with its latest state, by id, and by route and scheduled departure."""

from __future__ import annotations

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from deploy.context import DeployContext

ROUTE_INDEX = "by-route"


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
        self.table.add_global_secondary_index(
            index_name=ROUTE_INDEX,
            partition_key=_attribute("route"),
            sort_key=_attribute("scheduled_departure_at"),
            projection_type=dynamodb.ProjectionType.ALL,
        )

    def grant_put(self, grantee: iam.IGrantable) -> None:
        """Write a flight, on a condition; nothing is read or deleted."""
        # Not `Table.grant`: it adds every index of the table.
        iam.Grant.add_to_principal(grantee=grantee, actions=["dynamodb:PutItem"], resource_arns=[self.table.table_arn])


def _attribute(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
