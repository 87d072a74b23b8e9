"""The clean tables: one Parquet file a month, typed, each fact once, corrections applied. Written by the compaction.

`<table>/month=YYYY-MM/part-0.parquet`, of the month (UTC) of the table's instant. Instants are UTC timestamps without a
zone, which DuckDB, Redshift and Athena read alike; months because a day of 900 flights makes 3,000 events, and row
groups under 100,000 rows cost more to open than to read.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec
import polars as pl

from schemas.events import RECORDS, FlightOutcome
from schemas.measures import MEASURE_NAMES

INSTANT: Final = pl.Datetime("us")
ROW_GROUP_ROWS: Final = 500_000

Schema = Mapping[str, "pl.DataType | type[pl.DataType]"]


class CleanTable(msgspec.Struct, frozen=True):
    """One table. Of rows that agree in `key` one is kept; `by` orders a file; `instant` says of which month it is."""

    name: str
    one_row_per: str
    key: tuple[str, ...]
    by: tuple[str, ...]
    instant: str
    columns: Schema


# Where a fact stood: its first appearance, should it have been published twice.
POSITION: Final[Schema] = {
    "topic": pl.String,
    "partition": pl.Int64,
    "offset": pl.Int64,
    "appended_at": INSTANT,
}


def _columns(record: str) -> dict[str, Any]:
    """A record's fields as columns; before and after of a correction as `before_state` and so on."""
    columns: dict[str, Any] = {}
    for name, hint in get_type_hints(RECORDS[record]).items():
        kind = _plain(hint)
        if kind is FlightOutcome:
            columns |= {f"{name}_{part}": _dtype(_plain(of)) for part, of in get_type_hints(FlightOutcome).items()}
        else:
            columns[name] = _dtype(kind)
    return columns


def _plain(hint: Any) -> Any:
    """The type itself of `X | None`."""
    options = [option for option in get_args(hint) if option is not NoneType]
    return options[0] if len(options) == 1 and NoneType in get_args(hint) else hint


def _dtype(kind: Any) -> Any:
    if get_origin(kind) is tuple:
        return pl.List(pl.String)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return pl.String
    return {
        str: pl.String,
        int: pl.Int64,
        float: pl.Float64,
        bool: pl.Boolean,
        bytes: pl.Binary,
        datetime: INSTANT,
    }[kind]


def _events(name: str, record: str, *by: str) -> CleanTable:
    """An event's fields, where it stood, and whether it came behind the watermark."""
    columns = {**_columns(record), **POSITION, "is_late": pl.Boolean}
    return CleanTable(name, f"{record} event", ("event_id",), (*by, "event_at", "event_id"), "event_at", columns)


def _kept_whole(name: str, record: str) -> CleanTable:
    """A message the live path refused or set aside: where it stood, and where the note about it stands."""
    columns = {**_columns(record), **{f"noted_{column}": dtype for column, dtype in POSITION.items()}}
    key = ("topic", "partition", "offset")
    return CleanTable(name, f"message noted as {record}", key, key, "event_at", columns)


_ROUTE: Final = ("origin", "destination")

CLEAN_TABLES: Final[dict[str, CleanTable]] = {
    table.name: table
    for table in (
        _events("flight_status", "FlightStatus", *_ROUTE),
        _events("flight_finance", "FlightFinance", *_ROUTE),
        _events("flight_operation", "FlightOperation", *_ROUTE),
        _events("passenger_feedback", "PassengerFeedback", *_ROUTE),
        _events("route_heartbeat", "RouteHeartbeat", *_ROUTE),
        _events("aircraft_status", "AircraftStatus", "tail"),
        _events("airport_weather", "AirportWeather", "airport"),
        _kept_whole("dead_letter", "DeadLetter"),
        _kept_whole("late_event", "LateEvent"),
        CleanTable(
            "flight",
            "flight, as it stands after its last report and all corrections",
            ("flight_id",),
            (*_ROUTE, "scheduled_departure_at", "flight_id"),
            "scheduled_departure_at",
            {
                **dict.fromkeys(("flight_id", "carrier", "number", *_ROUTE, "tail", "aircraft_type"), pl.String),
                # `state` is never CORRECTED: a correction shows as the state it left.
                "state": pl.String,
                **dict.fromkeys(
                    (
                        *("scheduled_departure_at", "scheduled_arrival_at", "actual_departure_at", "actual_arrival_at"),
                        # of the newest event, and when that reached the brokers
                        *("event_at", "appended_at"),
                    ),
                    INSTANT,
                ),
                **dict.fromkeys(("seats", "passengers", "cargo_kg", "distance_km", "corrections"), pl.Int64),
                "traffic_source": pl.String,
            },
        ),
        CleanTable(
            "kpi_row",
            "scope, entity, window, instant and revision: what the KPI job said, and when we knew it",
            ("scope", "entity", "window", "at", "revision"),
            ("scope", "entity", "window", "at", "revision"),
            "at",
            {
                **dict.fromkeys(("scope", "entity", "window"), pl.String),
                "at": INSTANT,
                "revision": pl.Int64,
                "ingested_at": INSTANT,
                # on the stream, for the first time
                "known_at": INSTANT,
                "shard": pl.String,
                "sequence_number": pl.String,
                "events": pl.Int64,
                **dict.fromkeys(MEASURE_NAMES, pl.Int64),
                "flown_by": pl.String,
            },
        ),
        CleanTable(
            "light_change",
            "change of a light, as the log tells of it now",
            ("entity_key", "sk"),
            ("scope", "entity", "at", "rule"),
            "at",
            {
                **dict.fromkeys(("entity_key", "sk", "alert_id", "rule", "rule_version", "scope", "entity"), pl.String),
                # of the newest change of the log entry, so that an older one that arrives later replaces nothing
                "sequence_number": pl.String,
                "window": pl.String,
                # true at, in event time; known at, when the rule spoke; told at, None while or if nobody was told
                **dict.fromkeys(("at", "known_at", "sent_at", "previous_since_at", "ingested_at"), INSTANT),
                "revision": pl.Int64,
                **dict.fromkeys(("from_light", "to_light", "reason", "where", "decision", "held_by"), pl.String),
                **dict.fromkeys(("kpi", "audience"), pl.String),
                **dict.fromkeys(("numerator", "denominator", "n"), pl.Int64),
                **dict.fromkeys(("value", "lower", "upper", "usd_per_hour"), pl.Float64),
                "modelled": pl.Boolean,
                # JSON: the decisions oldest first, the transition whole, the rule as it was in force
                **dict.fromkeys(("decisions", "transition", "rule_file"), pl.String),
                # the packed row it stands on, and what else it takes to judge it again (rules/basis.py)
                **dict.fromkeys(("row", "basis"), pl.String),
            },
        ),
        CleanTable(
            "raw_range",
            "unbroken run of offsets in one raw object",
            ("raw_object", "topic", "partition", "first_offset"),
            ("topic", "partition", "first_offset"),
            "delivered_on",
            {
                **dict.fromkeys(("raw_object", "topic"), pl.String),
                **dict.fromkeys(("partition", "first_offset", "last_offset"), pl.Int64),
                **dict.fromkeys(("messages", "events", "clock_beats", "heartbeats", "undecodable"), pl.Int64),
                "delivered_on": INSTANT,
                **dict.fromkeys(("first_appended_at", "last_appended_at"), INSTANT),
            },
        ),
    )
}
