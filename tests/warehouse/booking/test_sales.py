"""Made-up bookings: the same by seed and batch, a beginning of each other, and within what the tables allow."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from warehouse.booking.people import People
from warehouse.booking.sales import BATCH, sell

FLIGHTS = pl.DataFrame(
    {
        "flight_id": range(1, 101),
        "departure_date": [date(2013, 2, 1 + number % 28) for number in range(100)],
        "distance_km": [300 + 40 * number for number in range(100)],
    }
).with_columns(scheduled_departure_at=pl.col("departure_date").cast(pl.Datetime("us", "UTC")) + pl.duration(hours=15))


@pytest.fixture(scope="module")
def people() -> People:
    return People(1)


def test_the_same_seed_and_batch_sell_the_same(people: People) -> None:
    first, again, other = (sell(3, 500, seed, people, FLIGHTS) for seed in (1, 1, 2))
    assert first.bookings.equals(again.bookings)
    assert first.passengers.equals(again.passengers)
    assert not first.bookings.equals(other.bookings)


def test_fewer_are_the_beginning_of_more(people: People) -> None:
    whole, some = sell(0, BATCH, 1, people, FLIGHTS), sell(0, 777, 1, people, FLIGHTS)
    assert some.bookings.equals(whole.bookings.head(777))
    assert some.passengers.equals(whole.passengers.head(len(some.passengers)))
    assert set(some.bookings["passenger_id"]) <= set(some.passengers["passenger_id"])


def test_batches_share_no_number_locator_or_passport(people: People) -> None:
    batches = [sell(number, BATCH, 1, people, FLIGHTS) for number in (0, 1, 7)]
    bookings = pl.concat(batch.bookings for batch in batches)
    passengers = pl.concat(batch.passengers for batch in batches)
    assert bookings["booking_id"].n_unique() == bookings["locator"].n_unique() == 3 * BATCH
    assert passengers["passenger_id"].n_unique() == passengers["passport"].n_unique() == len(passengers)
    assert len(passengers) == 3 * 0.55 * BATCH


def test_everyone_is_born_before_they_book_and_books_before_they_fly(people: People) -> None:
    sales = sell(0, BATCH, 1, people, FLIGHTS)
    joined = sales.bookings.join(sales.passengers, on="passenger_id").join(FLIGHTS, on="flight_id")
    assert (joined["birth_date"] < joined["booked_at"].dt.date()).all()
    ahead = joined["scheduled_departure_at"] - joined["booked_at"]
    assert ahead.min() >= pl.Series([5_400_000_000]).cast(pl.Duration("us")).item()


def test_a_fare_in_pesos_is_worth_what_one_in_dollars_is(people: People) -> None:
    sales = sell(0, BATCH, 1, people, FLIGHTS)
    cents = pl.col("fare_minor") * pl.col("usd_per_unit_ppm") / 1_000_000
    by_money = dict(sales.bookings.group_by("currency").agg(cents.mean()).iter_rows())
    assert by_money["MXN"] == pytest.approx(by_money["USD"], rel=0.1)
