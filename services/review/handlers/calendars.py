"""An administrator gives a department a work calendar of its own; samples and deadlines follow it from then on."""

from __future__ import annotations

from typing import Any

from services.review.domain.calendar import WorkCalendar, faults_of_calendar
from services.review.domain.people import Viewer
from services.review.domain.permissions import Action, permits
from services.review.handlers.refusals import BadInput, NotFound, NotPermitted, demand_seen
from services.review.ports.people import Desk


def put_calendar(
    desk: Desk,
    actor: Viewer,
    department_id: str,
    calendar: WorkCalendar,
    *,
    version: int | None = None,
    request_id: str | None = None,
) -> int:
    """Stores the calendar (its zone is the department's) and gives its version; version 0 is the company's calendar.

    Samples already drawn stay as they are. Raises NotPermitted, NotFound, BadInput, Outrun.
    """
    if not permits(actor, Action.SETTINGS_MANAGE):
        raise NotPermitted("Only an administrator changes calendars.")
    department = desk.people.department(department_id)
    if department is None:
        raise NotFound("There is no such department.")
    if faults := faults_of_calendar(calendar):
        raise BadInput(faults[0], "This calendar cannot stand: " + ", ".join(faults) + ".")
    before = desk.calendars.own(department_id, department.zone)
    stands = 0 if before is None else before[1]
    demand_seen(desk.audit, "calendar", department_id, ("calendar.put",), stands=stands, seen=version)
    stored = desk.calendars.put(department_id, calendar, stands)
    desk.audit.record(
        actor=actor,
        action="calendar.put",
        object_kind="calendar",
        object_id=department_id,
        before=None if before is None else _facts(*before),
        after=_facts(calendar, stored),
        request_id=request_id,
    )
    return stored


def _facts(calendar: WorkCalendar, version: int) -> dict[str, Any]:
    return {
        "week_days": sorted(calendar.week_days),
        "day_ends": calendar.day_ends.strftime("%H:%M"),
        "days_off": sorted(calendar.days_off),
        "days_on": sorted(calendar.days_on),
        "version": version,
    }
