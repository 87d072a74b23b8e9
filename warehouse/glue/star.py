"""Glue job: the star from the clean tables, by dbt."""

from warehouse.daily_steps import build_star, report_dates
from warehouse.settings import HistorySettings


def main() -> None:
    """Settings as for `python -m warehouse daily`; an exception fails the job."""
    print(build_star(HistorySettings.read(), report_dates()))


if __name__ == "__main__":
    main()
