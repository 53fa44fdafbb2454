"""Work calendars: every working day ends exactly once, in order, in any zone; 10 of them here, all in `make zones`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from services.review.domain.calendar import WorkCalendar, days_due, due_time
from tests.faults.review.zones import YEARS, faults_of_zone

ZONES = (
    "Europe/Moscow", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe",
    "Pacific/Apia", "Asia/Almaty", "Europe/Volgograd", "America/St_Johns", "Africa/Casablanca",
)  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
def test_no_day_is_missed_or_doubled(zone: str) -> None:
    assert faults_of_zone(zone, YEARS[0], (0, 2, 18, 23)) == []


def test_a_day_that_never_was_still_ends() -> None:
    calendar = WorkCalendar("Pacific/Apia", frozenset(range(1, 8)))
    ends = [calendar.end_of(date(2011, 12, day)) for day in (29, 30, 31)]
    assert ends == sorted(ends)


def test_exceptions_both_ways() -> None:
    calendar = WorkCalendar(
        "Europe/Moscow", days_off=frozenset({date(2026, 11, 4)}), days_on=frozenset({date(2026, 11, 7)})
    )
    week = [date(2026, 11, 2) + timedelta(days=number) for number in range(7)]
    assert [calendar.works(day) for day in week] == [True, True, False, True, True, True, False]


def test_what_a_sample_owes_after_downtime_is_in_order() -> None:
    calendar = WorkCalendar("Europe/Moscow", day_ends=time(18, 0))
    now = datetime(2026, 11, 24, 14, 59, tzinfo=UTC)  # a minute before Tuesday's end
    assert list(days_due(calendar, date(2026, 11, 18), now)) == [
        date(2026, 11, 19),
        date(2026, 11, 20),
        date(2026, 11, 23),
    ]
    later = now + timedelta(minutes=1)
    assert list(days_due(calendar, date(2026, 11, 23), later)) == [date(2026, 11, 24)]


@pytest.mark.parametrize(
    ("made", "days", "due"),
    [
        ("2026-11-24T09:00+00:00", 1, "2026-11-24T15:00+00:00"),
        ("2026-11-24T09:00+00:00", 2, "2026-11-25T15:00+00:00"),
        ("2026-11-24T15:00+00:00", 1, "2026-11-25T15:00+00:00"),  # after the day's end
        ("2026-11-27T09:00+00:00", 2, "2026-11-30T15:00+00:00"),  # over a weekend
    ],
)
def test_due_time(made: str, days: int, due: str) -> None:
    calendar = WorkCalendar("Europe/Moscow")
    assert due_time(calendar, datetime.fromisoformat(made), days) == datetime.fromisoformat(due)
