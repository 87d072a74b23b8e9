"""What is expected of a route: its flights by what their aircraft do before them, its hours by pooled evidence."""

from datetime import UTC, datetime

from fastapi import APIRouter

from alerts.entity import EntityLights
from optimizer.live.flight import LiveFlight, Rotations
from streamlit_app.api.asked import By
from streamlit_app.api.live import RoutePath
from streamlit_app.api.problems import UnknownError
from streamlit_app.api.records import PredictionRecord, Predictions

router = APIRouter()


@router.get("/routes/{route}/predictions", tags=["predictions"])
def predictions(by: By, route: RoutePath) -> Predictions:
    """When the flights of the next twelve hours that have not left are expected to, the earliest first."""
    lights, seen = by.route(route)
    at = seen.newest_row_at or by.now
    around = by.stage.flights_around(by.actor, route.partition("-")[0], at)
    if around is None:
        raise UnknownError("this stage keeps no flights")
    rotations = Rotations(around, int(at.timestamp()) // 60)
    waiting = [
        flight
        for flight in sorted(around, key=lambda one: (one.departs_minute, one.flight_id))
        if f"{flight.origin}-{flight.destination}" == route and flight.flies and flight.departed_minute is None
    ]
    return Predictions(
        route=route,
        at=at,
        late_risk_percent=_risk(lights),
        flights=[_prediction(flight, rotations) for flight in waiting],
    )


def _prediction(flight: LiveFlight, rotations: Rotations) -> PredictionRecord:
    departs, before = rotations.departs(flight), rotations.before(flight)
    return PredictionRecord(
        flight_id=flight.flight_id,
        carrier=flight.carrier,
        aircraft=flight.tail,
        scheduled_departure_at=_instant(flight.departs_minute),
        expected_departure_at=_instant(departs),
        expected_departure_delay_minutes=departs - flight.departs_minute,
        waits_for_flight_id=before.flight_id if before and before.arrived_minute is None else None,
    )


def _risk(lights: EntityLights) -> float | None:
    evidence = [light.state.evidence for light in lights.rules.values() if light.state.evidence]
    return max((one.pooled.risk for one in evidence if one.pooled), default=None)


def _instant(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, tz=UTC)
