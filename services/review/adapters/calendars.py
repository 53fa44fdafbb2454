"""The work calendars that departments have of their own, in the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time

from sqlalchemy import Connection, insert, select, update

from services.review.adapters.tables_credit import work_calendars
from services.review.domain.calendar import WorkCalendar
from services.runtime.errors import StaleVersion


class CalendarStore:
    """The port `Calendars` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def own(self, department_id: str, zone: str) -> tuple[WorkCalendar, int] | None:
        """The department's own calendar and its version; None when it works by the company's."""
        row = self._connection.execute(
            select(work_calendars).where(work_calendars.c.department_id == department_id)
        ).one_or_none()
        if row is None:
            return None
        calendar = WorkCalendar(
            zone,
            frozenset(int(day) for day in row.week_days.split(",") if day),
            time.fromisoformat(row.day_ends),
            _dates(row.days_off),
            _dates(row.days_on),
        )
        return calendar, int(row.version)

    def put(self, department_id: str, calendar: WorkCalendar, version: int) -> int:
        """Stores it over the version that stood (0: none); gives the next one. Raises StaleVersion."""
        values = {
            "week_days": ",".join(str(day) for day in sorted(calendar.week_days)),
            "day_ends": calendar.day_ends.strftime("%H:%M"),
            "days_off": _text(calendar.days_off),
            "days_on": _text(calendar.days_on),
            "version": version + 1,
        }
        if version == 0:
            self._connection.execute(insert(work_calendars).values(department_id=department_id, **values))
            return 1
        held = (work_calendars.c.department_id == department_id, work_calendars.c.version == version)
        if self._connection.execute(update(work_calendars).where(*held).values(**values)).rowcount != 1:
            raise StaleVersion("Somebody changed this calendar meanwhile; look again.")
        return version + 1


def _dates(text: str) -> frozenset[date]:
    return frozenset(date.fromisoformat(part) for part in text.split(",") if part)


def _text(days: Iterable[date]) -> str:
    return ",".join(day.isoformat() for day in sorted(days))
