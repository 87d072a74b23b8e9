"""The commands of `python -m deploy`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deploy.bundles.lambda_zip import LAMBDA_ZIP, build_lambda_zip
from deploy.errors import DeployError
from deploy.local import cli as local_cli
from deploy.paths import ROOT

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
app.add_typer(local_cli.app, name="local")


@app.command()
def synth(
    stage: Annotated[str, typer.Option(help="the namespace of all names")] = "dev",
    local: Annotated[bool, typer.Option("--local", help="as the local cloud gets it")] = False,
    lambda_zip: Annotated[Path | None, typer.Option(help="a Lambda bundle made before")] = None,
    out: Annotated[Path, typer.Option(help="where templates and assets go")] = ROOT / "cdk.out",
) -> None:
    """Synthesise the templates and run the security checks on them."""
    from deploy.app import live_path_app  # imports the CDK, 3-5 s
    from deploy.context import DeployContext

    context = DeployContext.local(stage) if local else DeployContext(stage=stage)
    live_path_app(context, lambda_zip or build_lambda_zip(LAMBDA_ZIP), out).synth()
    typer.echo(f"{out}: {', '.join(sorted(path.name for path in out.glob('*.template.json')))}")


def run() -> None:
    """Run a command; an expected failure is a message and exit code 1, not a traceback."""
    try:
        app()
    except DeployError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from None
