"""What the pages and the API say of flights that have not left."""

from datetime import UTC, datetime

from streamlit_app.forecast import foreseen
from tests.optimizer.live.test_delay_features import AT, FLIGHTS, INBOUND


def test_the_routes_flights_that_wait_for_their_aircraft() -> None:
    at = datetime.fromtimestamp(60 * AT, tz=UTC)
    (found,) = foreseen("JFK-LAX", FLIGHTS, at)
    assert (found.flight.flight_id, found.waits_minutes, found.waits_for) == ("B6-2", 35, INBOUND)
    assert found.forecast is not None
    assert found.forecast.chance > 0.5
    assert [one.flight.flight_id for one in foreseen("JFK-MCO", FLIGHTS, at)] == ["B6-4"]
    assert foreseen("LAX-JFK", FLIGHTS, at) == []
