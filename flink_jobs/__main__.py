"""`python -m flink_jobs`: run the KPI job on this machine."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from flink_jobs.local_run import JobFailedError, LocalRun
from flink_jobs.settings import MANAGED_PROPERTIES, JobSettings

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def run(
    properties: Annotated[
        Path, typer.Option(envvar="SEMAFORO_JOB_PROPERTIES", help="application_properties.json, as Managed Flink's")
    ] = MANAGED_PROPERTIES,
    checkpoint_dir: Annotated[Path, typer.Option(help="folder of checkpoints and savepoints")] = Path(
        ".local/job/checkpoints"
    ),
    resume: Annotated[bool, typer.Option(help="start from the newest complete checkpoint, if there is one")] = False,
    status_file: Annotated[Path | None, typer.Option(help="written when the job runs")] = None,
    override: Annotated[
        list[str] | None, typer.Option("--set", help="a property of group kpi-job, as name=value; may be repeated")
    ] = None,
) -> None:
    """Run the KPI job until SIGTERM, which stops it with a savepoint.

    Exit codes: 0 stopped on request, 1 the job failed, 2 the properties are wrong.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        overrides = dict(pair.split("=", 1) for pair in override or [])
        settings = JobSettings.read(properties, overrides)
    except (OSError, ValueError, KeyError) as error:
        typer.echo(f"properties {properties}: {error}", err=True)
        raise typer.Exit(2) from error
    try:
        LocalRun(checkpoint_dir, resume, status_file).run(settings)
    except JobFailedError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


if __name__ == "__main__":
    app()
