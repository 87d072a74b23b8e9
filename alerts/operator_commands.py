"""The operator's commands that change something: take on, put off, silence; `__main__.py` offers them.

Exit codes: 0 done, 1 nothing of that name stands, 2 bad usage or the tables do not answer.
"""

import getpass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import boto3
import msgspec
import typer
from botocore.config import Config
from rich.table import Table

from alerts.entity import scope_of
from alerts.history import History
from alerts.operator import NothingThereError, Operator
from alerts.output import as_json_lines, as_table, instant_of, stop
from alerts.routing import ROUTING_FILE, load_routing
from alerts.selectors import Selector
from alerts.settings import AWS_CONFIG, AlertSettings
from alerts.silences import WEEKDAYS, Silence, Weekly
from rules.durations import parse_duration
from rules.load import load_catalog
from rules.problems import CatalogError

AlertId = Annotated[str | None, typer.Argument(help="the id an alert carries, or that of a storm")]
Route = Annotated[str | None, typer.Option(help="instead: a route (JFK-LAX), an airport (JFK) or a carrier (B6)")]
RuleId = Annotated[str | None, typer.Option(help="with --route: one rule, by id")]
By = Annotated[str, typer.Option(help="who you are; the login name if left out")]
Comment = Annotated[str, typer.Option("--comment", "-m", help="why; it stands in the log")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON lines instead of words")]
Patterns = list[str] | None

routes = typer.Typer(no_args_is_help=True)


def ack(
    alert_id: AlertId = None,
    route: Route = None,
    rule: RuleId = None,
    by: By = "",
    comment: Comment = "",
    as_json: AsJson = False,
) -> None:
    """Take an alarm on: no repeats, no escalation, till it worsens or ends. Of a storm: all of it."""
    operator, now = _operator(), datetime.now(UTC)
    try:
        if alert_id and "-" in alert_id and route is None:
            storm_id = alert_id.rpartition(".")[0] or alert_id
            operator.acknowledge_storm(storm_id, _who(by), comment, now)
            _say({"acknowledged": storm_id, "by": _who(by)}, as_json)
            return
        for key in operator.targets(alert_id, _target(alert_id, route), rule):
            light = operator.acknowledge(key, _who(by), comment, now)
            said = {"acknowledged": key.pk.partition("#")[2], "rule": key.sk, "light": light.light, "by": _who(by)}
            _say(said, as_json)
    except NothingThereError as error:
        stop(str(error), 1)


def snooze(
    length: Annotated[str, typer.Option("--for", help="how long: 45m, 2h, 1d")],
    alert_id: AlertId = None,
    route: Route = None,
    rule: RuleId = None,
    by: By = "",
    comment: Comment = "",
    as_json: AsJson = False,
) -> None:
    """Put an alarm off: nothing of that light till then; if it still stands, it is told again."""
    wanted, operator, now = _length(length), _operator(), datetime.now(UTC)
    try:
        for key in operator.targets(alert_id, _target(alert_id, route), rule):
            _print_silences([operator.snooze(key, wanted, _who(by), comment, now)], now, as_json)
    except NothingThereError as error:
        stop(str(error), 1)


def silence(
    comment: Comment,
    rule: Annotated[Patterns, typer.Option(help='rule ids; these may be patterns ("JFK-*") and repeated')] = None,
    scope: Annotated[Patterns, typer.Option(help="route, airport, carrier, stage")] = None,
    airport: Annotated[Patterns, typer.Option(help="airports, and the routes that touch them")] = None,
    carrier: Annotated[Patterns, typer.Option(help="carriers")] = None,
    route: Annotated[Patterns, typer.Option(help="routes")] = None,
    light: Annotated[Patterns, typer.Option(help="RED, AMBER, GREEN or GREY: what the light turns to")] = None,
    severity: Annotated[Patterns, typer.Option(help="low, medium, high, very-high")] = None,
    audience: Annotated[Patterns, typer.Option(help="audiences")] = None,
    everything: Annotated[bool, typer.Option("--everything", help="no selector at all")] = False,
    length: Annotated[str | None, typer.Option("--for", help="how long: 45m, 2h, 28d")] = None,
    until: Annotated[str | None, typer.Option(help="or: till this instant, ISO 8601, UTC unless it says so")] = None,
    begin: Annotated[str | None, typer.Option("--from", help="from this instant on; now")] = None,
    zone: Annotated[str | None, typer.Option(help="weekly: the IANA zone of --between (America/Mexico_City)")] = None,
    between: Annotated[str | None, typer.Option(help="weekly: local times, 22:00-06:00 ends the next day")] = None,
    days: Annotated[str, typer.Option(help="weekly: the days it begins on")] = ",".join(WEEKDAYS),
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Silence what matches: once, or every week in a place's local time. What still stands at the end is told then.

    Local times at a change of the clocks: a window never ends up shorter than it reads. Matching a light means what it
    turns to, so `--light RED` lets recoveries through.
    """
    given = {
        "rule": rule, "scope": scope, "airport": airport, "carrier": carrier, "route": route, "light": light,
        "severity": severity, "audience": audience,
    }  # fmt: skip
    try:
        match = msgspec.convert({name: patterns for name, patterns in given.items() if patterns}, Selector)
    except msgspec.ValidationError as error:
        raise typer.BadParameter(str(error)) from error
    if match.everything and not everything:
        raise typer.BadParameter("name what to silence, or say --everything")
    if (length is None) == (until is None):
        raise typer.BadParameter("say either --for or --until")
    now = datetime.now(UTC)
    starts_at = instant_of(begin, "--from") if begin else now
    ends_at = instant_of(until, "--until") if until else starts_at + _length(length or "")
    if ends_at <= max(now, starts_at):
        raise typer.BadParameter("that is over before it begins")
    made = _operator().silence(match, _who(by), comment, starts_at, ends_at, _weekly(zone, between, days))
    _print_silences([made], now, as_json)


def unsilence(
    silence_id: Annotated[str, typer.Argument(help="as `silences` shows it")], by: By = "", as_json: AsJson = False
) -> None:
    """End a silence or a snooze now; what still stands is told within a minute."""
    now = datetime.now(UTC)
    try:
        _print_silences([_operator().unsilence(silence_id, _who(by), now)], now, as_json)
    except NothingThereError as error:
        stop(str(error), 1)


def silences(as_json: AsJson = False) -> None:
    """The silences and snoozes that are not over."""
    now = datetime.now(UTC)
    _print_silences(_operator().silences(now), now, as_json)


def storm(storm_id: Annotated[str, typer.Argument(help="as its summary names it")], as_json: AsJson = False) -> None:
    """The full list of a storm: each of its lights as it is now, the worst and dearest first."""
    try:
        members = _operator().storm(storm_id.rpartition(".")[0] or storm_id)
    except NothingThereError as error:
        stop(str(error), 1)
    if as_json:
        as_json_lines(members)
        return
    table = Table("light", "entity", "rule", "US$/h", "event time", "alert", box=None, pad_edge=False)
    for one in members:
        money = f"{one.usd_per_hour:,.0f}{'*' if one.modelled else ''}"
        table.add_row(one.light, one.entity, one.rule, money, f"{one.at:%Y-%m-%d %H:%M}Z", one.alert_id)
    as_table(table)


@routes.callback()
def _routes() -> None:
    """A group, though it has one command."""


@routes.command("check")
def check_routes(
    path: Annotated[Path, typer.Argument(help="a routing file", show_default="the one that is shipped")] = ROUTING_FILE,
) -> None:
    """Fail (exit 1) on a routing tree that would not do what it says, with file and line of every problem."""
    try:
        routing = load_routing(path, frozenset(load_catalog().rules))
    except CatalogError as error:
        for problem in error.problems:
            typer.echo(str(problem), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"alerts: {len(routing.routes)} routes to {len(routing.receivers)} receivers are sound")


def _operator() -> Operator:
    # A person waits: one more try is enough.
    config = AWS_CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 2}))
    dynamodb, settings = boto3.client("dynamodb", config=config), AlertSettings.read()
    return Operator(dynamodb, settings, History(dynamodb, settings))


def _target(alert_id: str | None, route: str | None) -> tuple[str, str] | None:
    if (alert_id is None) == (route is None):
        raise typer.BadParameter("give an ALERT_ID or --route, not both")
    return None if route is None else (scope_of(route), route.upper())


def _who(by: str) -> str:
    return by or getpass.getuser()


def _length(text: str) -> timedelta:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--for") from error


def _weekly(zone: str | None, between: str | None, days: str) -> Weekly | None:
    if zone is None and between is None:
        return None
    if zone is None or between is None:
        raise typer.BadParameter("--zone and --between go together")
    wrong = [day for day in days.split(",") if day not in WEEKDAYS]
    if wrong:
        raise typer.BadParameter(f"{', '.join(wrong)}: days are {','.join(WEEKDAYS)}", param_hint="--days")
    try:
        ZoneInfo(zone)
        first, _, last = between.partition("-")
        return Weekly(
            zone=zone,
            weekdays=tuple(day for day in WEEKDAYS if day in days.split(",")),
            begin=time.fromisoformat(first),
            end=time.fromisoformat(last),
        )
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise typer.BadParameter(f"{zone} {between}: {error}", param_hint="--zone, --between") from error


def _print_silences(found: list[Silence], now: datetime, as_json: bool) -> None:
    if as_json:
        as_json_lines(found)
        return
    if not found:
        typer.echo("nothing is silenced")
        return
    table = Table("id", "now", "what", "until", "weekly", "by", "comment", box=None, pad_edge=False)
    for one in found:
        weekly = one.weekly
        when = f"{','.join(weekly.weekdays)} {weekly.begin:%H:%M}-{weekly.end:%H:%M} {weekly.zone}" if weekly else ""
        active = "silent" if one.until(now) else "over" if one.ends_at <= now else "waits"
        table.add_row(
            one.silence_id, active, str(one.match), f"{one.ends_at:%Y-%m-%d %H:%M}Z", when, one.author, one.comment
        )
    as_table(table)


def _say(record: dict[str, str], as_json: bool) -> None:
    if as_json:
        as_json_lines([record])
    else:
        typer.echo(", ".join(f"{name} {value}" for name, value in record.items()))
