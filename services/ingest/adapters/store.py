"""The store on SQLite and PostgreSQL: calls, leads, people, recordings, ratings, inside one transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, delete, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from services.ingest.adapters import raw_rows
from services.ingest.adapters.tables import (
    CALLS,
    LEAD_CLIENTS,
    LEADS,
    PERSON_EXTENSIONS,
    RATINGS,
    RECORDINGS,
    STATEMENTS,
)
from services.ingest.domain.call import Call, call_from, state_of
from services.ingest.domain.claims import canonical
from services.ingest.domain.facts import CallRef, PersonFact, RatingFact
from services.ingest.domain.lead import Lead, client_keys_of, lead_from, responsible_of
from services.ingest.domain.lead import state_of as lead_state
from services.ingest.domain.recording import Recording, RecordingState
from services.ingest.ports import CallIndex, Kept, StoredCall, StoredLead, StoredRating

LOCK = 7_305_190  # of PostgreSQL's advisory locks: calls, leads and people are changed by one transaction at a time


class SqlStore:
    """`Store` on one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"

    def one_at_a_time(self) -> None:
        """SQLite's write transactions are one at a time already."""
        if not self._sqlite:
            self._connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")

    def _upsert(self, table: Table, values: dict[str, Any]) -> None:
        dialect: Any = sqlite if self._sqlite else postgresql
        keys = [column.name for column in table.primary_key]
        rest = {name: value for name, value in values.items() if name not in keys}
        statement = dialect.insert(table).values(**values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest))

    def _add(self, table: Table, values: dict[str, Any]) -> bool:
        dialect: Any = sqlite if self._sqlite else postgresql
        result = self._connection.execute(dialect.insert(table).values(**values).on_conflict_do_nothing())
        return bool(result.rowcount == 1)

    # raw events

    def raw(self, source: str, event_key: str) -> Kept | None:
        return raw_rows.by_key(self._connection, source, event_key)

    def raw_by_id(self, raw_id: int) -> Kept | None:
        return raw_rows.by_id(self._connection, raw_id)

    def quarantine(self, source: str, event_key: str, code: str | None) -> None:
        raw_rows.put_aside(self._connection, source, event_key, code)

    # calls

    def call(self, ref: CallRef) -> StoredCall:
        return self.call_by_id(ref.call_id) or StoredCall(Call(ref))

    def call_by_id(self, call_id: str) -> StoredCall | None:
        row = self._connection.execute(select(CALLS).where(CALLS.c.call_id == call_id)).one_or_none()
        return None if row is None else _call(row)

    def save_call(self, stored: StoredCall, index: CallIndex) -> None:
        self._upsert(
            CALLS,
            {
                "call_id": stored.call.ref.call_id,
                "source": stored.call.ref.source,
                "provider_call_id": stored.call.ref.provider_call_id,
                "revision": stored.revision,
                "state": canonical(state_of(stored.call)),
                "published": None if stored.published is None else canonical(stored.published),
                "started_at": index.started_at,
                "extension": index.extension,
                "responsible": index.responsible,
                "client_key": index.client_key,
            },
        )

    def calls_of_client(self, client_key: str) -> list[StoredCall]:
        rows = self._connection.execute(
            select(CALLS).where(CALLS.c.client_key == client_key).order_by(CALLS.c.started_at, CALLS.c.call_id)
        )
        return [_call(row) for row in rows]

    def calls_of_person(self, person_id: str, extensions: Iterable[str]) -> list[StoredCall]:
        rows = self._connection.execute(
            select(CALLS)
            .where(or_(CALLS.c.extension.in_(sorted(extensions)), CALLS.c.responsible == person_id))
            .order_by(CALLS.c.started_at, CALLS.c.call_id)
        )
        return [_call(row) for row in rows]

    # leads

    def lead(self, lead_id: str) -> StoredLead:
        row = self._connection.execute(select(LEADS).where(LEADS.c.lead_id == lead_id)).one_or_none()
        return StoredLead(Lead(lead_id)) if row is None else _lead(row)

    def save_lead(self, stored: StoredLead) -> None:
        lead_id = stored.lead.lead_id
        self._upsert(
            LEADS,
            {
                "lead_id": lead_id,
                "revision": stored.revision,
                "state": canonical(lead_state(stored.lead)),
                "published": None if stored.published is None else canonical(stored.published),
                "announced_at": stored.announced_at,
                "responsible": responsible_of(stored.lead),
            },
        )
        self._connection.execute(delete(LEAD_CLIENTS).where(LEAD_CLIENTS.c.lead_id == lead_id))
        keys = [{"client_key": key, "lead_id": lead_id} for key in client_keys_of(stored.lead)]
        if keys:
            self._connection.execute(insert(LEAD_CLIENTS), keys)

    def leads_of_client(self, client_key: str) -> list[Lead]:
        named = select(LEAD_CLIENTS.c.lead_id).where(LEAD_CLIENTS.c.client_key == client_key)
        rows = self._connection.execute(select(LEADS).where(LEADS.c.lead_id.in_(named)).order_by(LEADS.c.lead_id))
        return [_lead(row).lead for row in rows]

    def leads_of_person(self, person_id: str) -> list[StoredLead]:
        rows = self._connection.execute(select(LEADS).where(LEADS.c.responsible == person_id).order_by(LEADS.c.lead_id))
        return [_lead(row) for row in rows]

    # people

    def add_statement(self, fact: PersonFact) -> bool:
        for extension in fact.extensions:
            self._add(PERSON_EXTENSIONS, {"extension": extension, "person_id": fact.person_id})
        return self._add(
            STATEMENTS,
            {
                "person_id": fact.person_id,
                "since": fact.since,
                "digest": _digest(fact),
                "extensions": canonical(list(fact.extensions)),
                "department_id": fact.department_id,
                "department_kind": fact.department_kind,
                "active": fact.active,
            },
        )

    def forget_statement(self, fact: PersonFact) -> None:
        self._connection.execute(
            delete(STATEMENTS).where(
                STATEMENTS.c.person_id == fact.person_id,
                STATEMENTS.c.since == fact.since,
                STATEMENTS.c.digest == _digest(fact),
            )
        )

    def statements_about(self, extension: str) -> list[PersonFact]:
        people = select(PERSON_EXTENSIONS.c.person_id).where(PERSON_EXTENSIONS.c.extension == extension)
        rows = self._connection.execute(select(STATEMENTS).where(STATEMENTS.c.person_id.in_(people)))
        return [_statement(row) for row in rows]

    def statements_of(self, person_id: str) -> list[PersonFact]:
        rows = self._connection.execute(select(STATEMENTS).where(STATEMENTS.c.person_id == person_id))
        return [_statement(row) for row in rows]

    # recordings and ratings

    def recording(self, recording_id: str) -> Recording | None:
        row = self._connection.execute(
            select(RECORDINGS).where(RECORDINGS.c.recording_id == recording_id)
        ).one_or_none()
        return None if row is None else _recording(row)

    def recordings_of(self, call_id: str) -> list[Recording]:
        rows = self._connection.execute(
            select(RECORDINGS).where(RECORDINGS.c.call_id == call_id).order_by(RECORDINGS.c.recording_id)
        )
        return [_recording(row) for row in rows]

    def save_recording(self, recording: Recording) -> None:
        self._upsert(
            RECORDINGS,
            {
                "recording_id": recording.recording_id,
                "call_id": recording.ref.call_id,
                "source": recording.ref.source,
                "provider_call_id": recording.ref.provider_call_id,
                "raw_id": recording.raw_id,
                "state": recording.state.value,
                "tries": recording.tries,
                "reason": recording.reason,
                "wanted_sha256": recording.wanted_sha256,
                "content_type": recording.content_type,
                "seller_channel": recording.seller_channel,
                "key": recording.key,
                "sha256": recording.sha256,
                "size_bytes": recording.size_bytes,
                "stored_at": recording.stored_at,
            },
        )

    def rating(self, call_id: str, channel: str) -> StoredRating | None:
        row = self._connection.execute(
            select(RATINGS).where(RATINGS.c.call_id == call_id, RATINGS.c.channel == channel)
        ).one_or_none()
        if row is None:
            return None
        ref = CallRef(row.source, row.provider_call_id)
        return StoredRating(RatingFact(ref, row.rating, row.channel, row.rated_at))

    def ratings_of(self, call_id: str) -> list[StoredRating]:
        channels = self._connection.execute(
            select(RATINGS.c.channel).where(RATINGS.c.call_id == call_id).order_by(RATINGS.c.channel)
        ).scalars()
        found = [self.rating(call_id, channel) for channel in channels.all()]
        return [rating for rating in found if rating is not None]

    def save_rating(self, stored: StoredRating) -> None:
        fact = stored.fact
        self._upsert(
            RATINGS,
            {
                "call_id": fact.ref.call_id,
                "channel": fact.channel,
                "source": fact.ref.source,
                "provider_call_id": fact.ref.provider_call_id,
                "rating": fact.rating,
                "rated_at": fact.rated_at,
            },
        )


def _digest(fact: PersonFact) -> str:
    said = canonical([list(fact.extensions), fact.department_id, fact.department_kind, fact.active])
    return hashlib.sha256(said.encode()).hexdigest()


def _call(row: Row[Any]) -> StoredCall:
    ref = CallRef(row.source, row.provider_call_id)
    published = None if row.published is None else json.loads(row.published)
    return StoredCall(call_from(ref, json.loads(row.state)), row.revision, published)


def _lead(row: Row[Any]) -> StoredLead:
    published = None if row.published is None else json.loads(row.published)
    return StoredLead(lead_from(row.lead_id, json.loads(row.state)), row.revision, row.announced_at, published)


def _statement(row: Row[Any]) -> PersonFact:
    return PersonFact(
        person_id=row.person_id,
        since=row.since,
        extensions=tuple(json.loads(row.extensions)),
        department_id=row.department_id,
        department_kind=row.department_kind,
        active=row.active,
    )


def _recording(row: Row[Any]) -> Recording:
    return Recording(
        recording_id=row.recording_id,
        ref=CallRef(row.source, row.provider_call_id),
        raw_id=row.raw_id,
        state=RecordingState(row.state),
        tries=row.tries,
        reason=row.reason,
        wanted_sha256=row.wanted_sha256,
        content_type=row.content_type,
        seller_channel=row.seller_channel,
        key=row.key,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        stored_at=row.stored_at,
    )
