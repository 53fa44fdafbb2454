"""The administrator's pages: people, settings, what arrives, and what was put aside."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request, Response

from services.review.domain.people import HUMAN_ROLES, Language, Person, Role, Viewer
from services.review.domain.permissions import Action
from services.review.handlers import people as handlers
from services.review.handlers.refusals import NotFound
from services.review.web.pages.house import House, go
from services.review.web.pages.routing import Fields, HouseDep, pages_router, text, version
from services.review.web.security import request_id, require

router = pages_router()
LETTERS = 200
Manager = Annotated[Viewer, Depends(require(Action.PEOPLE_MANAGE))]
Keeper = Annotated[Viewer, Depends(require(Action.SETTINGS_MANAGE))]
Operator = Annotated[Viewer, Depends(require(Action.DEAD_LETTERS_MANAGE))]


@router.get("/admin")
def people(request: Request, house: HouseDep, viewer: Manager) -> Response:
    """Everybody, also those who are let in no more."""
    with house.guard.desks.reading() as desk:
        everybody = desk.people.everybody()
        departments = {each.department_id: each.name for each in desk.people.departments()}
    return house.page(request, viewer, "admin_people.html", tab="people", everybody=everybody, departments=departments)


@router.get("/admin/people/{person_id}")
def person(person_id: str, request: Request, house: HouseDep, viewer: Manager) -> Response:
    """One person; `new` is the form for somebody new."""
    with house.guard.desks.reading() as desk:
        found = desk.people.person(person_id) if person_id != "new" else None
        departments = desk.people.departments()
        sellers = desk.people.everybody(active=True, role=Role.SELLER)
    if found is None and person_id != "new":
        raise NotFound("There is no such person.")
    return house.page(
        request,
        viewer,
        "admin_person.html",
        tab="people",
        person=found,
        departments=departments,
        sellers=sellers,
        roles=sorted(role.value for role in HUMAN_ROLES),
    )


@router.post("/admin/people")
def add(request: Request, house: HouseDep, viewer: Manager, fields: Fields) -> Response:
    """Takes somebody in and shows his first password once."""
    newcomer = _typed(fields, text(fields, "person_id").strip(), None)
    with house.guard.desks() as desk:
        handlers.add_person(desk, viewer, newcomer, request_id=request_id(request))
    return _password_page(request, house, viewer, newcomer.person_id)


@router.post("/admin/people/{person_id}")
def change(person_id: str, request: Request, house: HouseDep, viewer: Manager, fields: Fields) -> Response:
    """Changes name, role, departments, mentees."""
    with house.guard.desks() as desk:
        held = desk.people.person(person_id)
        if held is None:
            raise NotFound("There is no such person.")
        changed = replace(_typed(fields, person_id, held), version=version(fields))
        handlers.change_person(desk, viewer, changed, request_id=request_id(request))
    return go("/admin", "admin.changed", name=changed.name)


@router.post("/admin/people/{person_id}/password")
def password(person_id: str, request: Request, house: HouseDep, viewer: Manager, fields: Fields) -> Response:
    """A new first password, seen once; on request without the second factor."""
    return _password_page(request, house, viewer, person_id, forget_factor=text(fields, "second_factor") == "1")


@router.post("/admin/people/{person_id}/deactivate")
def deactivate(person_id: str, request: Request, house: HouseDep, viewer: Manager, fields: Fields) -> Response:
    """Lets him in no more; his tasks go to others."""
    why = text(fields, "why").strip() or "–"
    with house.guard.desks() as desk:
        handed = handlers.deactivate(
            desk, viewer, person_id, version=version(fields), why=why, request_id=request_id(request)
        )
    return go("/admin", "admin.deactivated", n=handed)


def _password_page(
    request: Request, house: House, viewer: Viewer, person_id: str, *, forget_factor: bool = False
) -> Response:
    guard = house.guard
    secret = handlers.set_first_password(
        guard.desks,
        guard.hasher,
        guard.secrets,
        viewer,
        person_id,
        also_second_factor=forget_factor,
        request_id=request_id(request),
    )
    return house.page(request, viewer, "admin_password.html", tab="people", person_id=person_id, secret=secret)


def _typed(fields: Fields, person_id: str, held: Person | None) -> Person:
    base = held or Person(person_id=person_id, name="", role=Role.SELLER)
    role, language = text(fields, "role"), text(fields, "language")
    return replace(
        base,
        name=text(fields, "name").strip(),
        role=Role(role) if role in set(HUMAN_ROLES) else base.role,
        department_ids=frozenset(value for value in fields.getlist("department") if isinstance(value, str)),
        mentee_ids=frozenset(value for value in fields.getlist("mentee") if isinstance(value, str)),
        language=Language(language) if language in set(Language) else base.language,
        email=text(fields, "email").strip() or None,
    )


@router.get("/admin/sources")
def sources(request: Request, house: HouseDep, viewer: Operator) -> Response:
    """What arrives, with the last message and errors."""
    return house.page(request, viewer, "admin_sources.html", tab="sources", rows=house.shelf.sources())


@router.get("/admin/letters")
def letters(request: Request, house: HouseDep, viewer: Operator) -> Response:
    """What was put aside, and why."""
    return house.page(request, viewer, "admin_letters.html", tab="letters", letters=house.shelf.letters(LETTERS))


@router.post("/admin/letters/{seq}/replay")
def replay(seq: int, house: HouseDep, viewer: Operator) -> Response:
    """Tries a dead letter again."""
    done = house.shelf.replay(viewer, seq)
    return go("/admin/letters", "admin.replayed" if done else "error.refused", "good" if done else "bad")


@router.get("/admin/settings")
def settings(request: Request, house: HouseDep, viewer: Keeper) -> Response:
    """The settings in force, secrets masked; they are changed in the environment."""
    return house.page(request, viewer, "admin_settings.html", tab="settings", settings=house.settings)
