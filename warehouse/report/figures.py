"""The figures of a day, all from the star and the clean tables; None is what nobody knows, never a guess."""

from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import duckdb
import polars as pl

from warehouse.answer import Span, ask, has_table, rows
from warehouse.questions import question
from warehouse.report.anomalies import Anomaly, anomalies
from warehouse.report.quality import Quality, quality
from warehouse.storage import Store

_NETWORK: Final = """
select
  cast(count(*) as bigint) as flights,
  cast(coalesce(sum(case when is_cancelled then 1 else 0 end), 0) as bigint) as cancelled,
  cast(coalesce(sum(case when is_diverted then 1 else 0 end), 0) as bigint) as diverted,
  cast(coalesce(sum(case when is_arrived_on_time then 1 else 0 end), 0) as bigint) as arrivals_on_time,
  cast(coalesce(sum(case when actual_departure_at is not null then 1 else 0 end), 0) as bigint) as departures,
  cast(coalesce(sum(case when is_departed_on_time then 1 else 0 end), 0) as bigint) as departures_on_time,
  cast(coalesce(sum(passenger_km), 0) as bigint) as passenger_km,
  cast(coalesce(sum(seat_km), 0) as bigint) as seat_km,
  cast(coalesce(sum(coalesce(ticket_revenue_usd_cents, 0) + coalesce(ancillary_revenue_usd_cents, 0)
    + coalesce(cargo_revenue_usd_cents, 0)), 0) as bigint) as revenue_usd_cents,
  cast(coalesce(sum(coalesce(fuel_cost_usd_cents, 0) + coalesce(crew_cost_usd_cents, 0)
    + coalesce(maintenance_cost_usd_cents, 0) + coalesce(airport_cost_usd_cents, 0)), 0) as bigint) as cost_usd_cents,
  cast(coalesce(sum(compensation_exposure_usd_cents), 0) as bigint) as compensation_usd_cents,
  cast(coalesce(sum(case when is_traffic_modelled then 1 else 0 end), 0) as bigint) as traffic_modelled_flights,
  cast(coalesce(sum(case when is_money_modelled then 1 else 0 end), 0) as bigint) as money_modelled_flights
from star.fct_flight
where is_closed and flight_date >= $first and flight_date < $until
"""
_OPEN: Final = """
select cast(count(*) as bigint) from star.fct_flight
where not coalesce(is_closed, false) and flight_date >= $first and flight_date < $until
"""
# The worst light of each route on that day: what it turned to, or what it came into the day with.
_LIGHTS: Final = """
select entity as route, to_light as light, rule, cast(count(*) as bigint) as lights
from star.fct_light
where scope = 'route' and true_at < $until and (true_until is null or true_until > $first)
  and to_light in ('RED', 'AMBER')
group by entity, to_light, rule
order by entity, case to_light when 'RED' then 0 else 1 end, rule
"""
_ALERTS: Final = """
select fct_light.entity, fct_light.rule, fct_light.to_light as light, fct_light.true_at, fct_light.true_until,
  fct_light.value, fct_light.numerator, fct_light.denominator, fct_light.usd_per_hour,
  coalesce(fct_light.modelled, false) as modelled, fct_alert.sent_at, fct_alert.event_to_alert_ms,
  coalesce(fct_alert.decision, fct_light.decision) as decision
from star.fct_alert
inner join star.fct_light on fct_alert.alert_id = fct_light.alert_id
where fct_light.true_at >= $first and fct_light.true_at < $until
order by case fct_light.to_light when 'RED' then 0 when 'AMBER' then 1 else 2 end,
  fct_light.usd_per_hour desc nulls last, fct_light.true_at, fct_light.entity
"""


class Figures(NamedTuple):
    """Of one day; instants and dates as the star has them. `lights` are (route, light, rule, how many), worst first."""

    day: date
    network: dict[str, Any]
    open_flights: int
    causes: list[dict[str, Any]]
    hours: list[dict[str, Any]]
    routes: list[dict[str, Any]]
    lights: dict[str, list[tuple[str, str]]] | None
    anomalies: list[Anomaly]
    alerts: list[dict[str, Any]] | None
    alert_quality: list[dict[str, Any]] | None
    quality: Quality


def figures(star: duckdb.DuckDBPyConnection, clean: Store, day: date) -> Figures:
    """Everything the report says about a day. Raises duckdb.Error if the star lacks a column."""
    span = Span(day, day + timedelta(days=1))
    given = span._asdict()
    with_lights = has_table(star, "fct_light")
    with_alerts = with_lights and has_table(star, "fct_alert")
    judged = with_alerts and has_table(star, "fct_route_kpi") and has_table(star, "dim_rule")
    return Figures(
        day=day,
        network=rows(star, _NETWORK, given).row(0, named=True),
        open_flights=rows(star, _OPEN, given).item(),
        causes=ask(star, question("delay_by_cause"), span).rows(named=True),
        hours=ask(star, question("delay_by_hour"), span).rows(named=True),
        routes=ask(star, question("route_ranking"), span).rows(named=True),
        lights=_lights(rows(star, _LIGHTS, given)) if with_lights else None,
        anomalies=anomalies(star, day),
        alerts=rows(star, _ALERTS, given).rows(named=True) if with_alerts else None,
        alert_quality=ask(star, question("alert_quality"), span).rows(named=True) if judged else None,
        quality=quality(clean, day),
    )


def _lights(table: pl.DataFrame) -> dict[str, list[tuple[str, str]]]:
    """By route its lights that were amber or red on the day, red first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for route, light, rule, _count in table.iter_rows():
        known = found.setdefault(route, [])
        if rule not in {seen for _, seen in known}:
            known.append((light, rule))
    return found
