"""Sessions, access tokens and the buckets that slow guessing, in the database."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.review.adapters.credentials import credential_of
from services.review.adapters.tables_people import access_tokens, guess_buckets, known_places, people, sessions
from services.review.domain.guessing import Bucket
from services.review.domain.sessions import Session
from services.review.ports.people import AccessToken, Credential


def _insert(connection: Connection) -> Any:
    return sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert


class SessionStore:
    """The port `Sessions` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, session: Session, stamp: int) -> None:
        """Stores a session under the person's present stamp."""
        self._connection.execute(insert(sessions).values(stamp=stamp, **session.__dict__))

    def find(self, token_hash: str) -> tuple[Session, Credential] | None:
        """The session and whose it is, while the stamp fits and the person is active."""
        row = self._connection.execute(select(sessions).where(sessions.c.token_hash == token_hash)).one_or_none()
        if row is None:
            return None
        owner = self._connection.execute(
            select(people).where(
                people.c.person_id == row.person_id, people.c.active.is_(True), people.c.stamp == row.stamp
            )
        ).one_or_none()
        if owner is None:
            return None
        values = {name: value for name, value in row._mapping.items() if name != "stamp"}
        return Session(**values), credential_of(self._connection, owner)

    def touch(self, token_hash: str, now: datetime) -> None:
        """Notes that the session was used."""
        self._connection.execute(update(sessions).where(sessions.c.token_hash == token_hash).values(seen_at=now))

    def close(self, token_hash: str) -> None:
        """The session is over."""
        self._connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash))

    def prune(self, now: datetime) -> int:
        """Removes sessions that ended; how many."""
        return int(self._connection.execute(delete(sessions).where(sessions.c.ends_at <= now)).rowcount)


class TokenStore:
    """The port `Tokens` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, token: AccessToken, token_hash: str, stamp: int) -> None:
        """Stores a token under the person's present stamp."""
        self._connection.execute(
            insert(access_tokens).values(
                token_id=token.token_id,
                token_hash=token_hash,
                person_id=token.person_id,
                name=token.name,
                actions=json.dumps(sorted(token.actions)),
                stamp=stamp,
                created_at=token.created_at,
                ends_at=token.ends_at,
            )
        )

    def find(self, token_hash: str, now: datetime) -> tuple[AccessToken, Credential] | None:
        """The token and whose it is, while it is good."""
        row = self._connection.execute(
            select(access_tokens).where(
                access_tokens.c.token_hash == token_hash,
                access_tokens.c.ends_at > now,
                access_tokens.c.revoked_at.is_(None),
            )
        ).one_or_none()
        if row is None:
            return None
        owner = self._connection.execute(
            select(people).where(
                people.c.person_id == row.person_id, people.c.active.is_(True), people.c.stamp == row.stamp
            )
        ).one_or_none()
        return None if owner is None else (_token_of(row), credential_of(self._connection, owner))

    def of(self, person_id: str) -> list[AccessToken]:
        """The person's tokens, newest first."""
        rows = self._connection.execute(
            select(access_tokens)
            .where(access_tokens.c.person_id == person_id)
            .order_by(access_tokens.c.created_at.desc())
        )
        return [_token_of(row) for row in rows]

    def revoke(self, person_id: str, token_id: str, now: datetime) -> bool:
        """Ends a token of the person; False when there is none."""
        result = self._connection.execute(
            update(access_tokens)
            .where(
                access_tokens.c.person_id == person_id,
                access_tokens.c.token_id == token_id,
                access_tokens.c.revoked_at.is_(None),
            )
            .values(revoked_at=now)
        )
        return result.rowcount == 1


def _token_of(row: Row[Any]) -> AccessToken:
    return AccessToken(
        token_id=row.token_id,
        person_id=row.person_id,
        name=row.name,
        actions=frozenset(json.loads(row.actions)),
        created_at=row.created_at,
        ends_at=row.ends_at,
        revoked_at=row.revoked_at,
    )


class GuessStore:
    """The port `Guesses` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def bucket(self, name: str) -> Bucket | None:
        """The bucket, locked until the transaction ends."""
        row = self._connection.execute(
            select(guess_buckets).where(guess_buckets.c.bucket == name).with_for_update()
        ).one_or_none()
        return None if row is None else Bucket(row.spent_milli, row.updated_at)

    def put(self, name: str, bucket: Bucket) -> None:
        """Stores the bucket."""
        values = {"spent_milli": bucket.spent_milli, "updated_at": bucket.updated_at}
        self._connection.execute(
            _insert(self._connection)(guess_buckets)
            .values(bucket=name, **values)
            .on_conflict_do_update(index_elements=["bucket"], set_=values)
        )

    def is_known(self, person_id: str, place: str, since: datetime) -> bool:
        """Whether the person has been in from there since then."""
        row = self._connection.execute(
            select(known_places.c.place).where(
                known_places.c.person_id == person_id, known_places.c.place == place, known_places.c.seen_at >= since
            )
        ).one_or_none()
        return row is not None

    def remember(self, person_id: str, place: str, now: datetime) -> None:
        """The person has been in from there."""
        self._connection.execute(
            _insert(self._connection)(known_places)
            .values(person_id=person_id, place=place, seen_at=now)
            .on_conflict_do_update(index_elements=["person_id", "place"], set_={"seen_at": now})
        )
