"""The options that every publishing command shares."""

import inspect
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from producers.pacing import MAX_SPEED
from producers.publish import CLOSING_MARGIN


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says about publishing; None leaves it to the environment."""

    speed: float = MAX_SPEED
    bootstrap: str | None = None
    stage: str | None = None
    heartbeat_minutes: float = 60
    closing_minutes: float = CLOSING_MARGIN / timedelta(minutes=1)
    summary_file: Path | None = None
    raw: Path | None = None


def parse_speed(text: str | float) -> float:
    """ "max", or stream seconds per wall second; a default comes as a number. Raises typer.BadParameter."""
    try:
        speed = MAX_SPEED if text == "max" else float(text)
    except ValueError:
        speed = 0.0
    if not speed > 0:  # also what is not a number
        raise typer.BadParameter(f"{text!r}: a positive number of stream seconds per wall second, or max")
    return speed


SpeedOption = Annotated[
    float,
    typer.Option(
        "--speed",
        parser=parse_speed,
        metavar="FACTOR|max",
        show_default="max",
        help="Stream seconds per wall second; max does not wait.",
    ),
]
BootstrapOption = Annotated[
    str | None, typer.Option("--bootstrap", help="Brokers, host:port,…; default SEMAFORO_KAFKA_BOOTSTRAP.")
]
StageOption = Annotated[
    str | None, typer.Option("--stage", help="Prefix of the topics; default SEMAFORO_STAGE or demo.")
]
HeartbeatOption = Annotated[
    float, typer.Option("--heartbeat-minutes", min=0.1, help="Stream time between heartbeats of a route.")
]
SummaryOption = Annotated[Path | None, typer.Option("--summary-file", help="Write what was published here, as JSON.")]
RawOption = Annotated[
    Path | None,
    typer.Option(
        "--raw",
        metavar="FOLDER",
        help="No brokers: write raw lines here, for `python -m warehouse compact`, without clock beats.",
    ),
]


def publishing(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the shared options to a command, which gets them together as its argument `options`.

    typer reads options from a function's signature, so the two signatures are put together to one.
    """
    own = inspect.signature(command, eval_str=True).parameters.values()
    shared = inspect.signature(_options, eval_str=True).parameters.values()

    @wraps(command)
    def with_options(**given: Any) -> None:
        options = _options(**{one.name: given.pop(one.name) for one in shared})
        command(**given, options=options)

    offered = [one for one in (*own, *shared) if one.name != "options"]
    signature = inspect.Signature([one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in offered])
    with_options.__signature__ = signature  # type: ignore[attr-defined]
    with_options.__annotations__ = {one.name: one.annotation for one in offered}
    return with_options


def _options(
    speed: SpeedOption = MAX_SPEED,
    bootstrap: BootstrapOption = None,
    stage: StageOption = None,
    heartbeat_minutes: HeartbeatOption = 60,
    summary_file: SummaryOption = None,
    raw: RawOption = None,
) -> Options:
    return Options(
        speed=speed,
        bootstrap=bootstrap,
        stage=stage,
        heartbeat_minutes=heartbeat_minutes,
        summary_file=summary_file,
        raw=raw,
    )
