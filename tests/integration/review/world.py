"""A small company with a migrated review database: people, calls, drafts, an HTTP client for each person."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from sqlalchemy import event, text

from services.review.adapters.people_store import PeopleStore
from services.review.adapters.queries import RealQueries, RealReads
from services.review.adapters.work import RealWork, RealWorks
from services.review.app import make_app
from services.review.domain.calendar import WorkCalendar
from services.review.domain.calls import Call
from services.review.domain.lots import Lots
from services.review.domain.people import SYSTEM, Department, DepartmentKind, Person, Role, Viewer
from services.review.domain.rules import Rules
from services.review.handlers import events
from services.review.settings import Settings
from services.review.web.security import Guard
from services.runtime.database import Database
from services.runtime.errors import NotPermitted

with warnings.catch_warnings():
    # Starlette would rather have the next httpx; ours is the one that the rest of the project uses.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

CRITERIA = ("greeting", "objection_handling", "next_step")
WEIGHTS = {
    "greeting": {"qualification": 1, "objection": 1, "transactional": 1, "reanimation": 1},
    "objection_handling": {"qualification": 2, "objection": 4, "transactional": 2, "reanimation": 2},
    "next_step": {"qualification": 2, "objection": 2, "transactional": 2, "reanimation": 2},
}
LONG_AGO = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

PEOPLE = (
    Person("marina", "Марина К.", Role.SELLER, frozenset({"cc"})),
    Person("ilya", "Илья С.", Role.SELLER, frozenset({"cc"})),
    Person("denis", "Денис Р.", Role.SELLER, frozenset({"sales"})),
    Person("olga", "Ольга Л.", Role.CONTROLLER, frozenset({"cc"})),
    Person("pavel", "Павел Ж.", Role.CONTROLLER, frozenset({"cc"})),
    Person("rita", "Рита Ш.", Role.CONTROLLER, frozenset({"sales"})),
    Person("svetlana", "Светлана М.", Role.HEAD, frozenset({"cc"})),
    Person("gleb", "Глеб Т.", Role.HEAD, frozenset({"sales"})),
    Person("natalia", "Наталья З.", Role.MENTOR, frozenset({"cc"}), frozenset({"marina"})),
    Person("timur", "Тимур А.", Role.ANALYST, frozenset({"sales"})),
    Person("anna", "Анна Ким", Role.ADMIN, frozenset({"sales"})),
)


def criterion(code: str, score: float | None, *, call_type: str = "qualification", **more: Any) -> dict[str, Any]:
    """One criterion of a draft."""
    return {
        "criterion": code,
        "verdict": "not_applicable" if score is None else "scored",
        "score": score,
        "confidence": 0.9,
        "evidence": [{"turn": 0, "start_ms": 0, "end_ms": 900}],
        "reason": {"ru": "Так.", "en": "So."},
        "weight": WEIGHTS.get(code, {}).get(call_type, 1),
        **more,
    }


def draft_data(call_id: str, *, revision: int = 1, **changes: Any) -> dict[str, Any]:
    """Data of a `call-scored` event."""
    return {
        "call_id": call_id,
        "draft_id": f"draft-{call_id}-{revision}",
        "revision": revision,
        "transcript_id": f"transcript-{call_id}",
        "scorecard": {"id": "default", "version": "v1"},
        "call_type": "qualification",
        "call_type_probability": 0.9,
        "cqr": 80,
        "criteria": [criterion("greeting", 1), criterion("objection_handling", 0.5), criterion("next_step", 1)],
        "weights": WEIGHTS,
        "objections": [],
        "red_flags": [],
        "remarkable": [],
        "scored_at": LONG_AGO.isoformat(),
        **changes,
    }


def call_data(call_id: str, *, revision: int = 1, **changes: Any) -> dict[str, Any]:
    """Data of a `call-registered` event."""
    return {
        "call_id": call_id,
        "revision": revision,
        "provider": "generic",
        "provider_call_id": call_id,
        "direction": "in",
        "outcome": "answered",
        "started_at": LONG_AGO.isoformat(),
        "answered_at": (LONG_AGO + timedelta(seconds=5)).isoformat(),
        "ended_at": (LONG_AGO + timedelta(seconds=95)).isoformat(),
        "ring_ms": 5000,
        "talk_ms": 90_000,
        "duration_ms": 95_000,
        "seller_id": "marina",
        "department_id": "cc",
        "department_kind": "call_center",
        "client_key": f"key-{call_id}",
        "client_label": "+7 ··· 45-12",
        "client_known": False,
        "recording_expected": True,
        **changes,
    }


class OpenGuard(Guard):
    """A guard that believes: the bearer token is the person's id. The doors have tests of their own."""

    def _viewer(self, request: Request) -> Viewer:
        _, _, person_id = request.headers.get("authorization", "").partition(" ")
        with self.desks.reading() as desk:
            person = desk.people.person(person_id)
        if person is None:
            raise NotPermitted("Nobody.")
        return Viewer.of(person)


def _careless(connection: Any, _record: Any) -> None:
    """Nobody misses a test's data: no waiting for the disk."""
    connection.execute("PRAGMA synchronous=OFF")


@dataclass
class World:
    """Everything a test touches."""

    url: str
    rules: Rules = field(default_factory=lambda: Rules(blind_percent=0, double_percent=0))  # type: ignore[arg-type]
    folder: Path = field(default_factory=lambda: Path("data"))

    def __post_init__(self) -> None:
        self.database = Database(self.url)
        if self.database.is_sqlite:
            event.listen(self.database.engine, "connect", _careless)
        self.calendar = WorkCalendar("Europe/Moscow")
        self.works = RealWorks(self.database, self.rules, self.calendar, Lots("world"))
        self.reads = RealReads(self.database, self.rules)
        self._numbers = itertools.count(1)

    def settle(self) -> World:
        """Moves the company in."""
        with self.database.begin() as connection:
            store = PeopleStore(connection)
            store.put_department(Department("cc", "Контакт-центр", DepartmentKind.CALL_CENTER))
            store.put_department(Department("sales", "Отдел продаж", DepartmentKind.SALES))
            for person in PEOPLE:
                store.add(person, LONG_AGO)
        return self

    @contextmanager
    def work(self) -> Iterator[RealWork]:
        """A write transaction."""
        with self.works.begin() as work:
            yield work

    @contextmanager
    def read(self) -> Iterator[RealQueries]:
        """A view."""
        with self.reads.queries() as queries:
            yield queries

    def viewer(self, person_id: str) -> Viewer:
        """A person as the one who acts."""
        if person_id == "system":
            return SYSTEM
        return Viewer.of(next(person for person in PEOPLE if person.person_id == person_id))

    def register(self, call_id: str | None = None, *, draft: bool = True, **changes: Any) -> str:
        """A call with (unless told otherwise) its draft; gives its id."""
        call_id = call_id or f"call-{next(self._numbers)}"
        with self.work() as work:
            events.call_registered(work, call_data(call_id, **changes))
            if draft:
                events.call_scored(work, draft_data(call_id))
        return call_id

    def call(self, call_id: str) -> Call:
        """The call as it stands."""
        with self.work() as work:
            call = work.calls.load(call_id)
        assert call is not None
        return call

    def sql(self, statement: str, **values: Any) -> Any:
        """Raw SQL, past all handlers."""
        with self.database.begin() as connection:
            result = connection.execute(text(statement), values)
            return result.all() if result.returns_rows else result.rowcount

    def pass_hours(self, call_id: str, hours: float) -> None:
        """Lets time pass for a call: its deadline comes nearer."""
        from services.review.adapters.tables import calls

        call = self.call(call_id)
        assert call.approve_at is not None
        with self.database.begin() as connection:
            connection.execute(
                calls.update()
                .where(calls.c.call_id == call_id)
                .values(approve_at=call.approve_at - timedelta(hours=hours))
            )

    @cached_property
    def app(self) -> FastAPI:
        """The API without pages, with a guard that believes."""
        settings = Settings(
            _env_file=None,  # type: ignore[call-arg]
            data_folder=self.folder,
            review_second_factor="off",
        )
        made = make_app(settings, self.database, pages=False)
        made.state.works, made.state.reads = self.works, self.reads
        guard = made.state.guard
        made.state.guard = OpenGuard(**{name: getattr(guard, name) for name in Guard.__dataclass_fields__})
        return made

    @cached_property
    def http(self) -> TestClient:
        """A client; `ask` says who asks."""
        return TestClient(self.app, base_url="http://otzvuk.test", follow_redirects=False)

    def ask(
        self,
        person_id: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        version: int | None = None,
        key: str | None = None,
        **params: Any,
    ) -> Any:
        """One request of a person to the API."""
        headers = {"Authorization": f"Bearer {person_id}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.http.request(method, f"/api/v1{path}", json=body, headers=headers, params=params)

    def close(self) -> None:
        """Lets go of the database."""
        self.database.close()


__all__ = ["CRITERIA", "LONG_AGO", "PEOPLE", "WEIGHTS", "World", "call_data", "draft_data"]
