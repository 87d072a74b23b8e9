"""Made-up bookings on given flights. Each batch has luck of its own, so a smaller load is the beginning of a larger."""

from datetime import date
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from warehouse.booking.people import People

BATCH: Final = 20_000
"""Bookings of a COPY. Passengers fly again within their batch only: a batch is made without knowing the others."""

_PASSENGERS_A_BOOKING: Final = 0.55
_LONGEST_AHEAD_S: Final = 330 * 86_400
_MEAN_AHEAD_S: Final = 35 * 86_400
_LEAST_AHEAD_S: Final = 5_400
_WEEK_S: Final = 7 * 86_400
_LOCATORS: Final = 36**6
_LOCATOR_STEP: Final = 1_230_796_013  # coprime to 36: no two bookings get the same locator
_DIGITS: Final = pl.Series(list("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))

Places = npt.NDArray[np.int64]

_CABINS: Final = {"economy": 88, "premium": 8, "business": 4}
_TIMES_ECONOMY: Final = np.array([1.0, 1.7, 3.6])
_CHANNELS: Final = {"web": 46, "app": 24, "agency": 22, "call_center": 6, "airport": 2}
_STATUSES: Final = {"flown": 90, "cancelled": 6, "no_show": 4}
_PARTIES: Final = {1: 63, 2: 23, 3: 7, 4: 5, 5: 2}
_PPM: Final = 1_000_000
_CURRENCIES: Final = pl.DataFrame(
    [
        ("MX", "MXN", 78_000),
        ("CA", "CAD", 970_000),
        ("GB", "GBP", 1_560_000),
        *((country, "EUR", 1_330_000) for country in ("ES", "FR", "DE")),
    ],
    schema=["country", "currency", "usd_per_unit_ppm"],
    orient="row",
)
"""What is paid in by country, and US$ a million units: means of 2013. The others pay in US$."""


class Sales(NamedTuple):
    """Rows of `passengers` and of `bookings`, columns as there."""

    passengers: pl.DataFrame
    bookings: pl.DataFrame


def sell(batch: int, count: int, seed: int, people: People, flights: pl.DataFrame) -> Sales:
    """The first `count` bookings of a batch (from 0), at most BATCH.

    `flights` has flight_id, scheduled_departure_at, departure_date and distance_km.
    """
    luck = np.random.default_rng([seed, batch])
    ordinal = np.arange(BATCH)
    so_far = (ordinal * _PASSENGERS_A_BOOKING).astype(np.int64)
    is_new = np.diff(so_far, prepend=-1) > 0
    who = np.where(is_new, so_far, (luck.random(BATCH) * (so_far + 1)).astype(np.int64))
    first_day: date = flights["departure_date"].min()  # type: ignore[assignment]
    made = int(so_far[-1]) + 1
    passengers = people.draw(1 + batch * made, made, first_day, luck)
    flown = flights[luck.integers(len(flights), size=BATCH)]

    ahead_s = np.minimum(luck.exponential(_MEAN_AHEAD_S, BATCH), _LONGEST_AHEAD_S).astype(np.int64) + _LEAST_AHEAD_S
    cabin, party = _pick(_CABINS, luck), np.array(list(_PARTIES))[_pick(_PARTIES, luck)]
    late = np.where(ahead_s < _WEEK_S, 1.6, 1.0)
    usd_cents = 4_500 + 9.0 * flown["distance_km"].to_numpy()
    usd_cents = usd_cents * _TIMES_ECONOMY[cabin] * late * luck.lognormal(0, 0.35, BATCH) * party
    number = batch * BATCH + ordinal + 1
    bookings = (
        pl.DataFrame(
            {
                "booking_id": number,
                "locator": _locators(number),
                "passenger_id": passengers["passenger_id"][who],
                "flight_id": flown["flight_id"],
                "booked_at": flown["scheduled_departure_at"] - pl.Series(ahead_s * 1_000_000).cast(pl.Duration("us")),
                "cabin": pl.Series(list(_CABINS))[cabin],
                "channel": pl.Series(list(_CHANNELS))[_pick(_CHANNELS, luck)],
                "passengers": party,
                "usd_cents": usd_cents,
                "status": pl.Series(list(_STATUSES))[_pick(_STATUSES, luck)],
                "country": passengers["country"][who],
            }
        )
        .join(_CURRENCIES, on="country", how="left", maintain_order="left")
        .with_columns(pl.col("currency").fill_null("USD"), pl.col("usd_per_unit_ppm").fill_null(_PPM))
        .with_columns(fare_minor=(pl.col("usd_cents") * _PPM / pl.col("usd_per_unit_ppm")).round().cast(pl.Int64))
        .drop("usd_cents", "country")
    )
    return Sales(passengers.head(int(so_far[count - 1]) + 1), bookings.head(count))


def _pick(table: dict[str, int] | dict[int, int], luck: np.random.Generator) -> Places:
    """Places in a table of shares in a hundred."""
    return luck.choice(len(table), BATCH, p=np.array(list(table.values())) / 100)


def _locators(number: Places) -> pl.Series:
    rest = number * _LOCATOR_STEP % _LOCATORS
    letters = []
    for _ in range(6):
        rest, digit = np.divmod(rest, 36)
        letters.append(_DIGITS[digit])
    return pl.DataFrame(letters).select(pl.concat_str(pl.all())).to_series()
