"""When a department works: which local dates, and at which instant its working day ends (domain.md §4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK = frozenset({1, 2, 3, 4, 5})
ONE_DAY = timedelta(days=1)
MOST_DATES = 400


@dataclass(frozen=True)
class WorkCalendar:
    """A department's calendar: IANA zone, ISO week days (1 is Monday), local end of the day, exceptions both ways."""

    zone: str
    week_days: frozenset[int] = WEEK
    day_ends: time = time(18, 0)
    days_off: frozenset[date] = frozenset()
    days_on: frozenset[date] = frozenset()

    def works(self, day: date) -> bool:
        """Whether it is a working day."""
        return day in self.days_on or (day.isoweekday() in self.week_days and day not in self.days_off)

    def end_of(self, day: date) -> datetime:
        """The instant (aware UTC) at which that local day's work ends.

        In a gap of the clock (an hour, or in Apia on 2011-12-30 a whole day, that never was) the old offset holds; of
        two equal times the first one counts. So every date has exactly one end, and ends never go back in time.
        """
        return datetime.combine(day, self.day_ends, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)


def faults_of_calendar(calendar: WorkCalendar) -> tuple[str, ...]:
    """What is wrong with a calendar as somebody typed it: codes, empty when it is in order."""
    faults = []
    if not calendar.week_days <= set(range(1, 8)):
        faults.append("bad_week_day")
    if not calendar.week_days and not calendar.days_on:
        faults.append("never_works")
    if calendar.days_off & calendar.days_on:
        faults.append("day_off_and_on")
    if len(calendar.days_off) > MOST_DATES or len(calendar.days_on) > MOST_DATES:
        faults.append("too_many_dates")
    return tuple(faults)


def days_due(calendar: WorkCalendar, after: date, now: datetime) -> Iterator[date]:
    """The working days after `after` whose end has come by `now` (aware UTC), in order: what a sample still owes."""
    day = after + ONE_DAY
    while calendar.end_of(day) <= now:
        if calendar.works(day):
            yield day
        day += ONE_DAY


def due_time(calendar: WorkCalendar, made_at: datetime, working_days: int) -> datetime:
    """The end of the working day that many working days after an instant (aware UTC), at least one day's end ahead."""
    day = made_at.astimezone(ZoneInfo(calendar.zone)).date()
    left = max(1, working_days)
    for _ in range(3660):
        if calendar.works(day) and calendar.end_of(day) > made_at:
            left -= 1
            if left == 0:
                return calendar.end_of(day)
        day += ONE_DAY
    return made_at + timedelta(days=working_days)
