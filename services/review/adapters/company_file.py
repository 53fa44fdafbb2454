"""Reads a company's people from a YAML or JSON file for `otzvuk people import`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.review.domain.people import Department, DepartmentKind, Language, Person, Role
from services.review.ports.people import Newcomer
from services.runtime.errors import PermanentError


class _Department(BaseModel):
    model_config = ConfigDict(extra="ignore")
    id: str
    name: str
    kind: DepartmentKind
    zone: str = "Europe/Moscow"


class _Person(BaseModel):
    """`heads` are the departments of a head; `department` is where anybody else works."""

    model_config = ConfigDict(extra="ignore")
    id: str
    name: str
    role: Role
    department: str | None = None
    heads: list[str] = Field(default_factory=list)
    mentees: list[str] = Field(default_factory=list)
    language: Language = Language.RU
    zone: str | None = None
    email: str | None = None
    password: str | None = None


class _Company(BaseModel):
    model_config = ConfigDict(extra="ignore")
    departments: list[_Department] = Field(default_factory=list)
    people: list[_Person] = Field(default_factory=list)


def read_company(path: Path) -> tuple[list[Department], list[Newcomer]]:
    """Departments and people of the file. Raises PermanentError with the place of the fault."""
    try:
        loaded: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        company = _Company.model_validate(loaded or {})
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PermanentError(f"{path.name} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PermanentError(f"{path.name}: {place}: {first['msg']}") from error
    zones = {each.id: each.zone for each in company.departments}
    departments = [Department(each.id, each.name, each.kind, each.zone) for each in company.departments]
    return departments, [_newcomer(each, zones) for each in company.people]


def _newcomer(each: _Person, zones: dict[str, str]) -> Newcomer:
    own = {each.department} if each.department else set()
    ties = frozenset(own | set(each.heads)) if each.role is Role.HEAD else frozenset(own)
    person = Person(
        person_id=each.id,
        name=each.name,
        role=each.role,
        department_ids=ties,
        mentee_ids=frozenset(each.mentees),
        language=each.language,
        zone=each.zone or zones.get(each.department or "", "Europe/Moscow"),
        email=each.email.lower() if each.email else None,
    )
    return Newcomer(person, each.password)
