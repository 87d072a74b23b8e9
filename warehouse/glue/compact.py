"""Glue job: raw lines to clean tables."""

from warehouse.daily_steps import compact
from warehouse.settings import HistorySettings


def main() -> None:
    """Settings as for `python -m warehouse daily`; an exception fails the job."""
    print(compact(HistorySettings.read(), ()))


if __name__ == "__main__":
    main()
