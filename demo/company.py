"""Reads the demo company: departments and people, as `company.yaml` names them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

COMPANY_FILE = Path(__file__).with_name("company.yaml")


@dataclass(frozen=True)
class Department:
    """A department: its kind decides which rules hold, its zone what time it is there."""

    id: str
    name: str
    kind: str
    zone: str

    @property
    def clock(self) -> ZoneInfo:
        """The department's time zone."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True)
class Person:
    """Somebody with one role and one department."""

    id: str
    name: str
    role: str
    department: str
    extensions: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    mentees: tuple[str, ...] = ()


@dataclass(frozen=True)
class Company:
    """The whole company."""

    name: str
    departments: tuple[Department, ...]
    people: tuple[Person, ...]

    def department(self, department_id: str) -> Department:
        """The department with this id. Raises KeyError."""
        return {department.id: department for department in self.departments}[department_id]

    def person(self, person_id: str) -> Person:
        """The person with this id. Raises KeyError."""
        return {person.id: person for person in self.people}[person_id]

    def sellers(self) -> tuple[Person, ...]:
        """Everybody who is on the phone, in the file's order."""
        return tuple(person for person in self.people if person.role == "seller")


def load_company(path: Path = COMPANY_FILE) -> Company:
    """Reads the company from its file."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    people: list[dict[str, Any]] = [
        {name: tuple(value) if isinstance(value, list) else value for name, value in person.items()}
        for person in raw["people"]
    ]
    return Company(
        name=raw["company"],
        departments=tuple(Department(**department) for department in raw["departments"]),
        people=tuple(Person(**person) for person in people),
    )
