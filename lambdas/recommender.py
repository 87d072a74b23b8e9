"""Light log → what could be done about the route → the `delivery` table, and the best of it to people.

An alert never waits for this: it has gone when its log entry comes here. Each alert is advised on once; if telling
fails, the advice is there and the app and `python -m alerts advice` show it. What DynamoDB refuses comes again.

Any entry moves event time on, so behind the advice that of before is looked at: what has expired, what came of it. A
schedule does the same every minute, where no light turns: then event time is as far as the clock is since.
"""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import boto3
import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from alerts.advice import Advice, AdviceDesk, advice_publication
from alerts.decide import Action
from alerts.documents import ConflictError, Documents
from alerts.settings import AWS_CONFIG, AlertSettings
from alerts.track_record import RecordDesk
from lambdas.advice_outcomes import EventTime, at_least, settle
from lambdas.advised import advised
from lambdas.feed_settings import FlightsSettings
from schemas.errors import Transient
from schemas.lights import Light, Transition

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sns import SNSClient


class Worker(NamedTuple):
    """What an execution environment keeps from one invocation to the next."""

    dynamodb: "DynamoDBClient"
    sns: "SNSClient"
    settings: AlertSettings
    flights_table: str
    desk: AdviceDesk
    records: RecordDesk
    settled: dict[str, datetime]


SETTLED_EVERY: Final = timedelta(seconds=5)
"""By wall clock and worker; a replay's hour is a second."""


@cache
def worker() -> Worker:
    """Made at the first invocation; a wrong setting fails it with its name."""
    settings = AlertSettings.read()
    dynamodb, sns = boto3.client("dynamodb", config=AWS_CONFIG), boto3.client("sns", config=AWS_CONFIG)
    table = FlightsSettings.read(os.environ).flights_table
    documents = Documents(dynamodb, settings)
    return Worker(dynamodb, sns, settings, table, AdviceDesk(documents), RecordDesk(documents), {})


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """The entry point AWS Lambda calls: with entries of the log, or, by the schedule, without any.

    By the schedule it raises Transient when DynamoDB is away, so that the function's errors tell of it.
    """
    parts = worker()
    if "Records" not in event:
        counts = {"measured": _settle_till(parts, at_least(_now()))}
        print(json.dumps(counts))
        return counts
    given = told = 0
    for transition, decision in turned(event):
        advice = advised(parts.dynamodb, parts.flights_table, parts.records, transition, _now)
        if advice is None:
            continue
        try:
            parts.desk.give(advice)
        except ConflictError:
            continue
        given += 1
        if decision == Action.SEND:
            told += _tell(parts, advice)
    measured = _settle(parts, event, _now())
    counts = {"entries": len(event["Records"]), "given": given, "told": told, "measured": measured}
    print(json.dumps(counts))
    return counts


def turned(event: Mapping[str, Any]) -> Iterator[tuple[Transition, str]]:
    """New entries of the log that say a route's light turned amber or red, and what was decided about telling it."""
    for transition, decision in _new(event):
        if transition.scope == "route" and transition.to_light in (Light.AMBER, Light.RED):
            yield transition, decision


def _new(event: Mapping[str, Any]) -> Iterator[tuple[Transition, str]]:
    for record in event["Records"]:
        image = record["dynamodb"].get("NewImage", {})
        if record["eventName"] == "INSERT" and "transition" in image and "light" in image:
            transition = msgspec.json.decode(image["transition"]["S"], type=Transition)
            yield transition, image.get("decision", {}).get("S", "")


def _settle(parts: Worker, event: Mapping[str, Any], now: datetime) -> int:
    at = max((transition.at for transition, _ in _new(event)), default=None)
    last = parts.settled.get("at")
    if at is None or (last is not None and timedelta() <= now - last < SETTLED_EVERY):
        return 0
    parts.settled["at"] = now
    try:
        return _settle_till(parts, lambda _: at)
    except Transient as error:  # what is due stays due, and a batch is advised on: it is not to come again
        print(json.dumps({"unsettled": str(error)}))
        return 0


def _settle_till(parts: Worker, event_time: EventTime) -> int:
    return settle(parts.desk, parts.records, parts.dynamodb, parts.flights_table, event_time)


def _now() -> datetime:
    return datetime.now(UTC)


def _tell(parts: Worker, advice: Advice) -> bool:
    publication: Any = advice_publication(advice, parts.settings.stage)
    try:
        parts.sns.publish(TopicArn=parts.settings.alerts_topic_arn, **publication)
    except (ClientError, BotoCoreError) as error:
        print(json.dumps({"untold": advice.alert_id, "why": str(Transient(f"SNS: {error}"))}))
        return False
    return True
