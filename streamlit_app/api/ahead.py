"""What is expected of a route: its flights by what their aircraft do before them and by the delay model, its hours by
pooled evidence."""

from datetime import UTC, date, datetime

from fastapi import APIRouter

from alerts.entity import EntityLights
from optimizer.live.delay_model import shipped_model
from streamlit_app.api.asked import By
from streamlit_app.api.live import RoutePath
from streamlit_app.api.problems import UnknownError
from streamlit_app.api.records import ModelRecord, PredictionRecord, Predictions
from streamlit_app.forecast import Foreseen, foreseen

router = APIRouter()


@router.get("/routes/{route}/predictions", tags=["predictions"])
def predictions(by: By, route: RoutePath) -> Predictions:
    """When the flights of the next twelve hours that have not left are expected to, the earliest first."""
    lights, seen = by.route(route)
    at = seen.newest_row_at or by.now
    around = by.stage.flights_around(by.actor, route.partition("-")[0], at)
    if around is None:
        raise UnknownError("this stage keeps no flights")
    model = shipped_model()
    return Predictions(
        route=route,
        at=at,
        late_risk_percent=_risk(lights),
        model=ModelRecord(version=model.version, fitted_before=date.fromisoformat(model.until), metrics=model.metrics),
        flights=[_prediction(one) for one in foreseen(route, [flight.known(at) for flight in around], at)],
    )


def _prediction(one: Foreseen) -> PredictionRecord:
    flight, said = one.flight, one.forecast
    return PredictionRecord(
        flight_id=flight.flight_id,
        carrier=flight.carrier,
        aircraft=flight.tail,
        scheduled_departure_at=_instant(flight.departs_minute),
        expected_departure_at=_instant(flight.departs_minute + one.waits_minutes),
        expected_departure_delay_minutes=one.waits_minutes,
        waits_for_flight_id=one.waits_for.flight_id if one.waits_for else None,
        disrupted_chance=said.chance if said else None,
        arrival_delay_low_minutes=said.low_minutes if said else None,
        arrival_delay_median_minutes=said.middle_minutes if said else None,
        arrival_delay_high_minutes=said.high_minutes if said else None,
    )


def _risk(lights: EntityLights) -> float | None:
    evidence = [light.state.evidence for light in lights.rules.values() if light.state.evidence]
    return max((one.pooled.risk for one in evidence if one.pooled), default=None)


def _instant(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, tz=UTC)
