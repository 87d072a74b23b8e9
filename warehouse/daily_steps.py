"""The steps of a day, each a call of its own: compaction, booking ETL, star, report. Imported when their turn comes."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Final

import msgspec

from warehouse.settings import HistorySettings
from warehouse.storage import Store

BOOKING_DSN: Final = "SEMAFORO_BOOKING_DSN"
REPORT_DATE: Final = "SEMAFORO_REPORT_DATE"
YESTERDAY: Final = "yesterday"  # as the schedule says it, which knows no dates

Run = Callable[[HistorySettings, Sequence[date]], str]


class Step(msgspec.Struct, frozen=True):
    """`run` says in a few words what it did. `skip` is why it need not run today, None if it must."""

    name: str
    run: Run
    skip: Callable[[Mapping[str, str]], str | None] = lambda environment: None


def report_dates(environment: Mapping[str, str] = os.environ) -> list[date]:
    """The day a scheduled run is for: SEMAFORO_REPORT_DATE, else yesterday (UTC), the last one that is over."""
    given = environment.get(REPORT_DATE) or YESTERDAY
    return [datetime.now(UTC).date() - timedelta(days=1) if given == YESTERDAY else date.fromisoformat(given)]


def compact(settings: HistorySettings, dates: Sequence[date]) -> str:
    """Raw lines to clean tables: all that came since the last time, whatever day it tells of.

    Raises ValueError for objects that cannot be read, after all others were merged.
    """
    compact_stores = import_module("warehouse.compaction.compact").compact
    found = compact_stores(Store(settings.raw_url), Store(settings.clean_url))
    if found.unreadable:
        unreadable = "; ".join(f"{name}: {reason}" for name, reason in found.unreadable.items())
        raise ValueError(f"{found.said()}; raw objects that cannot be read: {unreadable}")
    return str(found.said())


def run_booking_etl(settings: HistorySettings, dates: Sequence[date]) -> str:
    """What changed in the booking system to clean tables."""
    access = import_module("warehouse.booking.access")
    stores = Store(settings.raw_url), Store(settings.clean_url)
    dsn, key = access.booking_dsn(os.environ), access.masking_key(os.environ)
    return str(import_module("warehouse.booking.etl").run_etl(dsn, *stores, key, datetime.now(UTC)).said())


def build_star(settings: HistorySettings, dates: Sequence[date]) -> str:
    """Clean tables to the star, by dbt."""
    return str(import_module("warehouse.star").build(settings).said())


def write_reports(settings: HistorySettings, dates: Sequence[date]) -> str:
    """The report of each date."""
    write = import_module("warehouse.report.write").write
    return "; ".join(write(settings, day).said() for day in dates)


def _without_bookings(environment: Mapping[str, str]) -> str | None:
    return None if environment.get(BOOKING_DSN) else f"no booking system: {BOOKING_DSN} is not set"


STEPS: Final = (
    Step("compact", compact),
    Step("booking", run_booking_etl, _without_bookings),
    Step("star", build_star),
    Step("report", write_reports),
)
