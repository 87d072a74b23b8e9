"""The clean tables that the booking ETL writes; nothing in them names or numbers a person.

`booking` is one file a month of `booked_at`. The others are one file each, written whole: the largest has some thousand
rows.
"""

from typing import Final

import polars as pl

from warehouse.clean_tables import INSTANT, CleanTable

BOOKING: Final = CleanTable(
    "booking",
    "booking, masked, as it stands; of a deleted one only that it is",
    ("booking_key",),
    ("booked_at", "booking_key"),
    "booked_at",
    {
        "booking_key": pl.String,
        **dict.fromkeys(("flight_number", "carrier", "number", "origin", "destination"), pl.String),
        "departure_date": pl.Date,
        "booked_at": INSTANT,
        **dict.fromkeys(("cabin", "channel"), pl.String),
        **dict.fromkeys(("passengers", "fare_minor"), pl.Int64),
        "currency": pl.String,
        "usd_per_unit_ppm": pl.Int64,
        "status": pl.String,
        **dict.fromkeys(("passenger_age_band", "passenger_country", "pilot_experience_band"), pl.String),
        "updated_at": INSTANT,
        "is_deleted": pl.Boolean,
    },
)

WHOLE_TABLES: Final = {
    table.name: table
    for table in (
        CleanTable(
            "booking_airline",
            "airline",
            ("carrier",),
            ("carrier",),
            "",
            dict.fromkeys(("carrier", "name", "country"), pl.String),
        ),
        CleanTable(
            "booking_airport",
            "airport",
            ("airport",),
            ("airport",),
            "",
            {
                **dict.fromkeys(("airport", "name", "city", "country"), pl.String),
                **dict.fromkeys(("latitude", "longitude"), pl.Float64),
                "time_zone": pl.String,
            },
        ),
        CleanTable(
            "booking_route",
            "route",
            ("origin", "destination"),
            ("origin", "destination"),
            "",
            {**dict.fromkeys(("origin", "destination"), pl.String), "distance_km": pl.Int64},
        ),
        CleanTable(
            "pilot_band",
            "airline and band of experience with at least five of its pilots",
            ("carrier", "band"),
            ("carrier", "min_hours"),
            "",
            {
                **dict.fromkeys(("carrier", "band"), pl.String),
                **dict.fromkeys(("min_hours", "max_hours", "pilots"), pl.Int64),
            },
        ),
    )
}


def month_file(month: str) -> str:
    """Where the bookings of a month (YYYY-MM, UTC) lie."""
    return f"{BOOKING.name}/month={month}/part-0.parquet"


def whole_file(table: str) -> str:
    """Where a table that is written whole lies."""
    return f"{table}/part-0.parquet"
