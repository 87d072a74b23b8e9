"""Run the whole system on this machine; build and check what AWS runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from deploy import account_cli
from deploy.bundles.feeds_zip import build_feeds_zip
from deploy.bundles.flink_zip import build_flink_zip
from deploy.bundles.inspection import inspect_feeds_zip, inspect_flink_zip, inspect_lambda_zip
from deploy.bundles.lambda_zip import build_lambda_zip
from deploy.bundles.stand_in import MARK, STAND_IN, stand_in
from deploy.bundles.warehouse_zip import build_warehouse_zip
from deploy.demo.command import demo
from deploy.errors import DeployError
from deploy.history.command import history
from deploy.local import cli as local_cli
from deploy.local.jars import flink_jar
from deploy.paths import ROOT

cli = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
cli.add_typer(local_cli.app, name="local")
cli.command()(demo)
cli.command()(history)
for command in (
    account_cli.diff,
    account_cli.up,
    account_cli.down,
    account_cli.status,
    account_cli.topics,
    account_cli.job_snapshot,
    account_cli.job_restore,
    account_cli.table_copy,
    account_cli.raw_replay,
    account_cli.cost,
    account_cli.preflight,
):
    cli.command()(command)


@cli.command()
def synth(
    stage: local_cli.StageOption = "dev",
    local: Annotated[bool, typer.Option("--local", help="only what the local cloud gets, as it gets it")] = False,
    lambda_zip: Annotated[Path | None, typer.Option(help="a Lambda bundle made before")] = None,
    feeds_zip: Annotated[Path | None, typer.Option(help="a bundle of the feeds made before")] = None,
    feeds: Annotated[bool, typer.Option("--feeds/--no-feeds", help="with the stack of the feeds")] = True,
    flink_zip: Annotated[Path | None, typer.Option(help="a Flink bundle made before")] = None,
    warehouse_zip: Annotated[Path | None, typer.Option(help="a bundle of the Glue jobs made before")] = None,
    bundles: Annotated[
        bool, typer.Option("--bundles", help="build what they deploy, too: minutes, and packages from an index")
    ] = False,
    out: Annotated[Path, typer.Option(help="where templates and assets go")] = ROOT / "cdk.out",
) -> None:
    """Synthesise the templates; a finding of the security checks fails it. Needs no network unless it is to build."""
    import aws_cdk  # a second or more, so only where it is needed

    from deploy.app import add_stacks
    from deploy.context import DeployContext

    context = DeployContext.local(stage) if local else DeployContext(stage=stage)
    app = aws_cdk.App(outdir=str(out), analytics_reporting=False)

    def bundle(made: Path | None, build: Callable[[], Path]) -> Path:
        return made or (build() if bundles else stand_in())

    code = bundle(lambda_zip, build_lambda_zip)
    others = {
        "feeds_zip": bundle(feeds_zip, build_feeds_zip) if feeds else None,
        "flink_zip": None if local else bundle(flink_zip, build_flink_zip),
        "warehouse_zip": None if local else bundle(warehouse_zip, build_warehouse_zip),
    }
    add_stacks(app, context, code, **others)
    app.synth()
    if STAND_IN in (code, *others.values()):
        (out / MARK).touch()
    else:
        (out / MARK).unlink(missing_ok=True)
    typer.echo(f"{out}: {', '.join(sorted(path.name for path in out.glob('*.template.json')))}")


@cli.command()
def bundles() -> None:
    """Build the two Lambda zips and the Flink zip and inspect them; what is wrong with them is listed."""
    lambda_bundle, feeds_bundle = build_lambda_zip(), build_feeds_zip()
    flink_bundle = build_flink_zip(jar=flink_jar())
    inspect_lambda_zip(lambda_bundle)
    inspect_feeds_zip(feeds_bundle)
    inspect_flink_zip(flink_bundle)
    for bundle in (lambda_bundle, feeds_bundle, flink_bundle):
        typer.echo(f"{bundle.relative_to(ROOT)}  {bundle.stat().st_size / 1e6:.1f} MB")


def run() -> None:
    """Run a command; an expected failure is a message and exit code 1, not a traceback."""
    try:
        cli()
    except DeployError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from None
