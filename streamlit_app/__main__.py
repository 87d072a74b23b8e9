"""`python -m streamlit_app`: serve the app, and the API below /api/v1, for the stage that the environment names."""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError

from streamlit_app.settings import AppSettings

cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)

_LOCAL = 'For the local stack: `make app`, or `eval "$(python -m deploy local env)"` where it runs already.'


@cli.command()
def serve(
    port: Annotated[int | None, typer.Option(help="where it listens; 8055")] = None,
    address: Annotated[str | None, typer.Option(help="on loopback alone unless people sign in; 127.0.0.1")] = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="start though the tables do not answer yet")] = False,
) -> None:
    """Serve the app until SIGTERM, and its API below /api/v1, described at /api/v1/openapi.json.

    Exit code 2: a setting is wrong, the tables do not answer, the port is taken."""
    from streamlit_app import serving  # Streamlit takes a second, so not for --help
    from streamlit_app.readers.reachable import why_unreachable

    settings = _settings(port, address)
    if not anyway and (problem := why_unreachable()):
        _stop(f"{problem}\n{_LOCAL}")
    try:
        serving.serve(settings)
    except serving.PortTakenError as error:
        _stop(str(error))


def _settings(port: int | None, address: str | None) -> AppSettings:
    given: dict[str, object] = {"port": port, "address": address}
    try:
        return AppSettings.read(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        _stop(f"a setting is wrong: {error.errors()[0]['msg'].removeprefix('Value error, ')}")


def _stop(message: str) -> NoReturn:
    typer.echo(message, err=True)
    sys.exit(2)


if __name__ == "__main__":
    cli()
