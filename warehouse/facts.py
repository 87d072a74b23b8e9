"""Events as facts of measures, in Polars: the batch side of the parity check.

This is the second, independent statement of what each measure counts (`schemas/measures.py`); the first is the KPI
job's SQL. They share no code on purpose: `warehouse parity` compares their results.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import polars as pl

from schemas.events import (
    MODELLED,
    Event,
    FlightFinance,
    FlightOperation,
    FlightStatus,
    OperationKind,
    PassengerFeedback,
    RouteHeartbeat,
)
from schemas.measures import MEASURE_NAMES
from schemas.rows import to_ms

MINUTE_MS: Final = 60_000
FACT_SCHEMA: Final[dict[str, pl.DataType]] = {
    "event_id": pl.String(),
    "event_at_ms": pl.Int64(),
    "origin": pl.String(),
    "destination": pl.String(),
    "carriers": pl.List(pl.String()),
    **dict.fromkeys(MEASURE_NAMES, pl.Int64()),
}


def facts_of(events: Iterable[Event]) -> pl.DataFrame:
    """One row per counted event (clock beats are none): FACT_SCHEMA; a duplicate `event_id` counts once."""
    by_type: dict[type[Event], list[Event]] = {}
    for event in events:
        by_type.setdefault(type(event), []).append(event)
    frames = [
        _flight_status([e for e in by_type.get(FlightStatus, []) if isinstance(e, FlightStatus)]),
        _flight_finance(by_type.get(FlightFinance, [])),
        _flight_operation(by_type.get(FlightOperation, [])),
        _passenger_feedback(by_type.get(PassengerFeedback, [])),
        _heartbeat([e for e in by_type.get(RouteHeartbeat, []) if isinstance(e, RouteHeartbeat) and e.origin]),
    ]
    return pl.concat(frames).unique("event_id", keep="first", maintain_order=True)


def _facts(frame: pl.DataFrame, **measures: pl.Expr) -> pl.DataFrame:
    carriers = pl.col("carriers") if "carriers" in frame.columns else pl.concat_list("carrier")
    counted = [measures.get(name, pl.lit(0)).cast(pl.Int64).alias(name) for name in MEASURE_NAMES]
    return frame.select("event_id", "event_at_ms", "origin", "destination", carriers.alias("carriers"), *counted)


def _frame(events: Sequence[Event], columns: Sequence[str]) -> pl.DataFrame:
    rows = [[to_ms(e.event_at), *(getattr(e, column) for column in columns)] for e in events]
    return pl.DataFrame(rows, schema=["event_at_ms", *columns], orient="row", infer_schema_length=None)


_KEYS: Final = ("event_id", "origin", "destination", "carrier", "source")


def _flight_status(events: Sequence[FlightStatus]) -> pl.DataFrame:
    """Departure part and closing part of each report; a correction is its `after` minus its `before`."""
    legs = [leg for event in events for leg in _legs(event)]
    return facts_of_legs(pl.DataFrame(legs, schema=LEG, orient="row")) if legs else pl.DataFrame(schema=FACT_SCHEMA)


def facts_of_legs(frame: pl.DataFrame) -> pl.DataFrame:
    """Facts of LEG rows: what holds counts with `sign` 1, what a correction replaces with -1."""
    departed = pl.col("departs") & pl.col("departure_late_ms").is_not_null()
    late_out, late_in = pl.col("departure_late_ms"), pl.col("arrival_late_ms")
    closes = pl.col("closes")
    arrived, cancelled = closes & (pl.col("state") == "ARRIVED"), closes & (pl.col("state") == "CANCELLED")
    diverted = closes & (pl.col("state") == "DIVERTED")
    operated = arrived | diverted
    measures = {
        "flights": arrived | cancelled | diverted,
        "operated": operated,
        "cancelled": cancelled,
        "diverted": diverted,
        "arrivals": arrived,
        "arrivals_on_time": arrived & (late_in < 15 * MINUTE_MS),
        "arrivals_within_30m": arrived & (late_in <= 30 * MINUTE_MS),
        "arrivals_within_1h": arrived & (late_in < 60 * MINUTE_MS),
        "departures": departed,
        "departures_on_time": departed & (late_out < 15 * MINUTE_MS),
        "arrival_delay_minutes": pl.when(arrived & (late_in > 0)).then(late_in // MINUTE_MS).otherwise(0),
        "departure_delay_minutes": pl.when(departed & (late_out > 0)).then(late_out // MINUTE_MS).otherwise(0),
        "block_minutes": pl.when(arrived).then(pl.col("block_ms") // MINUTE_MS).otherwise(0),
        "scheduled_block_minutes": pl.when(arrived).then(pl.col("scheduled_block_ms") // MINUTE_MS).otherwise(0),
        "modelled_traffic": operated & pl.col("modelled"),
        **{
            name: pl.when(operated).then(value).otherwise(0)
            for name, value in {
                "seats": pl.col("seats"),
                "passengers": pl.col("passengers"),
                "seat_km": pl.col("seats") * pl.col("distance_km"),
                "passenger_km": pl.col("passengers") * pl.col("distance_km"),
                "cargo_kg_km": pl.col("cargo_kg") * pl.col("distance_km"),
            }.items()
        },
    }
    counted = frame.with_columns(
        *(
            expression.cast(pl.Int64).fill_null(0).mul(pl.col("sign")).alias(f"m_{name}")
            for name, expression in measures.items()
        )
    )
    events_frame = counted.group_by("event_id", "event_at_ms", "origin", "destination", "carrier", maintain_order=True)
    summed = events_frame.agg(pl.col(f"m_{name}").sum() for name in measures)
    return _facts(summed, **{name: pl.col(f"m_{name}") for name in measures})


LEG: Final[dict[str, pl.DataType]] = {
    "event_id": pl.String(),
    "event_at_ms": pl.Int64(),
    "origin": pl.String(),
    "destination": pl.String(),
    "carrier": pl.String(),
    "sign": pl.Int64(),
    "state": pl.String(),
    "departs": pl.Boolean(),
    "closes": pl.Boolean(),
    "departure_late_ms": pl.Int64(),
    "arrival_late_ms": pl.Int64(),
    "block_ms": pl.Int64(),
    "scheduled_block_ms": pl.Int64(),
    "seats": pl.Int64(),
    "passengers": pl.Int64(),
    "cargo_kg": pl.Int64(),
    "distance_km": pl.Int64(),
    "modelled": pl.Boolean(),
}
_Leg = tuple[str | int | bool | None, ...]


def _legs(event: FlightStatus) -> list[_Leg]:
    if event.before is not None and event.after is not None:
        return [_leg(event, event.before, -1, True), _leg(event, event.after, 1, True)]
    return [_leg(event, event, 1, event.state == "DEPARTED")]


def _leg(event: FlightStatus, facts: "FlightStatus | msgspec.Struct", sign: int, departs: bool) -> _Leg:
    state, out, on = (getattr(facts, name) for name in ("state", "actual_departure_at", "actual_arrival_at"))
    scheduled_out, scheduled_on = to_ms(event.scheduled_departure_at), to_ms(event.scheduled_arrival_at)
    out_ms, on_ms = to_ms(out) if out else None, to_ms(on) if on else None
    return (
        *(event.event_id, to_ms(event.event_at), event.origin, event.destination, event.carrier),
        *(sign, str(state), departs, state in ("ARRIVED", "CANCELLED", "DIVERTED")),
        out_ms - scheduled_out if out_ms is not None else None,
        on_ms - scheduled_on if on_ms is not None else None,
        on_ms - out_ms if on_ms is not None and out_ms is not None else None,
        scheduled_on - scheduled_out,
        *(getattr(facts, name) for name in ("seats", "passengers", "cargo_kg")),
        event.distance_km,
        event.traffic_source == MODELLED,
    )


_MONEY: Final = (
    *("ticket_revenue", "ancillary_revenue", "cargo_revenue", "fuel_cost", "crew_cost", "maintenance_cost"),
    *("airport_cost", "compensation_exposure"),
)


def _flight_finance(events: Sequence[Event]) -> pl.DataFrame:
    if not events:
        return pl.DataFrame(schema=FACT_SCHEMA)
    minor = [f"{name}_minor" for name in _MONEY]
    return facts_of_finance(_frame(events, [*_KEYS, "usd_per_unit_ppm", "fuel_kg", "fuel_reference_kg", *minor]))


def facts_of_finance(frame: pl.DataFrame) -> pl.DataFrame:
    """Facts of the fields of FlightFinance events, with `event_at_ms`; so those below of their events."""

    def cents(name: str) -> pl.Expr:
        """Half away from zero, in integers."""
        amount = pl.col(f"{name}_minor").cast(pl.Int64)
        return amount.sign() * ((amount.abs() * pl.col("usd_per_unit_ppm") + 500_000) // 1_000_000)

    kg = {name: pl.col(name) for name in ("fuel_kg", "fuel_reference_kg")}
    return _facts(frame, **{name: cents(name) for name in _MONEY}, **kg, modelled_money=pl.col("source") == MODELLED)


_COPIED: Final = (
    *("carrier_delay_minutes", "weather_delay_minutes", "airspace_delay_minutes", "security_delay_minutes"),
    *("late_aircraft_delay_minutes", "turnaround_minutes", "scheduled_turnaround_minutes"),
    *("connecting", "misconnected"),
)


def _flight_operation(events: Sequence[Event]) -> pl.DataFrame:
    if not events:
        return pl.DataFrame(schema=FACT_SCHEMA)
    return facts_of_operations(_frame(events, [*_KEYS, "kind", *_COPIED]))


def facts_of_operations(frame: pl.DataFrame) -> pl.DataFrame:
    """See `facts_of_finance`."""
    return _facts(
        frame,
        **{name: pl.col(name) for name in _COPIED},
        turnarounds=pl.col("kind").cast(pl.String) == OperationKind.TURNAROUND.value,
        modelled_operations=pl.col("source") == MODELLED,
    )


def _passenger_feedback(events: Sequence[Event]) -> pl.DataFrame:
    if not events:
        return pl.DataFrame(schema=FACT_SCHEMA)
    return facts_of_feedback(_frame(events, [*_KEYS, "satisfaction", "recommend", "complaint"]))


def facts_of_feedback(frame: pl.DataFrame) -> pl.DataFrame:
    """See `facts_of_finance`."""
    answer, recommend = pl.col("satisfaction").cast(pl.Int64), pl.col("recommend").cast(pl.Int64)
    return _facts(
        frame,
        responses=answer.is_not_null(),
        satisfied=(answer >= 4).fill_null(False),
        nps_responses=recommend.is_not_null(),
        promoters=(recommend >= 9).fill_null(False),
        detractors=(recommend <= 6).fill_null(False),
        complaints=pl.col("complaint"),
    )


def _heartbeat(events: Sequence[RouteHeartbeat]) -> pl.DataFrame:
    if not events:
        return pl.DataFrame(schema=FACT_SCHEMA)
    rows = [(e.event_id, to_ms(e.event_at), e.origin, e.destination, list(e.carriers)) for e in events]
    columns = ("event_id", "event_at_ms", "origin", "destination", "carriers")
    return facts_of_heartbeats(pl.DataFrame(rows, schema={name: FACT_SCHEMA[name] for name in columns}, orient="row"))


def facts_of_heartbeats(frame: pl.DataFrame) -> pl.DataFrame:
    """See `facts_of_finance`; of heartbeats of routes."""
    return _facts(frame)
