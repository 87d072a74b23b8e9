"""Glue job: the booking system, masked, to raw and clean."""

from datetime import UTC, datetime

from warehouse.booking.access import booking_dsn, masking_key
from warehouse.booking.etl import run_etl
from warehouse.settings import HistorySettings
from warehouse.storage import Store


def main() -> None:
    """Settings as for `python -m warehouse booking etl`."""
    settings = HistorySettings.read()
    stores = (Store(settings.raw_url), Store(settings.clean_url))
    print(run_etl(booking_dsn(), *stores, masking_key(), datetime.now(UTC), say=print))


if __name__ == "__main__":
    main()
