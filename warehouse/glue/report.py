"""Glue job: the report of SEMAFORO_REPORT_DATE, else of yesterday."""

from warehouse.daily_steps import report_dates, write_reports
from warehouse.settings import HistorySettings


def main() -> None:
    """Settings as for `python -m warehouse daily`; an exception fails the job."""
    print(write_reports(HistorySettings.read(), report_dates()))


if __name__ == "__main__":
    main()
