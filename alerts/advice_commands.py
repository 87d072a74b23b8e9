"""`python -m alerts advice`, `accept` and `reject`: what is advised about a route, and what the operator says to it."""

import getpass
from datetime import UTC, datetime
from typing import Annotated

import boto3
import typer
from botocore.config import Config

from alerts.advice import Advice, AdviceDesk, NoAdviceError
from alerts.documents import ConflictError, Documents
from alerts.output import as_json_lines, stop
from alerts.settings import AWS_CONFIG, AlertSettings
from alerts.track_record import Answer

Route = Annotated[str, typer.Option(help="a route (JFK-LAX)")]
AlertId = Annotated[str, typer.Argument(help="the id that the alert and its advice carry")]
By = Annotated[str, typer.Option(help="who you are; the login name if left out")]
Comment = Annotated[str, typer.Option("--comment", "-m", help="why")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON lines instead of words")]


def advice(route: Route, as_json: AsJson = False) -> None:
    """What was advised about a route, the newest first: ranked actions, what each is expected to save, and the
    answer."""
    found = _desk().of_route(route.upper())
    if as_json:
        as_json_lines(found)
    elif not found:
        typer.echo(f"nothing is advised about {route.upper()}")
    else:
        typer.echo("\n".join(_words(one) for one in found))


def accept(alert_id: AlertId, route: Route, by: By = "", comment: Comment = "", as_json: AsJson = False) -> None:
    """Say that the first action is being done."""
    _answer(alert_id, route, "accepted", by, comment, as_json)


def reject(alert_id: AlertId, route: Route, by: By = "", comment: Comment = "", as_json: AsJson = False) -> None:
    """Say that it will not be done, and best also why."""
    _answer(alert_id, route, "rejected", by, comment, as_json)


def _answer(alert_id: str, route: str, answer: Answer, by: str, comment: str, as_json: bool) -> None:
    try:
        said = _desk().answer(route.upper(), alert_id, answer, by or getpass.getuser(), comment, datetime.now(UTC))
    except (NoAdviceError, ConflictError) as error:
        stop(str(error), 1)
    if as_json:
        as_json_lines([said])
    else:
        typer.echo(_words(said))


def _words(one: Advice) -> str:
    mark = " modelled" if one.modelled else ""
    answered = f"{one.answer} by {one.answered_by}" if one.answered_by else one.answer
    lines = [f"{one.light} {one.route} {one.rule} {one.at:%Y-%m-%d %H:%M}Z, alert {one.alert_id}: {answered}"]
    if one.comment:
        lines[0] += f": {one.comment}"
    for rank, action in enumerate(one.actions, 1):
        terms = ", ".join(f"{name} {usd:+,.0f}" for name, usd in action.saves_by_term_usd.items())
        lines.append(f"  {rank}. {action.words}: saves US$ {action.saves_usd:,.0f}{mark} ({terms})")
        if action.moved_usd:
            moved = ", ".join(f"{name.replace('_', ' ')} {usd:,.0f}" for name, usd in action.moved_usd.items())
            lines.append(f"     a tenth more or less, US$: {moved}")
    if one.binding:
        lines.append(f"  what binds: {one.binding}")
    if len(one.actions) > 1:
        behind = one.actions[1].saves_usd - one.actions[0].saves_usd
        lines.append(f"  runner-up: {one.actions[1].words}, US$ {behind:+,.0f}")
    if one.record is not None:
        lines.append(f"  {one.record.words()}")
    if one.outcome is not None:
        came = one.outcome
        lines.append(
            f"  {'followed' if came.followed else 'not followed'}: predicted US$ {came.predicted_usd:,.0f} and"
            f" {came.predicted_minutes:+d} min, {'realised' if came.followed else 'would have been'}"
            f" {came.realised_usd:,.0f} and {came.realised_minutes:+d}"
        )
    return "\n".join(lines)


def _desk() -> AdviceDesk:
    # A person waits: one more try is enough.
    config = AWS_CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 2}))
    return AdviceDesk(Documents(boto3.client("dynamodb", config=config), AlertSettings.read()))
