"""What is advised about a light that turned: the flights around its route as of that instant, to ranked actions."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from alerts.advice import Advice, AdvisedAction
from alerts.flight_items import items_around
from alerts.notify import Clock
from alerts.track_record import RecordDesk
from optimizer.airline.prices import TERMS, Prices
from optimizer.live.advise import LiveAction, advise, binding, moved_cents
from optimizer.live.flight import LiveFlight
from optimizer.live.stored_flight import live_flights
from optimizer.live.words import words
from schemas.lights import Transition

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PRICES: Final = Prices()


def advised(
    dynamodb: "DynamoDBClient", table: str, records: RecordDesk, transition: Transition, clock: Clock
) -> Advice | None:
    """The advice as of the light's event time; None if nothing would save anything."""
    airport = transition.entity.partition("-")[0]
    flights = live_flights(items_around(dynamodb, table, airport, transition.at), transition.at)
    minute = int(transition.at.timestamp()) // 60
    actions = advise(flights, transition.entity, minute, PRICES)
    if not actions:
        return None
    by_id = {one.flight_id: one for one in flights}
    touched = [by_id[flight_id] for flight_id in actions[0].flights]
    english, spanish = binding(touched[0].flight_id, flights, minute)
    return Advice(
        alert_id=transition.alert_id,
        route=transition.entity,
        light=transition.to_light,
        rule=transition.rule,
        at=transition.at,
        given_at=clock(),
        audience=transition.audience,
        actions=tuple(_advised_action(one, flights, minute) for one in actions),
        modelled=True,  # what passengers cost is a model wherever the flights come from
        leaves_at=_instant(max(one.departs_minute for one in touched)),
        lands_at=_instant(max(one.arrives_minute for one in touched)),
        binding=english,
        binding_es=spanish,
        record=records.of_kind(actions[0].kind),
    )


def _instant(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, tz=UTC)


def _advised_action(action: LiveAction, flights: Sequence[LiveFlight], minute: int) -> AdvisedAction:
    planned = {one.flight_id: one.tail or "" for one in flights}
    moved = moved_cents(action, flights, minute, PRICES)
    english, spanish = words(action.kind, action.flights)
    terms = {name: getattr(action.saves_by_term, name) / 100 for name in TERMS if getattr(action.saves_by_term, name)}
    return AdvisedAction(
        kind=action.kind,
        flights=action.flights,
        words=english,
        words_es=spanish,
        saves_usd=action.saves_cents / 100,
        saves_by_term_usd=terms,
        late_minutes=action.late_minutes,
        late_then_minutes=action.late_then_minutes,
        tails=tuple(planned[flight_id] for flight_id in action.flights),
        moved_usd={name: cents / 100 for name, cents in moved.items()},
    )
