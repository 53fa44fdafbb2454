"""What the handlers of people, sessions and tokens need from outside, all inside one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from services.review.domain.agreement import DraftOverride
from services.review.domain.audit import AuditEntry
from services.review.domain.calendar import WorkCalendar
from services.review.domain.guessing import Bucket
from services.review.domain.people import Department, Person, Role, Viewer
from services.review.domain.sessions import Session
from services.review.ports.books import Views
from services.review.ports.oidc import Journeys
from services.review.ports.stores import Answers


@dataclass(frozen=True)
class Credential:
    """What log-in needs of a person. `stamp` grows when earlier sessions must die."""

    person: Person
    password_hash: str | None
    must_change: bool
    stamp: int
    totp_secret: str | None
    totp_confirmed: bool
    totp_last_step: int | None


@dataclass(frozen=True)
class Newcomer:
    """A person to be taken in, with a password if one was chosen for him (the demo, a move from another system)."""

    person: Person
    password: str | None = None


@dataclass(frozen=True)
class AccessToken:
    """A program's key to the API, known by its hash only."""

    token_id: str
    person_id: str
    name: str
    actions: frozenset[str]
    created_at: datetime
    ends_at: datetime
    revoked_at: datetime | None

    @property
    def version(self) -> int:
        """A token changes once: when it is revoked."""
        return 1 if self.revoked_at is None else 2


class People(Protocol):
    """People and departments. Changes raise StaleVersion when somebody was faster."""

    def person(self, person_id: str) -> Person | None: ...

    def everybody(
        self, *, active: bool | None = None, role: Role | None = None, department_id: str | None = None
    ) -> Sequence[Person]:
        """By name."""

    def has_role(self, role: Role) -> bool:
        """Whether anybody active has it."""

    def add(self, person: Person, now: datetime) -> None: ...

    def change(self, person: Person) -> Person:
        """Stores the person over the version he was read with; gives him with the new one."""

    def departments(self) -> Sequence[Department]: ...

    def department(self, department_id: str) -> Department | None:
        """Locked until the transaction ends."""

    def put_department(self, department: Department) -> Department | None:
        """Adds or replaces; gives it with its new version, None when nothing changed."""


class Calendars(Protocol):
    """Work calendars that departments have of their own."""

    def own(self, department_id: str, zone: str) -> tuple[WorkCalendar, int] | None:
        """The department's own calendar (in its zone) and its version; None when it works by the company's."""

    def put(self, department_id: str, calendar: WorkCalendar, version: int) -> int:
        """Stores it over the version that stood (0: none); gives the next one. Raises StaleVersion."""


class Trust(Protocol):
    """Which criteria lost their draft, and what an administrator says about that."""

    def low(self) -> dict[str, Decimal]:
        """The criteria that lost their draft by the figures, with the kappa of then."""

    def overrides(self) -> Sequence[DraftOverride]:
        """What was said about any criterion, also what is over."""

    def override(self, criterion: str) -> DraftOverride | None:
        """What was said about a criterion last, locked."""

    def put(self, override: DraftOverride) -> None:
        """Stores it; its version is one more than the one that stood. Raises StaleVersion."""

    def known(self) -> frozenset[str]:
        """Every criterion of every scorecard that was ever seen."""


class Credentials(Protocol):
    """Passwords, second factors and stamps."""

    def by_login(self, login: str) -> Credential | None:
        """By person_id (any case) or address; active people only."""

    def of(self, person_id: str) -> Credential | None: ...

    def by_oidc(self, subject: str, email: str | None) -> Credential | None:
        """By the bound subject, else by the verified address of somebody not yet bound."""

    def bind_oidc(self, person_id: str, subject: str) -> None: ...

    def set_password(self, person_id: str, password_hash: str, *, must_change: bool, now: datetime) -> None: ...

    def set_totp(self, person_id: str, secret: str | None) -> None:
        """A new unconfirmed secret, or none."""

    def confirm_totp(self, person_id: str, step: int, now: datetime) -> None: ...

    def use_totp_step(self, person_id: str, step: int) -> bool:
        """Marks a code's time step as used; False when it or a later one was used before."""

    def end_everything(self, person_id: str) -> None:
        """A new stamp: all sessions and tokens of before are dead."""


class Sessions(Protocol):
    """Server-side sessions, by the hash of the browser's id."""

    def open(self, session: Session, stamp: int) -> None: ...

    def find(self, token_hash: str) -> tuple[Session, Credential] | None:
        """Only while the stamp fits and the person is active."""

    def touch(self, token_hash: str, now: datetime) -> None: ...

    def close(self, token_hash: str) -> None: ...

    def prune(self, now: datetime) -> int:
        """Removes sessions that ended; how many."""


class Tokens(Protocol):
    """Personal access tokens."""

    def add(self, token: AccessToken, token_hash: str, stamp: int) -> None: ...

    def find(self, token_hash: str, now: datetime) -> tuple[AccessToken, Credential] | None:
        """Only while neither ended nor revoked, and the stamp fits."""

    def of(self, person_id: str) -> Sequence[AccessToken]: ...

    def revoke(self, person_id: str, token_id: str, now: datetime) -> bool: ...


class Guesses(Protocol):
    """Buckets of tries, and the places from which a person has been in."""

    def bucket(self, name: str) -> Bucket | None:
        """Locked until the transaction ends."""

    def put(self, name: str, bucket: Bucket) -> None: ...

    def is_known(self, person_id: str, place: str, since: datetime) -> bool: ...

    def remember(self, person_id: str, place: str, now: datetime) -> None: ...


class AuditLog(Protocol):
    """The append-only log; record last in a transaction."""

    def record(
        self,
        *,
        actor: Viewer,
        action: str,
        object_kind: str,
        object_id: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        why: str | None = None,
        request_id: str | None = None,
    ) -> int: ...

    def last(self, object_kind: str, object_id: str, actions: Sequence[str]) -> AuditEntry | None:
        """The newest entry about the object with one of these actions."""


class TaskHandOver(Protocol):
    """What becomes of somebody's open work when he leaves."""

    def hand_over_all(self, person_id: str, *, actor: Viewer, now: datetime) -> int:
        """Gives his listening tasks and follow-ups to others or back to the pool; how many."""


@dataclass(frozen=True)
class Desk:
    """Everything of one transaction; `now` is the database's clock."""

    now: datetime
    people: People
    credentials: Credentials
    sessions: Sessions
    tokens: Tokens
    guesses: Guesses
    audit: AuditLog
    tasks: TaskHandOver
    journeys: Journeys
    answers: Answers
    views: Views
    calendars: Calendars
    trust: Trust


class Desks(Protocol):
    """Opens a desk: a write transaction, committed at the end."""

    def __call__(self) -> AbstractContextManager[Desk]: ...


class Hasher(Protocol):
    """Slow hashing of passwords."""

    def hash(self, password: str) -> str: ...

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Takes the same time when there is no hash."""


class SecondFactor(Protocol):
    """Time-based codes (RFC 6238)."""

    def new_secret(self) -> str:
        """Sealed, fit for storing."""

    def step_of(self, secret: str, code: str, now: datetime) -> int | None:
        """The time step that the code belongs to, or None when it is wrong or too old."""

    def uri(self, secret: str, account: str) -> str:
        """What the QR code says."""

    def plain(self, secret: str) -> str:
        """The secret for typing by hand."""


class Secrets(Protocol):
    """Randomness that nobody can guess."""

    def token(self) -> str:
        """256 bits, URL-safe."""

    def hash(self, token: str) -> str:
        """What is stored of it, hex."""

    def password(self) -> str:
        """A first password that a person can type."""
