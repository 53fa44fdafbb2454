"""Adds, changes and dismisses people; what they leave behind goes to others, and every change is in the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from services.review.domain.passwords import PasswordFault, fault_of
from services.review.domain.people import SYSTEM, Department, Person, Role, Viewer, faults_of, faults_of_department
from services.review.domain.permissions import Action, permits
from services.review.handlers.refusals import NotFound, NotPermitted, Refusal, demand_seen
from services.review.ports.people import Desk, Desks, Hasher, Newcomer, Secrets

# What makes a new version of a person; the log tells by them who was faster.
PERSON_CHANGES = ("person.added", "person.changed", "person.deactivated", "person.password_reset")


class BadPerson(Refusal):
    """What was typed about a person or department does not fit together; `faults` are codes."""

    code: ClassVar[str] = "bad_person"

    def __init__(self, who: str, faults: Sequence[str]) -> None:
        super().__init__(f"{who or 'This'} cannot be stored: {', '.join(faults)}.")
        self.faults = tuple(faults)


class WeakPassword(Refusal):
    """The password is too easy; `fault` says why."""

    code: ClassVar[str] = "weak_password"

    def __init__(self, fault: PasswordFault) -> None:
        super().__init__("Choose another password: at least 10 characters, not a common one, not your own name.")
        self.fault = fault


class LastAdmin(Refusal):
    """Somebody has to be able to let people in."""

    code: ClassVar[str] = "last_admin"


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    departments: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    same: int


def facts_of_person(person: Person) -> dict[str, Any]:
    """What the audit log keeps of a person: no address."""
    return {
        "name": person.name,
        "role": person.role.value,
        "departments": sorted(person.department_ids),
        "mentees": sorted(person.mentee_ids),
        "active": person.active,
        "zone": person.zone,
        "language": person.language.value,
        "hired_on": person.hired_on,
        "version": person.version,
    }


def add_person(desk: Desk, actor: Viewer, person: Person, *, request_id: str | None = None) -> Person:
    """Takes in a person without a password. Raises NotPermitted, BadPerson."""
    _check_manager(actor)
    _check(desk, person)
    if desk.people.person(person.person_id) is not None or _login_taken(desk, person):
        raise BadPerson(person.person_id, ["person_exists"])
    desk.people.add(person, desk.now)
    desk.audit.record(
        actor=actor,
        action="person.added",
        object_kind="person",
        object_id=person.person_id,
        after=facts_of_person(person),
        request_id=request_id,
    )
    return person


def change_person(desk: Desk, actor: Viewer, changed: Person, *, request_id: str | None = None) -> Person:
    """Stores a person as changed. A new role, department or mentee ends his sessions, so that rights are asked anew.

    Raises NotPermitted (also for one's own role), BadPerson, Outrun, LastAdmin, NotFound.
    """
    _check_manager(actor)
    before = _person(desk, changed.person_id, changed.version)
    _check(desk, changed)
    rights = _rights(before) != _rights(changed)
    if rights and actor.person_id == changed.person_id:
        raise NotPermitted("Your own role and departments are changed by another administrator.")
    if before.role is Role.ADMIN and changed.role is not Role.ADMIN:
        _check_not_last_admin(desk, before)
    stored = desk.people.change(changed)
    if rights:
        desk.credentials.end_everything(changed.person_id)
    if before.role in (Role.CONTROLLER, Role.HEAD, Role.MENTOR) and before.role is not changed.role:
        desk.tasks.hand_over_all(changed.person_id, actor=actor, now=desk.now)
    desk.audit.record(
        actor=actor,
        action="person.changed",
        object_kind="person",
        object_id=changed.person_id,
        before=facts_of_person(before),
        after=facts_of_person(stored),
        request_id=request_id,
    )
    return stored


def deactivate(
    desk: Desk, actor: Viewer, person_id: str, *, version: int | None = None, why: str, request_id: str | None = None
) -> int:
    """Lets nobody in as this person any more and hands over his open work; how many tasks went to others.

    Raises NotPermitted (oneself), NotFound, Outrun, LastAdmin.
    """
    _check_manager(actor)
    if actor.person_id == person_id:
        raise NotPermitted("You cannot dismiss yourself.")
    before = _person(desk, person_id, version)
    if not before.active:
        return 0
    _check_not_last_admin(desk, before)
    desk.people.change(replace(before, active=False))
    desk.credentials.end_everything(person_id)
    handed = desk.tasks.hand_over_all(person_id, actor=actor, now=desk.now)
    desk.audit.record(
        actor=actor,
        action="person.deactivated",
        object_kind="person",
        object_id=person_id,
        before={"active": True},
        after={"active": False, "handed_over": handed},
        why=why,
        request_id=request_id,
    )
    return handed


@dataclass(frozen=True)
class MadePassword:
    """A password for somebody and its hash; made before the transaction that gives it, because hashing is slow."""

    person_id: str
    plain: str
    hashed: str


def make_password(
    desks: Desks, hasher: Hasher, secrets: Secrets, actor: Viewer, person_id: str, password: str | None = None
) -> MadePassword:
    """A password (the given one or a fresh one) that fits the person. Raises NotPermitted, NotFound, WeakPassword."""
    _check_manager(actor)
    chosen = password or secrets.password()
    with desks() as desk:
        person = _person(desk, person_id)
    check_password(chosen, person)
    return MadePassword(person_id, chosen, hasher.hash(chosen))


def give_password(
    desk: Desk,
    actor: Viewer,
    made: MadePassword,
    *,
    version: int | None = None,
    must_change: bool = True,
    also_second_factor: bool = False,
    request_id: str | None = None,
) -> Person:
    """The password is the person's from now on; his sessions end. Raises NotPermitted, NotFound, Outrun.

    `also_second_factor` forgets his second factor (a lost telephone).
    """
    _check_manager(actor)
    stored = desk.people.change(_person(desk, made.person_id, version))
    desk.credentials.set_password(made.person_id, made.hashed, must_change=must_change, now=desk.now)
    if also_second_factor:
        desk.credentials.set_totp(made.person_id, None)
    desk.credentials.end_everything(made.person_id)
    desk.audit.record(
        actor=actor,
        action="person.password_reset",
        object_kind="person",
        object_id=made.person_id,
        after={"must_change": must_change, "second_factor_reset": also_second_factor, "version": stored.version},
        request_id=request_id,
    )
    return stored


def set_first_password(
    desks: Desks,
    hasher: Hasher,
    secrets: Secrets,
    actor: Viewer,
    person_id: str,
    *,
    password: str | None = None,
    must_change: bool = True,
    also_second_factor: bool = False,
    version: int | None = None,
    request_id: str | None = None,
) -> str:
    """Gives a person a password that he must change at log-in; returns it, the only time it is seen.

    Raises NotPermitted, NotFound, WeakPassword, Outrun.
    """
    made = make_password(desks, hasher, secrets, actor, person_id, password)
    with desks() as desk:
        give_password(
            desk,
            actor,
            made,
            version=version,
            must_change=must_change,
            also_second_factor=also_second_factor,
            request_id=request_id,
        )
    return made.plain


def create_first_admin(desks: Desks, hasher: Hasher, secrets: Secrets, person_id: str, name: str) -> str:
    """The first administrator of an empty house; returns his first password. Raises NotPermitted when there is one."""
    with desks() as desk:
        if desk.people.has_role(Role.ADMIN):
            raise NotPermitted("There is an administrator already; he lets in the others.")
        add_person(desk, SYSTEM, Person(person_id=person_id, name=name, role=Role.ADMIN))
    return set_first_password(desks, hasher, secrets, SYSTEM, person_id)


def import_people(
    desks: Desks, hasher: Hasher, actor: Viewer, departments: Sequence[Department], newcomers: Sequence[Newcomer]
) -> Imported:
    """Takes in or changes many at once, all or none; passwords are set for newcomers only. Raises as the others."""
    for newcomer in newcomers:
        if newcomer.password is not None:
            check_password(newcomer.password, newcomer.person)
    hashes = {each.person.person_id: hasher.hash(each.password) for each in newcomers if each.password is not None}
    with desks() as desk:
        changed_departments = sum(put_department(desk, actor, each) is not None for each in departments)
        added, changed, same = [], [], 0
        # Mentors come last: their mentees must be there.
        for newcomer in sorted(newcomers, key=lambda each: each.person.role is Role.MENTOR):
            person = newcomer.person
            known = desk.people.person(person.person_id)
            if known is None:
                add_person(desk, actor, person)
                if person.person_id in hashes:
                    hashed = hashes[person.person_id]
                    desk.credentials.set_password(person.person_id, hashed, must_change=False, now=desk.now)
                added.append(person.person_id)
            elif replace(person, version=known.version) != known:
                change_person(desk, actor, replace(person, version=known.version))
                changed.append(person.person_id)
            else:
                same += 1
    return Imported(changed_departments, tuple(added), tuple(changed), same)


def put_department(
    desk: Desk, actor: Viewer, department: Department, *, version: int | None = None, request_id: str | None = None
) -> Department | None:
    """Adds (version 0) or changes a department; None when it was so already. Raises NotPermitted, BadPerson, Outrun."""
    _check_manager(actor)
    if faults := faults_of_department(department):
        raise BadPerson(department.department_id, faults)
    before = desk.people.department(department.department_id)
    stands = 0 if before is None else before.version
    demand_seen(desk.audit, "department", department.department_id, ("department.put",), stands=stands, seen=version)
    stored = desk.people.put_department(department)
    if stored is not None:
        desk.audit.record(
            actor=actor,
            action="department.put",
            object_kind="department",
            object_id=department.department_id,
            before=None if before is None else _facts_of_department(before),
            after=_facts_of_department(stored),
            request_id=request_id,
        )
    return stored


def check_password(password: str, person: Person) -> None:
    """Raises WeakPassword."""
    fault = fault_of(password, (person.person_id, person.name, person.email or ""))
    if fault is not None:
        raise WeakPassword(fault)


def _rights(person: Person) -> tuple[Role, frozenset[str], frozenset[str], bool]:
    return person.role, person.department_ids, person.mentee_ids, person.active


def _check_manager(actor: Viewer) -> None:
    if not permits(actor, Action.PEOPLE_MANAGE):
        raise NotPermitted("Only an administrator changes people.")


def _check(desk: Desk, person: Person) -> None:
    faults = list(faults_of(person))
    if not person.department_ids <= {each.department_id for each in desk.people.departments()}:
        faults.append("unknown_department")
    for mentee_id in sorted(person.mentee_ids):
        mentee = desk.people.person(mentee_id)
        if mentee is None or mentee.role is not Role.SELLER:
            faults.append("unknown_mentee")
    if person.email is not None:
        other = desk.credentials.by_login(person.email)
        if other is not None and other.person.person_id != person.person_id:
            faults.append("email_taken")
    if faults:
        raise BadPerson(person.person_id, faults)


def _login_taken(desk: Desk, person: Person) -> bool:
    return desk.credentials.by_login(person.person_id) is not None


def _check_not_last_admin(desk: Desk, person: Person) -> None:
    if person.role is Role.ADMIN and len(desk.people.everybody(active=True, role=Role.ADMIN)) <= 1:
        raise LastAdmin("He is the last administrator; appoint another one first.")


def _person(desk: Desk, person_id: str, version: int | None = None) -> Person:
    """Raises NotFound, Outrun when he is not the one that was seen."""
    person = desk.people.person(person_id)
    if person is None:
        raise NotFound("There is no such person.")
    demand_seen(desk.audit, "person", person_id, PERSON_CHANGES, stands=person.version, seen=version)
    return person


def _facts_of_department(department: Department) -> dict[str, Any]:
    return {
        "name": department.name,
        "kind": department.kind.value,
        "zone": department.zone,
        "version": department.version,
    }
