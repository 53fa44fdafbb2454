"""When each department works: the administrator sees and changes the days and the hour that samples wait for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time
from typing import Annotated

from fastapi import Depends, Request, Response

from services.review.domain.calendar import WorkCalendar
from services.review.domain.people import Viewer
from services.review.domain.permissions import Action
from services.review.handlers.calendars import put_calendar
from services.review.handlers.refusals import BadInput
from services.review.web.pages.house import go
from services.review.web.pages.routing import Fields, HouseDep, pages_router, text, version
from services.review.web.security import request_id, require
from services.runtime.errors import NotFound

router = pages_router()
Keeper = Annotated[Viewer, Depends(require(Action.SETTINGS_MANAGE))]


@router.get("/admin/calendars")
def show(request: Request, house: HouseDep, viewer: Keeper) -> Response:
    """Every department with the calendar in force, its own or the company's."""
    company: WorkCalendar = request.app.state.company_calendar
    rows = []
    with house.guard.desks.reading() as desk:
        for department in desk.people.departments():
            own = desk.calendars.own(department.department_id, department.zone)
            calendar, stands = own or (replace(company, zone=department.zone), 0)
            rows.append((department, calendar, stands))
    return house.page(request, viewer, "admin_calendars.html", tab="calendars", rows=rows)


@router.post("/admin/calendars/{department_id}")
def change(department_id: str, request: Request, house: HouseDep, viewer: Keeper, fields: Fields) -> Response:
    """Gives a department a calendar of its own."""
    with house.guard.desks() as desk:
        department = desk.people.department(department_id)
        if department is None:
            raise NotFound("There is no such department.")
        wanted = WorkCalendar(
            department.zone,
            frozenset(int(day) for day in fields.getlist("week_day") if isinstance(day, str) and day in "1234567"),
            _hour(text(fields, "day_ends")),
            frozenset(_dates(text(fields, "days_off"))),
            frozenset(_dates(text(fields, "days_on"))),
        )
        put_calendar(desk, viewer, department_id, wanted, version=version(fields), request_id=request_id(request))
    return go("/admin/calendars", "admin.changed", name=department.name)


def _hour(typed: str) -> time:
    try:
        return time.fromisoformat(typed[:5])
    except ValueError as wrong:
        raise BadInput("bad_hour", "An hour is written HH:MM.") from wrong


def _dates(typed: str) -> Sequence[date]:
    try:
        return [date.fromisoformat(each) for each in typed.replace(",", " ").split()]
    except ValueError as wrong:
        raise BadInput("bad_date", "A day is written YYYY-MM-DD.") from wrong
