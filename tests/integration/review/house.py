"""A house with real stores and a moving clock, and an app that holds only the doors and the routes of people."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyotp
from fastapi import FastAPI
from sqlalchemy import Connection

from services.review.adapters.desk import RealDesks
from services.review.adapters.hand_over import WorkHandOver
from services.review.adapters.secrets_of_house import Argon2Hasher, Box, RealSecrets, Totp
from services.review.domain.people import SYSTEM, Department, DepartmentKind, Person, Role
from services.review.domain.sessions import SessionLimits
from services.review.handlers.log_in import HouseRules
from services.review.handlers.people import import_people
from services.review.ports.people import Newcomer
from services.review.web import login
from services.review.web.api import people, profile
from services.review.web.csrf import CookieNames
from services.review.web.problems import add_answers
from services.review.web.security import Guard, ViewerDep, protect
from services.runtime.database import Database
from services.runtime.migrations import migrate

with warnings.catch_warnings():
    # Starlette would rather have the next httpx; ours is the one that the rest of the project uses.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

PASSWORD = "окно-дверь-73-крыша"
FAST = {"memory_kib": 64, "time_cost": 1, "parallelism": 1}

PEOPLE = (
    Person("marina", "Марина К.", Role.SELLER, frozenset({"cc"})),
    Person("ilya", "Илья С.", Role.SELLER, frozenset({"cc"})),
    Person("denis", "Денис Р.", Role.SELLER, frozenset({"sales"})),
    Person("olga", "Ольга Л.", Role.CONTROLLER, frozenset({"cc"}), email="olga@example.com"),
    Person("svetlana", "Светлана М.", Role.HEAD, frozenset({"cc"})),
    Person("natalia", "Наталья З.", Role.MENTOR, frozenset({"cc"}), frozenset({"marina"})),
    Person("timur", "Тимур А.", Role.ANALYST, frozenset({"sales"})),
    Person("anna", "Анна Ким", Role.ADMIN, frozenset({"sales"})),
)


@dataclass
class Clock:
    """A clock that moves when told."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 24, 9, 0, tzinfo=UTC))

    def __call__(self, _connection: Connection) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class House:
    """Everything a test touches."""

    database: Database
    clock: Clock
    guard: Guard
    app: FastAPI

    def browser(self, address: str = "10.0.0.1", base: str = "http://otzvuk.test") -> TestClient:
        """A fresh browser at an address; it sends the origin as browsers do."""
        return TestClient(
            self.app,
            base_url=base,
            client=(address, 5000),
            headers={"Origin": base},
            follow_redirects=False,
            raise_server_exceptions=True,
        )

    def logged_in(self, login_name: str, address: str = "10.0.0.1") -> TestClient:
        """A browser in which the person is logged in, with a second factor where his role asks for one."""
        browser = self.browser(address)
        said = log_in(browser, login_name)
        if said["stage"] in ("enrol", "second_factor"):
            enrol(browser, self.clock)
        return browser


def log_in(browser: TestClient, login_name: str, password: str = PASSWORD) -> dict:
    """Logs in by JSON and keeps the token against cross-site requests."""
    answer = browser.post("/api/v1/session", json={"login": login_name, "password": password})
    assert answer.status_code == 200, answer.text
    keep_token(browser, answer.json())
    return answer.json()


def keep_token(browser: TestClient, said: dict) -> None:
    browser.headers["X-CSRF-Token"] = said["csrf_token"]


def enrol(browser: TestClient, clock: Clock) -> pyotp.TOTP:
    """Sets up a second factor."""
    secret = browser.post("/api/v1/session/second-factor").json()["secret"]
    codes = pyotp.TOTP(secret)
    answer = browser.post("/api/v1/session/second-factor/confirm", json={"code": codes.at(clock.now)})
    assert answer.status_code == 200, answer.text
    keep_token(browser, answer.json())
    return codes


def make_house(url: str, *, factor: bool = True, public_url: str | None = None, https: bool = False) -> House:
    """Migrates the database, takes in the people, builds the app."""
    migrate(url, "services.review")
    database = Database(url)
    clock = Clock()
    hasher = Argon2Hasher(**FAST)
    guard = Guard(
        desks=RealDesks(database, WorkHandOver, clock),
        hasher=hasher,
        factor=Totp(Box("a secret for tests")),
        secrets=RealSecrets(),
        rules=HouseRules(SessionLimits(), factor_required=factor),
        cookies=CookieNames(https=https),
        public_url=public_url,
    )
    import_people(
        guard.desks,
        hasher,
        SYSTEM,
        [
            Department("cc", "Контакт-центр", DepartmentKind.CALL_CENTER),
            Department("sales", "Продажи", DepartmentKind.SALES),
        ],
        [Newcomer(person, PASSWORD) for person in PEOPLE],
    )
    app = FastAPI()
    for router in (login.forms, login.api, people.router, profile.router):
        app.include_router(router)

    @app.get("/page")
    def page(viewer: ViewerDep) -> dict[str, str]:
        return {"person_id": viewer.person_id, "role": viewer.role.value}

    add_answers(app)
    protect(app, guard)
    return House(database, clock, guard, app)


@contextmanager
def house_at(url: str, **options: object) -> Iterator[House]:
    """A house that is closed at the end."""
    house = make_house(url, **options)  # type: ignore[arg-type]
    try:
        yield house
    finally:
        house.database.close()
