"""Flights of the data set as the live path knows them before anything happened."""

from collections.abc import Sequence
from typing import Final

from optimizer.airline.fleet import fleet
from optimizer.flights import Codes, Flights
from optimizer.live.flight import LiveFlight

USUAL_SEATS: Final = 150
"""Of a flight whose type nobody asked for."""


def planned_flights(flights: Flights, places: Codes, kinds: Sequence[str | None]) -> list[LiveFlight]:
    """Those at `places`, of the types `kinds` by designator; passengers, which no feature looks at, are left out."""
    table = flights.table[places].select("flight_id", "carrier", "origin", "destination", "tail", "distance_km")
    departs, arrives = flights.departs[places].tolist(), flights.arrives[places].tolist()
    return [
        LiveFlight(
            flight_id=flight_id,
            carrier=carrier,
            origin=origin,
            destination=destination,
            departs_minute=departs_minute,
            arrives_minute=arrives_minute,
            departed_minute=None,
            arrived_minute=None,
            flies=True,
            tail=tail,
            designator=kind,
            seats=USUAL_SEATS if kind is None else fleet()[kind].seats,
            passengers=0,
            distance_km=distance_km,
        )
        for (flight_id, carrier, origin, destination, tail, distance_km), departs_minute, arrives_minute, kind in zip(
            table.iter_rows(), departs, arrives, kinds, strict=True
        )
    ]
