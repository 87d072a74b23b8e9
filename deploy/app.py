"""The CDK app: `cdk synth -c stage=prod`, or `python -m deploy synth` without the CDK's command line."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from deploy.bundles.lambda_zip import LAMBDA_ZIP, build_lambda_zip
from deploy.context import DeployContext
from deploy.stacks.live_path import LivePath


def live_path_app(context: DeployContext, lambda_zip: Path, outdir: Path) -> cdk.App:
    """The part of the app that is also deployed locally; security findings make its `synth` raise."""
    app = cdk.App(outdir=str(outdir), analytics_reporting=False)
    LivePath(app, context, lambda_zip)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app


def main() -> None:
    """What the CDK's command line runs; the context comes from it."""
    app = cdk.App(analytics_reporting=False)
    context = DeployContext.of(app)
    LivePath(app, context, build_lambda_zip(LAMBDA_ZIP))
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


if __name__ == "__main__":
    main()
