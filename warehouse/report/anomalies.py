"""A day against the same weekday of the eight weeks before, by median and MAD, which one bad day does not move.

1.4826 x MAD estimates a standard deviation where values are normal (Rousseeuw and Croux, 1993); what lies more than 3.5
of them from the median is unusual (Iglewicz and Hoaglin, 1993). Fewer than four such days say nothing.
"""

from datetime import date
from statistics import median
from typing import Final, NamedTuple

import duckdb

from warehouse.answer import rows

WEEKS: Final = 8
LEAST_DAYS: Final = 4
UNUSUAL: Final = 3.5
_NORMAL: Final = 1.4826
_BY_DAY: Final = """
select
  flight_date,
  cast(count(*) as double) as flights,
  100 * cast(sum(case when is_arrived_on_time then 1 else 0 end) as double) / count(*) as on_time_arrival_pct,
  100 * cast(sum(case when is_cancelled then 0 else 1 end) as double) / count(*) as completion_pct,
  cast(sum(case when arrival_delay_minutes > 0 and not is_cancelled and not is_diverted
    then arrival_delay_minutes else 0 end) as double)
    / nullif(sum(case when is_cancelled or is_diverted then 0 else 1 end), 0) as mean_arrival_delay_minutes,
  100 * cast(sum(passenger_km) as double) / nullif(sum(seat_km), 0) as load_factor_pct
from star.fct_flight
where is_closed and flight_date <= $day and flight_date >= $day - 56 and (($day - flight_date) % 7) = 0
group by flight_date
order by flight_date
"""


class Anomaly(NamedTuple):
    """A figure of the day beside its past: `n` days, `away` in estimated standard deviations (None: not known, or the
    past does not vary)."""

    figure: str
    value: float | None
    median: float | None
    mad: float | None
    n: int
    away: float | None

    @property
    def is_unusual(self) -> bool:
        """Also where the past never varied and this day does."""
        if self.n < LEAST_DAYS or self.value is None or self.median is None:
            return False
        return abs(self.away) > UNUSUAL if self.away is not None else self.value != self.median


def anomalies(star: duckdb.DuckDBPyConnection, day: date) -> list[Anomaly]:
    """One per figure, in the order of the report."""
    table = rows(star, _BY_DAY, {"day": day})
    of_day = table.filter(table["flight_date"] == day)
    before = table.filter(table["flight_date"] < day)
    return [
        against(name, of_day[name][0] if of_day.height else None, before[name].drop_nulls().to_list())
        for name in table.columns[1:]
    ]


def against(figure: str, value: float | None, past: list[float]) -> Anomaly:
    """A value beside those of the past."""
    if len(past) < LEAST_DAYS:
        return Anomaly(figure, value, None, None, len(past), None)
    middle = median(past)
    mad = median(abs(one - middle) for one in past)
    away = (value - middle) / (_NORMAL * mad) if value is not None and mad > 0 else None
    return Anomaly(figure, value, middle, mad, len(past), away)
