"""Work calendars of departments over HTTP: the end of the day that samples wait for, and which days count."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.review.domain.calendar import MOST_DATES, WorkCalendar
from services.review.domain.people import Viewer
from services.review.domain.permissions import Action
from services.review.handlers.calendars import put_calendar
from services.review.ports.people import Desk
from services.review.web.api.desk import API, TellerDep
from services.review.web.api.people import PathId
from services.review.web.etags import ExpectedVersion, etag
from services.review.web.security import GuardDep, request_id, require
from services.runtime.errors import NotFound

router = APIRouter(prefix=API, tags=["people"])

Reader = Annotated[Viewer, Depends(require(Action.PEOPLE_READ))]
Keeper = Annotated[Viewer, Depends(require(Action.SETTINGS_MANAGE))]
WeekDay = Annotated[int, Field(ge=1, le=7)]


class CalendarIn(BaseModel):
    """ISO week days (1 is Monday), the local time at which the day ends, dates off, and dates worked all the same."""

    model_config = ConfigDict(extra="forbid")
    week_days: list[WeekDay] = Field(max_length=7, examples=[[1, 2, 3, 4, 5]])
    day_ends: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["18:00"])]
    days_off: list[date] = Field(default_factory=list, max_length=MOST_DATES, examples=[["2027-01-01"]])
    days_on: list[date] = Field(default_factory=list, max_length=MOST_DATES)

    def calendar(self, zone: str = "UTC") -> WorkCalendar:
        """As the domain names it; the zone is the department's."""
        hours, _, minutes = self.day_ends.partition(":")
        ends = time(int(hours), int(minutes))
        return WorkCalendar(zone, frozenset(self.week_days), ends, frozenset(self.days_off), frozenset(self.days_on))


class CalendarOut(CalendarIn):
    """The calendar in force; `own` false (version 0): the company's."""

    zone: str
    own: bool
    version: int


def calendar_out(calendar: WorkCalendar, version: int) -> CalendarOut:
    """The calendar as JSON."""
    return CalendarOut(
        week_days=sorted(calendar.week_days),
        day_ends=calendar.day_ends.strftime("%H:%M"),
        days_off=sorted(calendar.days_off),
        days_on=sorted(calendar.days_on),
        zone=calendar.zone,
        own=version > 0,
        version=version,
    )


@router.get("/departments/{department_id}/calendar", summary="When a department works")
def read_calendar(
    department_id: PathId, _viewer: Reader, guard: GuardDep, request: Request, response: Response
) -> CalendarOut:
    """The calendar in force; its version is the ETag."""
    company: WorkCalendar = request.app.state.company_calendar
    with guard.desks.reading() as desk:
        department = desk.people.department(department_id)
        if department is None:
            raise NotFound("There is no such department.")
        found = desk.calendars.own(department_id, department.zone) or (replace(company, zone=department.zone), 0)
    response.headers["ETag"] = etag(found[1])
    return calendar_out(*found)


@router.put("/departments/{department_id}/calendar", summary="Say when a department works")
def write_calendar(
    department_id: PathId,
    body: CalendarIn,
    viewer: Keeper,
    guard: GuardDep,
    version: ExpectedVersion,
    request: Request,
    teller: TellerDep,
) -> CalendarOut:
    """From now on samples are drawn and deadlines counted by it; version 0 while the company's calendar holds."""

    def command(desk: Desk) -> tuple[CalendarOut, int]:
        department = desk.people.department(department_id)
        wanted = body.calendar(department.zone if department else "UTC")
        stored = put_calendar(desk, viewer, department_id, wanted, version=version, request_id=request_id(request))
        return calendar_out(wanted, stored), stored

    return teller.carry_out_in(guard.desks(), viewer, body, command)  # type: ignore[return-value]
