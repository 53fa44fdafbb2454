"""`make zones`: the daily sample over every IANA zone, two years and every hour of the day: none missed, none doubled.

Some zones changed their offset by a day or repeat an hour; cron libraries stumble there. A simulated scheduler looks
every 17 minutes; each working day must come exactly once, in order, and not before its end.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import available_timezones

from services.review.domain.calendar import WorkCalendar, days_due

# The years in which zones did their worst, and the present one.
YEARS = ((2011, 2012), (2026, 2027))
LOOK = timedelta(minutes=17)


@dataclass(frozen=True)
class Remembering(WorkCalendar):
    """A calendar that works out each day's end once: the simulation asks for it again and again."""

    ends: dict[date, datetime] = field(default_factory=dict)

    def end_of(self, day: date) -> datetime:
        if day not in self.ends:
            self.ends[day] = WorkCalendar.end_of(self, day)
        return self.ends[day]


def faults_of_zone(zone: str, years: tuple[int, int], hours: Iterable[int]) -> list[str]:
    """What went wrong in a zone over two years, for each hour at which the day may end."""
    faults = []
    for hour in hours:
        calendar = Remembering(zone, frozenset({1, 2, 3, 4, 5}), time(hour, 0))
        first, last = date(years[0], 1, 1), date(years[1], 12, 31)
        sampled = simulate(calendar, first, last)
        wanted = [
            day for day in (first + timedelta(days=n) for n in range((last - first).days + 1)) if calendar.works(day)
        ]
        got = [day for day, _ in sampled]
        if got != wanted:
            faults.append(
                f"{zone} {hour:02d}:00 — {len(set(wanted) - set(got))} missed, {len(got) - len(set(got))} doubled"
            )
        early = [day for day, at in sampled if at < calendar.end_of(day)]
        late = [day for day, at in sampled if at - calendar.end_of(day) > LOOK]
        if early or late:
            faults.append(f"{zone} {hour:02d}:00 — {len(early)} early, {len(late)} late")
    return faults


def simulate(calendar: WorkCalendar, first: date, last: date) -> list[tuple[date, datetime]]:
    """(day, instant) of every sample. Between two ends the scheduler sees nothing, so those looks are left out."""
    done, found = first - timedelta(days=1), []
    day = first
    while day <= last:
        due = calendar.end_of(day)
        # the last look before the end, and the first at or after it
        for at in (due - timedelta(seconds=1), due, due + LOOK):
            for each in days_due(calendar, done, at):
                if each <= last:
                    found.append((each, at))
                done = max(done, each)
        day += timedelta(days=1)
    return found


def all_faults(zone: str) -> list[str]:
    """What went wrong in a zone in all years, whatever the hour."""
    return [fault for years in YEARS for fault in faults_of_zone(zone, years, range(24))]


def main() -> int:
    """Prints what was simulated and every fault; exit code 1 when there is any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--zones", nargs="*", default=sorted(available_timezones()))
    asked = parser.parse_args()
    began = datetime.now(UTC)
    with ProcessPoolExecutor() as pool:
        faults = [fault for found in pool.map(all_faults, asked.zones, chunksize=4) for fault in found]
    days = len(asked.zones) * len(YEARS) * 24 * 522
    print(f"{len(asked.zones)} zones, {len(YEARS)} × 2 years, 24 hours: about {days} samples, {len(faults)} faults")
    for fault in faults:
        print(fault)
    print(f"{(datetime.now(UTC) - began).total_seconds():.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
