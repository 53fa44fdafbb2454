"""Passwords, second factors and stamps in the database; only hashes and sealed secrets are stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from services.review.adapters.people_store import person_of
from services.review.adapters.tables_people import people
from services.review.ports.people import Credential


def credential_of(connection: Connection, row: Row[Any]) -> Credential:
    """The credential of a row of `people`."""
    return Credential(
        person=person_of(connection, row),
        password_hash=row.password_hash,
        must_change=row.password_must_change,
        stamp=row.stamp,
        totp_secret=row.totp_secret,
        totp_confirmed=row.totp_confirmed_at is not None,
        totp_last_step=row.totp_last_step,
    )


class CredentialStore:
    """The port `Credentials` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def by_login(self, login: str) -> Credential | None:
        """By person_id (any case) or address; active people only."""
        name = login.strip().lower()
        if "\0" in name:
            return None  # PostgreSQL cannot hold it, so nobody is called that
        return self._one(or_(people.c.login == name, people.c.email == name), people.c.active.is_(True))

    def of(self, person_id: str) -> Credential | None:
        """By person_id, active or not."""
        return self._one(people.c.person_id == person_id)

    def by_oidc(self, subject: str, email: str | None) -> Credential | None:
        """By the bound subject, else by the verified address of somebody not yet bound."""
        bound = self._one(people.c.oidc_subject == subject, people.c.active.is_(True))
        if bound is not None or email is None:
            return bound
        return self._one(people.c.email == email.lower(), people.c.oidc_subject.is_(None), people.c.active.is_(True))

    def bind_oidc(self, person_id: str, subject: str) -> None:
        """From now on the subject of the identity provider is this person."""
        self._set(person_id, oidc_subject=subject)

    def set_password(self, person_id: str, password_hash: str, *, must_change: bool, now: datetime) -> None:
        """Stores the hash; `must_change` when somebody else knows the password."""
        self._set(person_id, password_hash=password_hash, password_must_change=must_change, password_set_at=now)

    def set_totp(self, person_id: str, secret: str | None) -> None:
        """A new unconfirmed secret, or none."""
        self._set(person_id, totp_secret=secret, totp_confirmed_at=None, totp_last_step=None)

    def confirm_totp(self, person_id: str, step: int, now: datetime) -> None:
        """The person has shown that he has the secret."""
        self._set(person_id, totp_confirmed_at=now, totp_last_step=step)

    def use_totp_step(self, person_id: str, step: int) -> bool:
        """Marks a code's time step as used; False when it or a later one was used before."""
        fresh = or_(people.c.totp_last_step.is_(None), people.c.totp_last_step < step)
        result = self._connection.execute(
            update(people).where(people.c.person_id == person_id, fresh).values(totp_last_step=step)
        )
        return result.rowcount == 1

    def end_everything(self, person_id: str) -> None:
        """A new stamp: all sessions and tokens of before are dead."""
        self._set(person_id, stamp=people.c.stamp + 1)

    def _one(self, *conditions: Any) -> Credential | None:
        row = self._connection.execute(select(people).where(*conditions).limit(1)).one_or_none()
        return None if row is None else credential_of(self._connection, row)

    def _set(self, person_id: str, **values: Any) -> None:
        self._connection.execute(update(people).where(people.c.person_id == person_id).values(**values))
