"""The tables behind the lights: their state, their log, the alerts still to be sent, and what people know of them."""

from __future__ import annotations

from typing import Any

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from constructs import Construct

from deploy.context import DeployContext

PENDING_INDEX = "pending"
OPEN_INDEX = "open"

_STRING = dynamodb.AttributeType.STRING


class LightTables(Construct):
    """`lights`, one item per entity; `light-log`, one per transition; `outbox`, one per alert; `delivery`."""

    def __init__(self, scope: Construct, construct_id: str, context: DeployContext) -> None:
        super().__init__(scope, construct_id)
        self._context = context
        self.lights = self._table(
            "lights",
            partition_key=_attribute("entity"),
            # The recommender and the warehouse follow what changed and from what.
            stream=dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
        )
        self.light_log = self._table(
            "light-log",
            partition_key=_attribute("entity"),
            sort_key=_attribute("sk"),
            stream=dynamodb.StreamViewType.NEW_IMAGE,
        )
        # Sent alerts leave by themselves; the log keeps every one of them.
        self.outbox = self._table(
            "outbox",
            partition_key=_attribute("alert_id"),
            stream=dynamodb.StreamViewType.NEW_IMAGE,
            time_to_live_attribute="expires_at",
        )
        # Sparse: only unsent alerts carry `pending_shard`, so the sweeper reads those alone.
        self.outbox.add_global_secondary_index(
            index_name=PENDING_INDEX,
            partition_key=_attribute("pending_shard"),
            sort_key=_attribute("created_at"),
            projection_type=dynamodb.ProjectionType.ALL,
        )

        self.delivery = self._table(
            "delivery", partition_key=_attribute("pk"), sort_key=_attribute("sk"), time_to_live_attribute="expires_at"
        )
        # Sparse: only alarms that stand carry `open_kind`, so the sweeper reads those alone.
        self.delivery.add_global_secondary_index(
            index_name=OPEN_INDEX,
            partition_key=_attribute("open_kind"),
            sort_key=_attribute("pk"),
            projection_type=dynamodb.ProjectionType.ALL,
        )

    def environment(self) -> dict[str, str]:
        """Where a function finds the tables."""
        return {
            "SEMAFORO_LIGHTS_TABLE": self.lights.table_name,
            "SEMAFORO_LIGHT_LOG_TABLE": self.light_log.table_name,
            "SEMAFORO_OUTBOX_TABLE": self.outbox.table_name,
            "SEMAFORO_DELIVERY_TABLE": self.delivery.table_name,
        }

    def grant_decide(self, grantee: iam.IGrantable) -> None:
        """Read states; write state, log entry and outbox entry in one transaction; mark sent. Nothing is deleted.

        Entities without a transition are written 25 a call, each conditionally: only PartiQL has that.
        """
        _grant(grantee, self.lights.table_arn, "BatchGetItem", "PutItem", "PartiQLUpdate")
        if self._context.rights_by_call:
            _grant(grantee, "*", "BatchExecuteStatement")
        self._grant_tell(grantee)

    def grant_sweep(self, grantee: iam.IGrantable) -> None:
        """Find the unsent alerts and the alarms that stand; turn lights GREY; tell, mark sent and say so in the log."""
        _grant(grantee, self.lights.table_arn, "Scan", "BatchGetItem", "PutItem")
        _grant(grantee, f"{self.outbox.table_arn}/index/{PENDING_INDEX}", "Query")
        _grant(grantee, f"{self.delivery.table_arn}/index/{OPEN_INDEX}", "Query")
        self._grant_tell(grantee)

    def _grant_tell(self, grantee: iam.IGrantable) -> None:
        """A summary shows the dearest change of its list, so the log is read too."""
        _grant(grantee, self.light_log.table_arn, "GetItem", "PutItem", "UpdateItem")
        _grant(grantee, self.outbox.table_arn, "PutItem", "UpdateItem")
        _grant(grantee, self.delivery.table_arn, "BatchGetItem", "Query", "PutItem")

    def _table(self, name: str, **properties: Any) -> dynamodb.Table:
        return dynamodb.Table(
            self,
            name,
            table_name=self._context.name(name),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            deletion_protection=self._context.keep_data,
            removal_policy=self._context.removal_policy,
            **properties,
        )


def _attribute(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=_STRING)


def _grant(grantee: iam.IGrantable, arn: str, *actions: str) -> None:
    # Not `Table.grant`: it adds every index of the table.
    iam.Grant.add_to_principal(
        grantee=grantee, actions=[f"dynamodb:{action}" for action in actions], resource_arns=[arn]
    )
