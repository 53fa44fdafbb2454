"""Departments' working calendars from settings: zone by department, weekdays, holidays and the day's end for all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, time
from zoneinfo import ZoneInfo

from services.score.domain.working_days import WorkingCalendar


class SettingsCalendars:
    """See `ports.Calendars`. Raises ZoneInfoNotFoundError (a KeyError) for a zone that does not exist."""

    def __init__(
        self,
        *,
        company_zone: str,
        department_zones: Mapping[str, str],
        weekdays: Collection[int],
        holidays: Collection[date],
        extra_days: Collection[date],
        day_ends: time,
    ) -> None:
        self._company = WorkingCalendar(
            zone=ZoneInfo(company_zone),
            weekdays=frozenset(weekdays),
            holidays=frozenset(holidays),
            extra_days=frozenset(extra_days),
            day_ends=day_ends,
        )
        self._departments = {
            department: replace(self._company, zone=ZoneInfo(zone)) for department, zone in department_zones.items()
        }

    def of_department(self, department_id: str | None) -> WorkingCalendar:
        return self._departments.get(department_id or "", self._company)
