"""People and departments in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.review.adapters.tables_people import departments, mentees, people, person_departments
from services.review.domain.people import Department, DepartmentKind, Language, Person, Role
from services.runtime.errors import StaleVersion


def person_of(connection: Connection, row: Row[Any]) -> Person:
    """The person of a row of `people`, with his ties."""
    return _people_of(connection, [row])[0]


def _people_of(connection: Connection, rows: Sequence[Row[Any]]) -> list[Person]:
    ids = [row.person_id for row in rows]
    of_departments = _ties(connection, ids, person_departments.c.person_id, person_departments.c.department_id)
    of_mentees = _ties(connection, ids, mentees.c.mentor_id, mentees.c.seller_id)
    return [
        Person(
            person_id=row.person_id,
            name=row.name,
            role=Role(row.role),
            department_ids=frozenset(of_departments.get(row.person_id, ())),
            mentee_ids=frozenset(of_mentees.get(row.person_id, ())),
            active=row.active,
            language=Language(row.language),
            zone=row.zone,
            email=row.email,
            hired_on=row.hired_on,
            version=row.version,
        )
        for row in rows
    ]


def _ties(connection: Connection, ids: Sequence[str], owner: Any, other: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    query = select(owner, other)
    # One person is asked for at every request; a list asks for (nearly) all.
    for owner_id, other_id in connection.execute(query.where(owner == ids[0]) if len(ids) == 1 else query):
        found.setdefault(owner_id, []).append(other_id)
    return found


class PeopleStore:
    """The port `People` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def person(self, person_id: str) -> Person | None:
        """The person, active or not."""
        row = self._connection.execute(select(people).where(people.c.person_id == person_id)).one_or_none()
        return None if row is None else person_of(self._connection, row)

    def everybody(
        self, *, active: bool | None = None, role: Role | None = None, department_id: str | None = None
    ) -> list[Person]:
        """By name."""
        query: Select[Any] = select(people).order_by(people.c.name, people.c.person_id)
        if active is not None:
            query = query.where(people.c.active == active)
        if role is not None:
            query = query.where(people.c.role == role.value)
        if department_id is not None:
            members = select(person_departments.c.person_id).where(person_departments.c.department_id == department_id)
            query = query.where(people.c.person_id.in_(members))
        return _people_of(self._connection, self._connection.execute(query).all())

    def has_role(self, role: Role) -> bool:
        """Whether anybody active has it."""
        query = select(people.c.person_id).where(people.c.role == role.value, people.c.active.is_(True)).limit(1)
        return self._connection.execute(query).first() is not None

    def add(self, person: Person, now: datetime) -> None:
        """Stores a new person without a password."""
        self._connection.execute(
            insert(people).values(
                person_id=person.person_id,
                login=person.person_id.lower(),
                version=1,
                created_at=now,
                password_must_change=False,
                stamp=1,
                **_columns(person),
            )
        )
        self._tie(person)

    def change(self, person: Person) -> Person:
        """Stores the person over the version he was read with. Raises StaleVersion."""
        changed = self._connection.execute(
            update(people)
            .where(people.c.person_id == person.person_id, people.c.version == person.version)
            .values(version=person.version + 1, **_columns(person))
        )
        if changed.rowcount != 1:
            raise StaleVersion("Somebody changed this person meanwhile; look again.")
        self._connection.execute(delete(person_departments).where(person_departments.c.person_id == person.person_id))
        self._connection.execute(delete(mentees).where(mentees.c.mentor_id == person.person_id))
        self._tie(person)
        return Person(**{**person.__dict__, "version": person.version + 1})

    def _tie(self, person: Person) -> None:
        ties: Iterable[tuple[Any, list[dict[str, str]]]] = (
            (
                person_departments,
                [{"person_id": person.person_id, "department_id": each} for each in sorted(person.department_ids)],
            ),
            (mentees, [{"mentor_id": person.person_id, "seller_id": each} for each in sorted(person.mentee_ids)]),
        )
        for table, rows in ties:
            if rows:
                self._connection.execute(insert(table), rows)

    def departments(self) -> list[Department]:
        """All departments, by name."""
        return [_department(row) for row in self._connection.execute(select(departments).order_by(departments.c.name))]

    def department(self, department_id: str) -> Department | None:
        """One department, locked."""
        row = self._connection.execute(
            select(departments).where(departments.c.department_id == department_id).with_for_update()
        ).one_or_none()
        return None if row is None else _department(row)

    def put_department(self, department: Department) -> Department | None:
        """Adds or replaces a department; gives it with its new version, None when it was the same already."""
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        old = self.department(department.department_id)
        if old is not None and replace(department, version=old.version) == old:
            return None
        stored = replace(department, version=1 if old is None else old.version + 1)
        values = {"name": stored.name, "kind": stored.kind.value, "zone": stored.zone, "version": stored.version}
        self._connection.execute(
            dialect.insert(departments)
            .values(department_id=department.department_id, **values)
            .on_conflict_do_update(index_elements=["department_id"], set_=values)
        )
        return stored


def _department(row: Row[Any]) -> Department:
    return Department(row.department_id, row.name, DepartmentKind(row.kind), row.zone, row.version)


def _columns(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "role": person.role.value,
        "active": person.active,
        "language": person.language.value,
        "zone": person.zone,
        "email": person.email.lower() if person.email else None,
        "hired_on": person.hired_on,
    }
