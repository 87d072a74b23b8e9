"""The high seasons that rules may name: when full flights and queues are the plan, not the exception.

Mexico's: spring break with Easter, the school holidays, Christmas; first and last day each. The simulator makes its
demand by the same days. A row is in the season of its own UTC date, so one that looks back over 28 days enters a season
with its first day and leaves it with its last; Mexico City's midnight comes six hours after UTC's.
"""

from datetime import datetime
from typing import Final, Literal

Season = Literal["spring", "summer", "winter"]
_Day = tuple[int, int]

HIGH_SEASONS: Final[dict[Season, tuple[_Day, _Day]]] = {
    "spring": ((3, 25), (4, 10)),
    "summer": ((7, 15), (8, 15)),
    "winter": ((12, 15), (1, 15)),
}


def season_at(at: datetime) -> Season | None:
    """The high season of an instant's UTC date; None between them."""
    day = (at.month, at.day)
    for season, (first, last) in HIGH_SEASONS.items():
        if (first <= day <= last) if first <= last else (day >= first or day <= last):
            return season
    return None
