"""Light log → what could be done about the route → the `delivery` table, and the best of it to people.

An alert never waits for this: it has gone when its log entry comes here. Each alert is advised on once; if telling
fails, the advice is there and the app and `python -m alerts advice` show it. What DynamoDB refuses comes again.
"""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import boto3
import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from alerts.advice import Advice, AdviceDesk, AdvisedAction, advice_publication
from alerts.decide import Action
from alerts.documents import ConflictError, Documents
from alerts.flight_items import items_around
from alerts.settings import AWS_CONFIG, AlertSettings
from lambdas.feed_settings import FlightsSettings
from optimizer.airline.prices import TERMS, Prices
from optimizer.live.advise import LiveAction, advise
from optimizer.live.stored_flight import live_flights
from schemas.errors import Transient
from schemas.lights import Light, Transition

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sns import SNSClient

WORDS: Final = {
    "swap_tails": ("swap the tails of {}", "intercambiar las aeronaves de {}"),
    "swap_gauge": (
        "swap the aircraft, of different types, of {}",
        "intercambiar las aeronaves, de distinto tipo, de {}",
    ),
    "cancel": ("cancel {}", "cancelar {}"),
}


class Worker(NamedTuple):
    """What an execution environment keeps from one invocation to the next."""

    dynamodb: "DynamoDBClient"
    sns: "SNSClient"
    settings: AlertSettings
    flights_table: str
    desk: AdviceDesk


@cache
def worker() -> Worker:
    """Made at the first invocation; a wrong setting fails it with its name."""
    settings = AlertSettings.read()
    dynamodb, sns = boto3.client("dynamodb", config=AWS_CONFIG), boto3.client("sns", config=AWS_CONFIG)
    table = FlightsSettings.read(os.environ).flights_table
    return Worker(dynamodb, sns, settings, table, AdviceDesk(Documents(dynamodb, settings)))


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """The entry point AWS Lambda calls."""
    parts, now = worker(), datetime.now(UTC)
    given = told = 0
    for transition, decision in turned(event):
        advice = advised(parts, transition, now)
        if advice is None:
            continue
        try:
            parts.desk.give(advice)
        except ConflictError:
            continue
        given += 1
        if decision == Action.SEND:
            told += _tell(parts, advice)
    counts = {"entries": len(event["Records"]), "given": given, "told": told}
    print(json.dumps(counts))
    return counts


def turned(event: Mapping[str, Any]) -> Iterator[tuple[Transition, str]]:
    """New entries of the log that say a route's light turned amber or red, and what was decided about telling it."""
    for record in event["Records"]:
        image = record["dynamodb"].get("NewImage", {})
        if record["eventName"] != "INSERT" or "transition" not in image or "light" not in image:
            continue
        transition = msgspec.json.decode(image["transition"]["S"], type=Transition)
        if transition.scope == "route" and transition.to_light in (Light.AMBER, Light.RED):
            yield transition, image.get("decision", {}).get("S", "")


def advised(parts: Worker, transition: Transition, now: datetime) -> Advice | None:
    """The advice as of the light's event time; None if nothing would save anything."""
    airport = transition.entity.partition("-")[0]
    flights = live_flights(items_around(parts.dynamodb, parts.flights_table, airport, transition.at), transition.at)
    minute = int(transition.at.timestamp()) // 60
    actions = advise(flights, transition.entity, minute, Prices())
    if not actions:
        return None
    return Advice(
        alert_id=transition.alert_id,
        route=transition.entity,
        light=transition.to_light,
        rule=transition.rule,
        at=transition.at,
        given_at=now,
        audience=transition.audience,
        actions=tuple(_advised_action(one) for one in actions),
        modelled=True,  # what passengers cost is a model wherever the flights come from
    )


def _advised_action(action: LiveAction) -> AdvisedAction:
    english, spanish = WORDS[action.kind]
    terms = {name: getattr(action.saves_by_term, name) / 100 for name in TERMS if getattr(action.saves_by_term, name)}
    return AdvisedAction(
        kind=action.kind,
        flights=action.flights,
        words=english.format(" and ".join(action.flights)),
        words_es=spanish.format(" y ".join(action.flights)),
        saves_usd=action.saves_cents / 100,
        saves_by_term_usd=terms,
        late_minutes=action.late_minutes,
        late_then_minutes=action.late_then_minutes,
    )


def _tell(parts: Worker, advice: Advice) -> bool:
    publication: Any = advice_publication(advice, parts.settings.stage)
    try:
        parts.sns.publish(TopicArn=parts.settings.alerts_topic_arn, **publication)
    except (ClientError, BotoCoreError) as error:
        print(json.dumps({"untold": advice.alert_id, "why": str(Transient(f"SNS: {error}"))}))
        return False
    return True
