"""Glue job: the booking system, masked, to raw and clean."""

from warehouse.daily_steps import run_booking_etl
from warehouse.settings import HistorySettings


def main() -> None:
    """Settings as for `python -m warehouse daily`; an exception fails the job."""
    print(run_booking_etl(HistorySettings.read(), ()))


if __name__ == "__main__":
    main()
