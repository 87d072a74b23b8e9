"""The CDK app: `cdk synth -c stage=prod`, or `python -m deploy synth` without the CDK's command line."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from deploy.bundles.feeds_zip import build_feeds_zip
from deploy.bundles.flink_zip import build_flink_zip
from deploy.bundles.lambda_zip import build_lambda_zip
from deploy.bundles.warehouse_zip import build_warehouse_zip
from deploy.context import DeployContext
from deploy.stacks.advice_stack import AdviceStack
from deploy.stacks.app_service import AppService
from deploy.stacks.booking_database import BookingDatabase
from deploy.stacks.catalogue import Catalogue
from deploy.stacks.feeds import Feeds
from deploy.stacks.history import History
from deploy.stacks.live_path import LivePath
from deploy.stacks.monitoring import Monitoring
from deploy.stacks.streaming import Streaming
from deploy.stacks.warehouse_stack import WarehouseStack


def add_stacks(
    app: cdk.App,
    context: DeployContext,
    lambda_zip: Path,
    *,
    feeds_zip: Path | None = None,
    flink_zip: Path | None = None,
    warehouse_zip: Path | None = None,
) -> None:
    """Put the stacks of a stage into an app, with the checks that make its `synth` raise on a finding.

    Without `flink_zip` only what is also deployed locally; without `feeds_zip` no partners' feeds, no flights table and
    no advice from it;
    without `warehouse_zip` no history's work.
    """
    # Values that CloudFormation itself would refuse fail the synthesis, not the deployment.
    app.node.set_context("@aws-cdk/core:validateAgainstDefaultRules", True)
    live_path = LivePath(app, context, lambda_zip)
    history = History(app, context, lambda_zip, live_path)
    catalogue = Catalogue(app, context)
    streaming = Streaming(app, context, flink_zip, live_path.stream, history) if flink_zip is not None else None
    if feeds_zip is not None:
        feeds = Feeds(app, context, feeds_zip, streaming)
        AdviceStack(app, context, lambda_zip, live_path, feeds.flights)
    if streaming is not None:
        app_service = AppService(app, context, live_path)
        names = {
            "app_load_balancer": app_service.load_balancer.load_balancer_full_name,
            "app_target_group": app_service.targets.target_group_full_name,
        }
        Monitoring(app, context, names)
        bookings = BookingDatabase(app, context, streaming.network)
        if warehouse_zip is not None:
            WarehouseStack(app, context, warehouse_zip, streaming.network, catalogue, bookings)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def main() -> None:
    """What the CDK's command line runs; the context comes from it."""
    app = cdk.App(analytics_reporting=False)
    add_stacks(
        app,
        DeployContext.of(app),
        build_lambda_zip(),
        feeds_zip=build_feeds_zip(),
        flink_zip=build_flink_zip(),
        warehouse_zip=build_warehouse_zip(),
    )
    app.synth()


if __name__ == "__main__":
    main()
