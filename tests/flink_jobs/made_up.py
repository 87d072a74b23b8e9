"""Random events of every kind, from a seed: dense enough that windows overlap, sparse enough that they empty."""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from schemas.events import (
    Event,
    FlightFinance,
    FlightOperation,
    FlightOutcome,
    FlightState,
    FlightStatus,
    OperationKind,
    PassengerFeedback,
    RouteHeartbeat,
)

ROUTES = (("JFK", "LAX"), ("LAX", "JFK"), ("MEX", "CUN"), ("JFK", "MEX"))
CARRIERS = ("B6", "AM", "Y4")


class MadeUp:
    """A stream of events in `event_at` order."""

    def __init__(self, seed: int, start: datetime) -> None:
        self._random = random.Random(seed)
        self._start = start
        self._count = 0

    def rest(self, length: timedelta) -> datetime:
        """Nothing happens for a while; when it begins to again."""
        self._start += length
        return self._start - timedelta(minutes=10)

    def events(self, count: int, mean_gap: timedelta, *, pauses: float = 0.005) -> Iterator[Event]:
        """The next `count` events; before a share of them hours pass, so that windows run empty."""
        for _ in range(count):
            gap = mean_gap * self._random.expovariate(1)
            if self._random.random() < pauses:
                gap += timedelta(hours=self._random.uniform(2, 30))
            # A third fall on a whole minute, the very edge of a pane.
            self._start += timedelta(milliseconds=gap // timedelta(milliseconds=1))
            if self._random.random() < 0.3:
                self._start = self._start.replace(second=0, microsecond=0) + timedelta(minutes=1)
            yield self._event(self._start)

    def _event(self, at: datetime) -> Event:
        self._count += 1
        kinds: list[Callable[[datetime], Event]] = [
            *[self._flight] * 4,
            self._correction,
            self._finance,
            self._operation,
            self._feedback,
            self._heartbeat,
        ]
        return self._random.choice(kinds)(at)

    def _header(self, at: datetime) -> dict[str, object]:
        origin, destination = self._random.choice(ROUTES)
        return {
            "event_id": f"e{self._count}",
            "event_at": at,
            "source": self._random.choice(("ops", "modelled")),
            "flight_id": f"B6-{self._count}-2013-02-08-{origin}",
            "carrier": self._random.choice(CARRIERS),
            "number": str(self._count),
            "origin": origin,
            "destination": destination,
        }

    def _minutes(self, low: float, high: float) -> timedelta:
        # Ends on the limits of 15, 30 and 60 minutes, and a millisecond beside them, more often than chance would.
        if self._random.random() < 0.4:
            edge = timedelta(minutes=self._random.choice((0, 15, 30, 60)))
            return edge + timedelta(milliseconds=self._random.choice((-1, 0, 1)))
        return timedelta(milliseconds=int(self._random.uniform(low, high) * 60_000))

    def _outcome(self, scheduled: datetime, state: FlightState) -> dict[str, object]:
        seats = self._random.randint(0, 300)
        left = scheduled + self._minutes(-20, 200) if state is not FlightState.CANCELLED else None
        arrived = None
        if state is FlightState.ARRIVED and left:
            arrived = scheduled + timedelta(hours=5) + self._minutes(-40, 200)
        return {
            "state": state,
            "actual_departure_at": left,
            "actual_arrival_at": arrived,
            "seats": seats,
            "passengers": self._random.randint(0, seats),
            "cargo_kg": self._random.randint(0, 9_000),
        }

    def _flight(self, at: datetime) -> Event:
        states = [s for s in FlightState if s is not FlightState.CORRECTED]
        outcome = self._outcome(at, self._random.choice([*states, FlightState.ARRIVED, FlightState.DEPARTED]))
        return self._status(at, outcome)

    def _status(self, at: datetime, outcome: dict[str, object]) -> Event:
        fields = {
            **self._header(at),
            "scheduled_departure_at": at,
            "scheduled_arrival_at": at + timedelta(hours=5),
            "distance_km": self._random.randint(100, 9_000),
            "traffic_source": self._random.choice(("observed", "modelled")),
            **outcome,
        }
        return FlightStatus(**fields)  # type: ignore[arg-type]

    def _correction(self, at: datetime) -> Event:
        states = [s for s in FlightState if s is not FlightState.CORRECTED]
        before, after = (
            FlightOutcome(**self._outcome(at, self._random.choice(states)))  # type: ignore[arg-type]
            for _ in range(2)
        )
        return self._status(at, {"state": FlightState.CORRECTED, "before": before, "after": after})

    def _finance(self, at: datetime) -> Event:
        currency, ppm = self._random.choice((("USD", 1_000_000), ("MXN", 54_321), ("JPY", 669_800)))
        amounts = {
            f"{name}_minor": self._random.randint(-50_000, 5_000_000)
            for name in ("ticket_revenue", "ancillary_revenue", "cargo_revenue", "fuel_cost", "crew_cost")
        }
        rest = {
            f"{name}_minor": self._random.randint(-500, 500)
            for name in ("maintenance_cost", "airport_cost", "compensation_exposure")
        }
        fuel = {"fuel_kg": self._random.randint(-10, 20_000), "fuel_reference_kg": self._random.randint(0, 20_000)}
        fields = {**self._header(at), "currency": currency, "usd_per_unit_ppm": ppm, **amounts, **rest, **fuel}
        return FlightFinance(**fields)  # type: ignore[arg-type]

    def _operation(self, at: datetime) -> Event:
        names = [n for n in FlightOperation.__struct_fields__ if n.endswith("_minutes")]
        connecting = self._random.randint(0, 90)
        return FlightOperation(
            **self._header(at),  # type: ignore[arg-type]
            kind=self._random.choice(list(OperationKind)),
            **{name: self._random.randint(0, 90) for name in names},  # type: ignore[arg-type]
            connecting=connecting,
            misconnected=self._random.randint(0, connecting),
        )

    def _feedback(self, at: datetime) -> Event:
        return PassengerFeedback(
            **self._header(at),  # type: ignore[arg-type]
            satisfaction=self._random.choice((None, 1, 2, 3, 4, 5)),
            complaint=self._random.random() < 0.3,
            recommend=self._random.choice((None, *range(11))),
        )

    def _heartbeat(self, at: datetime) -> Event:
        origin, destination = self._random.choice(ROUTES)
        carriers = tuple(self._random.sample(CARRIERS, self._random.randint(0, 3)))
        return RouteHeartbeat(
            event_id=f"e{self._count}",
            event_at=at,
            source="ops",
            origin=origin,
            destination=destination,
            carriers=carriers,
        )
