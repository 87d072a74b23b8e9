"""When an operator wants to hear nothing: once, or every week in some place's local time.

Local times that do not exist, or exist twice, at a change of the clocks: a window never ends up shorter than it reads.
A begin or an end inside the hour that is skipped is the instant of the skip; of an hour that is lived twice, the first
one begins a window and the second one ends it. So 22:00 to 06:00 is 7, 8 or 9 hours long, and 02:30 to 03:30 in the
night that has no 02:30 begins at 03:00.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from alerts.selectors import Selector, Subject

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Weekly(msgspec.Struct, frozen=True, kw_only=True):
    """From `begin` to `end` local time on the days it begins on; an end that is not later is on the next day."""

    zone: str
    weekdays: tuple[Weekday, ...]
    begin: time
    end: time

    def span(self, day: date) -> tuple[datetime, datetime]:
        """The window that begins on this local date, in UTC, whatever its weekday; its end is not in it."""
        zone = ZoneInfo(self.zone)
        last = day if self.end > self.begin else day + timedelta(days=1)
        return _instant(datetime.combine(day, self.begin), zone, 0), _instant(datetime.combine(last, self.end), zone, 1)

    def end_of_window_at(self, now: datetime) -> datetime | None:
        """When the window ends that `now` is in; None if it is in none."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        ends = []
        for day in (today - timedelta(days=2), today - timedelta(days=1), today):
            begin_at, end_at = self.span(day)
            if WEEKDAYS[day.weekday()] in self.weekdays and begin_at <= now < end_at:
                ends.append(end_at)
        return max(ends, default=None)


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts that match go to nobody from `starts_at` to `ends_at`; with `weekly`, in those windows in between.

    A snooze is a silence of one light. `ended_by` names who took it back before its end.
    """

    silence_id: str
    match: Selector
    author: str
    comment: str
    starts_at: datetime
    ends_at: datetime
    weekly: Weekly | None = None
    snooze: bool = False
    ended_by: str = ""

    def until(self, now: datetime) -> datetime | None:
        """When it ends, or its window does; None while it silences nothing."""
        if not self.starts_at <= now < self.ends_at:
            return None
        if self.weekly is None:
            return self.ends_at
        end_at = self.weekly.end_of_window_at(now)
        return None if end_at is None else min(end_at, self.ends_at)

    def words(self, now: datetime) -> str:
        """For the log: who, until when, why."""
        until = self.until(now)
        what = "snoozed" if self.snooze else "silenced"
        end = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
        return f"{what} by {self.author}{end} ({self.silence_id}): {self.comment}"


def silencing(silences: Iterable[Silence], subject: Subject, now: datetime) -> Silence | None:
    """Of those that silence the subject now, the one that lasts longest."""
    found = [
        (until, one.silence_id, one)
        for one in silences
        if (until := one.until(now)) is not None and one.match.matches(subject)
    ]
    return max(found, key=lambda one: one[:2])[2] if found else None


def _instant(local: datetime, zone: ZoneInfo, fold: int) -> datetime:
    aware = local.replace(tzinfo=zone, fold=fold)
    instant = aware.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local:
        return instant
    # Skipped: both readings of the clock bracket the instant of the skip, and it lies where the offset changes.
    low, high = sorted(local.replace(tzinfo=zone, fold=f).astimezone(UTC) for f in (0, 1))
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).replace(tzinfo=None) < local:
            low = middle
        else:
            high = middle
    return high.replace(second=0, microsecond=0)  # clocks change at whole minutes
