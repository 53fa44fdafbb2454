"""Who the people of the company are, and who is acting now; every rule about people starts from these nouns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

PERSON_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,127}")
MAX_NAME = 200


class Role(StrEnum):
    """What a person is in the company; a person has exactly one."""

    SELLER = "seller"
    MENTOR = "mentor"
    CONTROLLER = "controller"
    HEAD = "head"
    ANALYST = "analyst"
    ADMIN = "admin"
    SYSTEM = "system"


HUMAN_ROLES = frozenset(Role) - {Role.SYSTEM}

# Whoever decides about pay or about people proves himself twice (ASVS 6.3.3).
SECOND_FACTOR_ROLES = frozenset({Role.HEAD, Role.CONTROLLER, Role.ADMIN})


class DepartmentKind(StrEnum):
    """Which of the two regulations a department works by."""

    CALL_CENTER = "call_center"
    SALES = "sales"


class Language(StrEnum):
    """Languages of the interface and of notices."""

    RU = "ru"
    EN = "en"


@dataclass(frozen=True)
class Department:
    """A department and the zone in which its working day ends (IANA name)."""

    department_id: str
    name: str
    kind: DepartmentKind
    zone: str = "Europe/Moscow"
    version: int = 1


@dataclass(frozen=True)
class Person:
    """Somebody of the company. As a seller he is known in events by `seller_id`, which is his `person_id`."""

    person_id: str
    name: str
    role: Role
    department_ids: frozenset[str] = frozenset()
    mentee_ids: frozenset[str] = frozenset()
    active: bool = True
    language: Language = Language.RU
    zone: str = "Europe/Moscow"
    email: str | None = None
    hired_on: date | None = None
    version: int = 1

    @property
    def seller_id(self) -> str:
        """The id by which calls name this person."""
        return self.person_id


@dataclass(frozen=True)
class Viewer:
    """Who is acting: a person with a session or a token, or the system itself. All permissions are asked of this."""

    person_id: str
    role: Role
    department_ids: frozenset[str] = frozenset()
    mentee_ids: frozenset[str] = frozenset()
    name: str = ""
    language: Language = Language.RU
    zone: str = "Europe/Moscow"
    # Codes of the actions an access token was narrowed to; None is everything the role may.
    narrowed_to: frozenset[str] | None = field(default=None)

    @classmethod
    def of(cls, person: Person, narrowed_to: frozenset[str] | None = None) -> Viewer:
        """The viewer that this person is, optionally narrowed to some actions (codes) by an access token."""
        return cls(
            person_id=person.person_id,
            role=person.role,
            department_ids=person.department_ids,
            mentee_ids=person.mentee_ids,
            name=person.name,
            language=person.language,
            zone=person.zone,
            narrowed_to=narrowed_to,
        )


SYSTEM = Viewer(person_id="system", role=Role.SYSTEM, name="Система")

ROLE_NAMES: dict[Role, dict[Language, str]] = {
    Role.SELLER: {Language.RU: "Менеджер", Language.EN: "Seller"},
    Role.MENTOR: {Language.RU: "Наставник", Language.EN: "Mentor"},
    Role.CONTROLLER: {Language.RU: "Контролёр", Language.EN: "Controller"},
    Role.HEAD: {Language.RU: "Руководитель", Language.EN: "Head"},
    Role.ANALYST: {Language.RU: "Аналитик", Language.EN: "Analyst"},
    Role.ADMIN: {Language.RU: "Администратор", Language.EN: "Administrator"},
    Role.SYSTEM: {Language.RU: "Система", Language.EN: "System"},
}


def faults_of(person: Person) -> tuple[str, ...]:
    """What is wrong with a person as somebody typed him: codes, empty when he is in order."""
    faults = []
    if not PERSON_ID.fullmatch(person.person_id) or person.person_id == SYSTEM.person_id:
        faults.append("bad_person_id")
    if not person.name.strip() or len(person.name) > MAX_NAME or not person.name.isprintable():
        faults.append("bad_name")
    if person.role not in HUMAN_ROLES:
        faults.append("bad_role")
    faults += _faults_of_ties(person)
    if person.email is not None and not is_email(person.email):
        faults.append("bad_email")
    if not is_zone(person.zone):
        faults.append("bad_zone")
    return tuple(faults)


def _faults_of_ties(person: Person) -> list[str]:
    faults = []
    if person.role is Role.SELLER and len(person.department_ids) != 1:
        faults.append("seller_needs_one_department")
    if person.role is Role.HEAD and not person.department_ids:
        faults.append("head_needs_department")
    if person.role is not Role.HEAD and len(person.department_ids) > 1:
        faults.append("only_head_has_several_departments")
    if person.mentee_ids and person.role is not Role.MENTOR:
        faults.append("only_mentor_has_mentees")
    if person.person_id in person.mentee_ids:
        faults.append("mentors_himself")
    return faults


def faults_of_department(department: Department) -> tuple[str, ...]:
    """What is wrong with a department as somebody typed it: codes, empty when it is in order."""
    faults = []
    if not PERSON_ID.fullmatch(department.department_id):
        faults.append("bad_department_id")
    if not department.name.strip() or len(department.name) > MAX_NAME or not department.name.isprintable():
        faults.append("bad_name")
    if not is_zone(department.zone):
        faults.append("bad_zone")
    return tuple(faults)


def is_email(text: str) -> bool:
    """Whether the text can be an address to send mail to; ASCII only, one line, no display name."""
    return len(text) <= 254 and re.fullmatch(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,189}", text) is not None


def is_zone(name: str) -> bool:
    """Whether the name is an IANA time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
