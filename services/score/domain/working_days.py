"""Which days a department works, and when its day ends, in its own zone; instants come out in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

LONGEST_GAP_DAYS = 60


@dataclass(frozen=True)
class WorkingCalendar:
    """A department's days. Weekdays as in `date.weekday()`: 0 is Monday."""

    zone: tzinfo
    weekdays: frozenset[int] = frozenset(range(5))
    holidays: frozenset[date] = frozenset()
    extra_days: frozenset[date] = frozenset()  # worked although a weekend or a holiday
    day_ends: time = time(20, 0)

    def local_date(self, moment: datetime) -> date:
        """The date that the department's wall calendar shows at this instant."""
        return moment.astimezone(self.zone).date()

    def is_working(self, day: date) -> bool:
        """Whether the department works on that date."""
        return day in self.extra_days or (day.weekday() in self.weekdays and day not in self.holidays)

    def end_of(self, day: date) -> datetime:
        """The instant (UTC) at which that date's work ends."""
        return datetime.combine(day, self.day_ends, tzinfo=self.zone).astimezone(UTC)

    def next_working(self, day: date) -> date:
        """That date, or the first working one after it. Raises ValueError when a calendar never works."""
        for ahead in range(LONGEST_GAP_DAYS):
            candidate = day + timedelta(days=ahead)
            if self.is_working(candidate):
                return candidate
        raise ValueError(f"No working day within {LONGEST_GAP_DAYS} days of {day}.")

    def working_days_from(self, moment: datetime, count: int) -> tuple[date, ...]:
        """The first `count` working dates for what arose at this instant; after the day's end it begins tomorrow."""
        first = self.local_date(moment)
        if self.is_working(first) and moment >= self.end_of(first):
            first += timedelta(days=1)
        days: list[date] = []
        while len(days) < count:
            first = self.next_working(first)
            days.append(first)
            first += timedelta(days=1)
        return tuple(days)
