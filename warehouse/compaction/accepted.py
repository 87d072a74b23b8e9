"""What `schemas/events.py` accepts for certain, asked of columns instead of records.

A row that fails here may yet be an event: `schemas.codec.decode` says. One that passes is, with the same values: the
tests make up events and hold the two to each other. What a field's type says is read from there, the rest is told anew.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import msgspec
import polars as pl

from schemas.events import LONGEST_DEVIATION, RECORDS, USD_PPM

_AIRPORT: Final = "^[A-Z]{3}$"
_AIRLINE: Final = "^[A-Z0-9]{2}$"
_FLIGHT: Final = (
    pl.col("carrier").str.contains(_AIRLINE),
    pl.col("origin").str.contains(_AIRPORT),
    pl.col("destination").str.contains(_AIRPORT),
    pl.col("origin") != pl.col("destination"),
)


def _unless_null(column: str, condition: pl.Expr) -> pl.Expr:
    return pl.col(column).is_null() | condition


def _outcome(prefix: str) -> tuple[pl.Expr, ...]:
    state, out, on = (pl.col(prefix + name) for name in ("state", "actual_departure_at", "actual_arrival_at"))
    return (
        _unless_null(
            f"{prefix}state", (state != "CORRECTED") & ((state != "ARRIVED") | (out.is_not_null() & on.is_not_null()))
        ),
        *(_unless_null(prefix + name, pl.col(prefix + name) >= 0) for name in ("seats", "passengers", "cargo_kg")),
        _unless_null(f"{prefix}seats", pl.col(f"{prefix}passengers") <= pl.col(f"{prefix}seats")),
    )


_STATE: Final = pl.col("state")
_ACROSS: Final[dict[str, tuple[pl.Expr, ...]]] = {
    "FlightStatus": (
        *_FLIGHT,
        pl.col("passengers") <= pl.col("seats"),
        ~_STATE.is_in(["DEPARTED", "ARRIVED"]) | pl.col("actual_departure_at").is_not_null(),
        (_STATE != "ARRIVED") | pl.col("actual_arrival_at").is_not_null(),
        (_STATE == "CORRECTED") == (pl.col("before_state").is_not_null() & pl.col("after_state").is_not_null()),
        *(
            _unless_null(
                f"actual_{end}", (pl.col(f"actual_{end}") - pl.col(f"scheduled_{end}")).abs() <= LONGEST_DEVIATION
            )
            for end in ("departure_at", "arrival_at")
        ),
        *_outcome("before_"),
        *_outcome("after_"),
    ),
    "FlightFinance": (*_FLIGHT, (pl.col("currency") != "USD") | (pl.col("usd_per_unit_ppm") == USD_PPM)),
    "FlightOperation": (*_FLIGHT, pl.col("misconnected") <= pl.col("connecting")),
    "RouteHeartbeat": (
        pl.col("origin").is_null() == pl.col("destination").is_null(),
        _unless_null("origin", pl.col("origin").str.contains(_AIRPORT)),
        _unless_null("destination", pl.col("destination").str.contains(_AIRPORT)),
        pl.col("carriers").list.eval(pl.element().str.contains(_AIRLINE)).list.all(),
    ),
    "AircraftStatus": (),
    "AirportWeather": (pl.col("airport").str.contains(_AIRPORT),),
}
"""By record; of the others there are few."""


@cache
def accepted(record: str) -> pl.Expr | None:
    """Whether a row of the record's columns is an event for certain; None for a record that is not asked this way."""
    if record not in _ACROSS:
        return None
    return pl.all_horizontal(*_by_field(record), *_ACROSS[record]).fill_null(value=False)


def _by_field(record: str) -> Iterator[pl.Expr]:
    kinds: Any = msgspec.inspect.type_info(RECORDS[record])
    for field in kinds.fields:
        options = field.type.types if isinstance(field.type, msgspec.inspect.UnionType) else (field.type,)
        for kind in options:
            for condition in _limits(pl.col(field.encode_name), kind):
                yield _unless_null(field.encode_name, condition) if len(options) > 1 else condition


def _limits(column: pl.Expr, kind: Any) -> Iterator[pl.Expr]:
    if isinstance(kind, msgspec.inspect.IntType):
        for limit, compared in ((kind.ge, column.ge), (kind.gt, column.gt), (kind.le, column.le), (kind.lt, column.lt)):
            if limit is not None:
                yield compared(limit)
    if isinstance(kind, msgspec.inspect.StrType):
        if kind.min_length is not None:
            yield column.str.len_bytes() >= kind.min_length
        if kind.pattern is not None:
            yield column.str.contains(kind.pattern)
