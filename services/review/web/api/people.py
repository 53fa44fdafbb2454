"""People and departments over HTTP, for administrators; what everybody may know of his colleagues."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.review.domain.people import Department, DepartmentKind, Language, Person, Role, Viewer
from services.review.domain.permissions import Action, CallFacts, permits
from services.review.handlers import people as handlers
from services.review.ports.people import Desk
from services.review.web.api.desk import TellerDep
from services.review.web.etags import ExpectedVersion, etag
from services.review.web.security import GuardDep, request_id, require
from services.runtime.errors import NotFound

router = APIRouter(prefix="/api/v1", tags=["people"])

Reader = Annotated[Viewer, Depends(require(Action.PEOPLE_READ))]
Manager = Annotated[Viewer, Depends(require(Action.PEOPLE_MANAGE))]
PLAIN = r"^[^\x00-\x1f/\x7f]+$"  # no control characters: NUL never reaches the database
Id = Annotated[str, Field(min_length=1, max_length=128, pattern=PLAIN, examples=["marina"])]
PathId = Annotated[str, Path(min_length=1, max_length=128, pattern=PLAIN, examples=["marina"])]


class PersonIn(BaseModel):
    """A person as an administrator writes him down."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=200, examples=["Марина Ковалёва"])
    role: Role
    department_ids: list[Id] = Field(default_factory=list, max_length=100)
    mentee_ids: list[Id] = Field(default_factory=list, max_length=1000)
    language: Language = Language.RU
    zone: str = Field(default="Europe/Moscow", max_length=64)
    email: str | None = Field(default=None, max_length=254, pattern=PLAIN)
    hired_on: date | None = None


class NewPersonIn(PersonIn):
    """A new person and the id by which the company's systems know him."""

    person_id: Id


class PersonOut(BaseModel):
    """A person; `email` only for administrators and himself."""

    person_id: str
    name: str
    role: Role
    department_ids: list[str]
    mentee_ids: list[str]
    active: bool
    language: Language
    zone: str
    email: str | None
    hired_on: date | None
    version: int


class PeopleOut(BaseModel):
    """People by name."""

    people: list[PersonOut]


class DepartmentIn(BaseModel):
    """A department and the zone in which its day ends."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=200)
    kind: DepartmentKind
    zone: str = Field(default="Europe/Moscow", max_length=64)


class DepartmentOut(DepartmentIn):
    """A department; `version` is for If-Match."""

    department_id: str
    version: int


class DepartmentsOut(BaseModel):
    """Departments by name."""

    departments: list[DepartmentOut]


class FirstPassword(BaseModel):
    """A password to hand over; it is seen only now and must be changed at log-in."""

    password: str


class Dismissal(BaseModel):
    """Why somebody is let in no more."""

    why: str = Field(min_length=1, max_length=500, pattern=r"^[^\x00]+$", examples=["Ушёл из компании"])


class Dismissed(BaseModel):
    """How many of his tasks went to others."""

    handed_over: int


class ResetIn(BaseModel):
    """Whether the second factor is forgotten too (a lost telephone)."""

    second_factor: bool = False


def person_out(viewer: Viewer, person: Person) -> PersonOut:
    """The person as the viewer may see him."""
    close = permits(viewer, Action.PEOPLE_MANAGE) or viewer.person_id == person.person_id
    return PersonOut(
        person_id=person.person_id,
        name=person.name,
        role=person.role,
        department_ids=sorted(person.department_ids),
        mentee_ids=sorted(person.mentee_ids),
        active=person.active,
        language=person.language,
        zone=person.zone,
        email=person.email if close else None,
        hired_on=person.hired_on,
        version=person.version,
    )


def may_read(viewer: Viewer, person: Person) -> bool:
    """Whether the viewer may know of this person."""
    departments: list[str | None] = [*person.department_ids] or [None]
    return any(
        permits(viewer, Action.PEOPLE_READ, CallFacts.about(person.person_id, department)) for department in departments
    )


@router.get("/people", summary="People")
def list_people(
    viewer: Reader,
    guard: GuardDep,
    active: bool | None = None,
    role: Role | None = None,
    department_id: Annotated[str | None, Query(max_length=128, pattern=PLAIN)] = None,
) -> PeopleOut:
    """Those whom the viewer may see, by name."""
    with guard.desks.reading() as desk:
        found = desk.people.everybody(active=active, role=role, department_id=department_id)
    return PeopleOut(people=[person_out(viewer, person) for person in found if may_read(viewer, person)])


@router.get("/people/{person_id}", summary="One person")
def read_person(person_id: PathId, viewer: Reader, guard: GuardDep, response: Response) -> PersonOut:
    """404 also for those whom the viewer may not see."""
    with guard.desks.reading() as desk:
        person = desk.people.person(person_id)
    if person is None or not may_read(viewer, person):
        raise NotFound("There is no such person.")
    response.headers["ETag"] = etag(person.version)
    return person_out(viewer, person)


@router.post("/people", status_code=201, summary="Take in a person")
def add_person(body: NewPersonIn, viewer: Manager, guard: GuardDep, request: Request, teller: TellerDep) -> PersonOut:
    """The person cannot log in until a first password is made for him."""

    def command(desk: Desk) -> tuple[PersonOut, int]:
        person = _person(body.person_id, body)
        added = handlers.add_person(desk, viewer, person, request_id=request_id(request))
        return person_out(viewer, added), added.version

    return teller.carry_out_in(guard.desks(), viewer, body, command, status=201)  # type: ignore[return-value]


@router.put("/people/{person_id}", summary="Change a person")
def change_person(
    person_id: PathId,
    body: PersonIn,
    viewer: Manager,
    guard: GuardDep,
    version: ExpectedVersion,
    request: Request,
    teller: TellerDep,
) -> PersonOut:
    """A new role, department or mentee ends his sessions."""

    def command(desk: Desk) -> tuple[PersonOut, int]:
        known = desk.people.person(person_id)
        if known is None:
            raise NotFound("There is no such person.")
        wanted = replace(_person(person_id, body), version=version, active=known.active)
        changed = handlers.change_person(desk, viewer, wanted, request_id=request_id(request))
        return person_out(viewer, changed), changed.version

    return teller.carry_out_in(guard.desks(), viewer, body, command)  # type: ignore[return-value]


@router.post("/people/{person_id}/deactivation", summary="Let a person in no more")
def deactivate(
    person_id: PathId,
    body: Dismissal,
    viewer: Manager,
    guard: GuardDep,
    version: ExpectedVersion,
    request: Request,
    teller: TellerDep,
) -> Dismissed:
    """Ends his sessions and tokens and hands over his tasks."""

    def command(desk: Desk) -> tuple[Dismissed, None]:
        handed = handlers.deactivate(
            desk, viewer, person_id, version=version, why=body.why, request_id=request_id(request)
        )
        return Dismissed(handed_over=handed), None

    return teller.carry_out_in(guard.desks(), viewer, body, command)  # type: ignore[return-value]


@router.post("/people/{person_id}/password", summary="Make a first password")
def first_password(
    person_id: PathId,
    body: ResetIn,
    viewer: Manager,
    guard: GuardDep,
    version: ExpectedVersion,
    request: Request,
    teller: TellerDep,
) -> FirstPassword:
    """Ends his sessions; he chooses his own password at log-in. It is shown once: the same key again shows nothing."""
    made = handlers.make_password(guard.desks, guard.hasher, guard.secrets, viewer, person_id)

    def command(desk: Desk) -> tuple[FirstPassword, int]:
        person = handlers.give_password(
            desk,
            viewer,
            made,
            version=version,
            also_second_factor=body.second_factor,
            request_id=request_id(request),
        )
        return FirstPassword(password=made.plain), person.version

    return teller.carry_out_in(guard.desks(), viewer, body, command, shown_once=True)  # type: ignore[return-value]


@router.get("/departments", summary="Departments")
def list_departments(_viewer: Reader, guard: GuardDep) -> DepartmentsOut:
    """All departments, by name."""
    with guard.desks.reading() as desk:
        return DepartmentsOut(departments=[_department_out(each) for each in desk.people.departments()])


@router.get("/departments/{department_id}", summary="One department")
def read_department(department_id: PathId, _viewer: Reader, guard: GuardDep, response: Response) -> DepartmentOut:
    """Its version is the ETag."""
    with guard.desks.reading() as desk:
        found = desk.people.department(department_id)
    if found is None:
        raise NotFound("There is no such department.")
    response.headers["ETag"] = etag(found.version)
    return _department_out(found)


@router.put("/departments/{department_id}", summary="Add or change a department")
def put_department(
    department_id: PathId,
    body: DepartmentIn,
    viewer: Manager,
    guard: GuardDep,
    version: ExpectedVersion,
    request: Request,
    teller: TellerDep,
) -> DepartmentOut:
    """A new one has version 0 until it is there. The same again changes nothing."""
    wanted = Department(department_id, body.name, body.kind, body.zone, version)

    def command(desk: Desk) -> tuple[DepartmentOut, int]:
        stored = handlers.put_department(desk, viewer, wanted, version=version, request_id=request_id(request))
        now = stored or wanted
        return _department_out(now), now.version

    return teller.carry_out_in(guard.desks(), viewer, body, command)  # type: ignore[return-value]


def _department_out(department: Department) -> DepartmentOut:
    return DepartmentOut(
        department_id=department.department_id,
        name=department.name,
        kind=department.kind,
        zone=department.zone,
        version=department.version,
    )


def _person(person_id: str, body: PersonIn) -> Person:
    return Person(
        person_id=person_id,
        name=body.name.strip(),
        role=body.role,
        department_ids=frozenset(body.department_ids),
        mentee_ids=frozenset(body.mentee_ids),
        language=body.language,
        zone=body.zone,
        email=body.email.lower() if body.email else None,
        hired_on=body.hired_on,
    )
