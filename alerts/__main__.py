"""`python -m alerts`: the lights, the alerts, and why. Works on whatever stage and cloud the environment names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import boto3
import typer
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from pydantic import ValidationError
from rich.table import Table

from alerts import advice_commands, operator_commands
from alerts.entity import entity_key, scope_of
from alerts.explain import explain, standing, standing_text
from alerts.history import History
from alerts.output import as_json_lines, as_table, instant_of, stop
from alerts.settings import AWS_CONFIG, AlertSettings
from alerts.tables import alert_rows, alerts_table, lights_rows, lights_table
from schemas.errors import Transient
from schemas.lights import Light

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

AsJson = Annotated[bool, typer.Option("--json", help="JSON lines instead of a table")]
Route = Annotated[str | None, typer.Option(help="a route (JFK-LAX), an airport (JFK) or a carrier (B6)")]
RuleId = Annotated[str | None, typer.Option(help="one rule, by id")]
Lights = Annotated[list[Light] | None, typer.Option("--light", help="only these; may be given more than once")]


@app.command()
def lights(
    route: Route = None,
    rule: RuleId = None,
    light: Lights = None,
    every: Annotated[bool, typer.Option("--all", help="green ones too")] = False,
    as_json: AsJson = False,
) -> None:
    """The lights as they stand, worst first; without --all or --light those that are not green."""
    found = lights_rows(_history().lights())
    wanted = set(light or (Light if every else set(Light) - {Light.GREEN}))
    shown = [r for r in found if r["light"] in wanted and route in (None, r["entity"]) and rule in (None, r["rule"])]
    counts = {one: sum(r["light"] is one for r in found) for one in Light}
    summary = ", ".join(f"{count} {one}" for one, count in counts.items() if count)
    nothing = f"nothing to show: {summary}" if found else "no lights yet: no KPI row has been judged in this stage"
    _print(shown, lights_table, as_json, nothing)


@app.command("list")
def list_alerts(
    route: Route = None,
    rule: RuleId = None,
    light: Lights = None,
    limit: Annotated[int, typer.Option(min=1, help="the newest so many")] = 50,
    as_json: AsJson = False,
) -> None:
    """The alerts that were sent, wait to be sent or are held back, and the summaries of storms, newest first."""
    found = alert_rows(_history().alerts())
    wanted = set(light or Light)
    shown = [r for r in found if r["light"] in wanted and route in (None, r["entity"]) and rule in (None, r["rule"])]
    _print(shown[:limit], alerts_table, as_json, "no such alerts" if found else "no alerts yet in this stage")


@app.command("explain")
def explain_command(
    alert_id: Annotated[str | None, typer.Argument(help="the id an alert carries")] = None,
    route: Route = None,
    at: Annotated[str | None, typer.Option(help="event time, ISO 8601, UTC unless it says otherwise; now")] = None,
    rule: RuleId = None,
    as_json: AsJson = False,
) -> None:
    """Why this alert, or with --route all lights of a route at an instant: evidence, thresholds, who was told."""
    if (alert_id is None) == (route is None):
        raise typer.BadParameter("give an ALERT_ID or --route, not both")
    history = _history()
    if route is not None:
        entity, instant = _entity(route), instant_of(at, "--at") if at else datetime.now(UTC)
        log = [entry for entry in history.log(entity, instant) if rule in (None, entry.transition.rule)]
        entries = list(standing(log).values())
        text = standing_text(route, instant, log, {entry.alert_id: history.summaries(entry) for entry in entries})
    else:
        entry = history.entry(alert_id or "")
        if entry is None:
            stop(f"no alert {alert_id} in this stage; `python -m alerts list` shows what there is", 1)
        entries = [entry]
        transition = entry.transition
        log = history.log(entity_key(transition.scope, transition.entity), transition.at)
        text = explain(entry, log, history.summaries(entry))
    if as_json:
        as_json_lines(entries)
    else:
        typer.echo(text)


app.command()(operator_commands.ack)
app.command()(operator_commands.snooze)
app.command()(operator_commands.silence)
app.command()(operator_commands.unsilence)
app.command()(operator_commands.silences)
app.command()(operator_commands.storm)
app.command()(advice_commands.advice)
app.command()(advice_commands.accept)
app.command()(advice_commands.reject)
app.add_typer(operator_commands.routes, name="routes", help="The routing tree: who is told.")


def main() -> None:
    """Run a command; what is wrong outside of us is a message and an exit code, not a traceback."""
    try:
        app()
    except Transient as error:
        stop(_advice(str(error)), 2)
    except BotoCoreError as error:
        stop(f"AWS is not configured: {error}. {_LOCAL}", 2)
    except ValidationError as error:
        stop(f"a setting is wrong: {error}", 2)


_LOCAL = 'For the local stack: `python -m deploy local up`, then `eval "$(python -m deploy local env)"`.'


def _advice(problem: str) -> str:
    if "ResourceNotFound" in problem:
        return f"this stage has no such tables here (SEMAFORO_STAGE={AlertSettings.read().stage}): {problem}. {_LOCAL}"
    return f"the tables do not answer: {problem}. {_LOCAL}"


def _history() -> History:
    # A person waits: one more try is enough.
    config = AWS_CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 2}))
    return History(boto3.client("dynamodb", config=config), AlertSettings.read())


def _entity(name: str) -> str:
    return entity_key(scope_of(name), name.upper())


def _print(
    rows: Sequence[dict[str, Any]], table: Callable[[Sequence[dict[str, Any]]], Table], as_json: bool, nothing: str
) -> None:
    if as_json:
        as_json_lines(rows)
    elif not rows:
        typer.echo(nothing)
    else:
        as_table(table(rows))


if __name__ == "__main__":
    main()
