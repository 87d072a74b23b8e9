"""What was injected and what it did: one record per incident, so that alerts can be scored.

Found by running the same days again without the incident, with the same luck: whatever differs is its doing, also where
it got to through late aircraft, missing aircraft and missed connections.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from producers.sources.simulator.incidents import EXPECTED, Direction, Incident
from producers.sources.simulator.source import Simulator
from schemas.events import FlightEvent, FlightFinance, FlightState, FlightStatus

ON_TIME_MINUTES = 15
Count = Callable[[str, float, float], None]


class KpiEffect(msgspec.Struct, frozen=True):
    """A KPI of the route over its window, with and without the incident. Margin and shares are fractions."""

    without: float
    with_incident: float
    direction: Direction


class RouteEffect(msgspec.Struct, frozen=True):
    """A route reached: `first_at` to `last_at` is when its events differ, `flights` how many flights do."""

    route: str
    first_at: datetime
    last_at: datetime
    flights: int
    kpis: dict[str, KpiEffect]


class Injection(msgspec.Struct, frozen=True):
    """One incident: what it was (`text`: in local time and in UTC), what it should do (`expected`), what it did."""

    text: str
    kind: str
    target: str
    start_at: datetime
    end_at: datetime
    magnitude: float
    expected: dict[str, Direction]
    flights: int
    routes: list[RouteEffect]


def injections(simulator: Simulator) -> list[Injection]:
    """Every incident of the simulator with its effects; reads the days once and once more per incident."""
    if not simulator.incidents:
        return []
    with_all = _by_id(simulator.flights())
    return [_effect_of(incident, simulator, with_all) for incident in simulator.incidents]


def _effect_of(incident: Incident, simulator: Simulator, with_it: dict[str, FlightEvent]) -> Injection:
    others = list(simulator.incidents)
    others.remove(incident)
    alternative = Simulator(
        simulator.first_day, simulator.days, seed=simulator.seed, incidents=others, start_at=simulator.start_at
    )
    without = _by_id(alternative.flights())
    changed: dict[str, list[FlightEvent]] = {}
    for event_id in with_it.keys() | without.keys():
        pair = (with_it.get(event_id), without.get(event_id))
        if pair[0] != pair[1]:
            for event in pair:
                if event is not None:
                    changed.setdefault(event.route, []).append(event)
    runs = _by_route(without), _by_route(with_it)
    routes = []
    for route, events in sorted(changed.items()):
        first_at, last_at = (pick(event.event_at for event in events) for pick in (min, max))
        before, after = (_ratios(e for e in run.get(route, ()) if first_at <= e.event_at <= last_at) for run in runs)
        flights = len({event.flight_id for event in events})
        routes.append(RouteEffect(route, first_at, last_at, flights, _effects(before, after)))
    return Injection(
        text=incident.described(),
        kind=incident.kind,
        target=incident.target,
        start_at=incident.start_at,
        end_at=incident.end_at,
        magnitude=incident.magnitude,
        expected=EXPECTED[incident.kind],
        flights=len({event.flight_id for events in changed.values() for event in events}),
        routes=routes,
    )


def _by_id(events: Iterable[FlightEvent]) -> dict[str, FlightEvent]:
    return {event.event_id: event for event in events}


def _by_route(events: dict[str, FlightEvent]) -> dict[str, list[FlightEvent]]:
    routes: dict[str, list[FlightEvent]] = {}
    for event in events.values():
        routes.setdefault(event.route, []).append(event)
    return routes


def _effects(before: dict[str, float], after: dict[str, float]) -> dict[str, KpiEffect]:
    return {
        kpi: KpiEffect(round(before[kpi], 6), round(after[kpi], 6), "up" if after[kpi] > before[kpi] else "down")
        for kpi in before.keys() & after.keys()
        if round(before[kpi], 6) != round(after[kpi], 6)
    }


def _ratios(events: Iterable[FlightEvent]) -> dict[str, float]:
    """The KPIs' ratios over some events; those with a denominator."""
    terms: dict[str, list[float]] = {}

    def count(kpi: str, numerator: float, denominator: float) -> None:
        sums = terms.setdefault(kpi, [0.0, 0.0])
        sums[0] += numerator
        sums[1] += denominator

    for event in events:
        if isinstance(event, FlightStatus):
            _count_status(event, count)
        elif isinstance(event, FlightFinance):
            revenue = event.ticket_revenue_minor + event.ancillary_revenue_minor + event.cargo_revenue_minor
            cost = event.fuel_cost_minor + event.crew_cost_minor + event.maintenance_cost_minor
            usd = event.usd_per_unit_ppm / 1e8
            count("margin", (revenue - cost - event.airport_cost_minor) * usd, revenue * usd)
    return {kpi: numerator / denominator for kpi, (numerator, denominator) in sorted(terms.items()) if denominator > 0}


def _count_status(event: FlightStatus, count: Count) -> None:
    if event.state is FlightState.DEPARTED and event.actual_departure_at is not None:
        late = (event.actual_departure_at - event.scheduled_departure_at).total_seconds() / 60
        count("on_time_departure", late < ON_TIME_MINUTES, 1)
    if event.state not in (FlightState.ARRIVED, FlightState.CANCELLED, FlightState.DIVERTED):
        return
    operated = event.state is not FlightState.CANCELLED
    count("completion", operated, 1)
    count("load_factor", event.passengers * event.distance_km, event.seats * event.distance_km * operated)
    if event.actual_arrival_at is None:
        count("on_time_arrival", 0, 1)
        return
    late = (event.actual_arrival_at - event.scheduled_arrival_at).total_seconds() / 60
    count("on_time_arrival", late < ON_TIME_MINUTES, 1)
    count("mean_arrival_delay", max(0.0, late), 1)
