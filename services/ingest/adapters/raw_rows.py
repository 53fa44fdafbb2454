"""Rows of the raw events: read back, put aside, listed for a replay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import Connection, Row

from services.ingest.adapters.tables import RAW_BODIES, RAW_EVENTS
from services.ingest.domain.facts import Raw
from services.ingest.ports import Kept

PAGE = 500


def by_key(connection: Connection, source: str, event_key: str) -> Kept | None:
    """A raw event by the sender's key."""
    return _kept(
        connection,
        connection.execute(
            select(RAW_EVENTS).where(RAW_EVENTS.c.source == source, RAW_EVENTS.c.event_key == event_key)
        ).one_or_none(),
    )


def by_id(connection: Connection, raw_id: int) -> Kept | None:
    """A raw event by our number."""
    return _kept(connection, connection.execute(select(RAW_EVENTS).where(RAW_EVENTS.c.raw_id == raw_id)).one_or_none())


def _kept(connection: Connection, row: Row[Any] | None) -> Kept | None:
    if row is None:
        return None
    body = row.body
    if body is None:
        body = connection.execute(select(RAW_BODIES.c.body).where(RAW_BODIES.c.sha256 == row.body_sha256)).scalar_one()
    raw = Raw(row.source, row.path, bytes(body), row.received_at)
    return Kept(row.raw_id, raw, row.position, row.event_key, row.problem)


def put_aside(connection: Connection, source: str, event_key: str, code: str | None) -> None:
    """Marks a raw event that could not be worked on; None takes the mark away."""
    connection.execute(
        update(RAW_EVENTS)
        .where(RAW_EVENTS.c.source == source, RAW_EVENTS.c.event_key == event_key)
        .values(problem=None if code is None else code[:64])
    )


def usable(
    connection: Connection, *, since: datetime | None, until: datetime | None, subject: str | None
) -> Iterator[tuple[int, str, str, str]]:
    """(raw_id, source, event_key, subject) of understood raw events in order of arrival, a page at a time."""
    last = 0
    while True:
        query = select(RAW_EVENTS.c.raw_id, RAW_EVENTS.c.source, RAW_EVENTS.c.event_key, RAW_EVENTS.c.subject).where(
            RAW_EVENTS.c.problem.is_(None), RAW_EVENTS.c.raw_id > last
        )
        if since is not None:
            query = query.where(RAW_EVENTS.c.received_at >= since)
        if until is not None:
            query = query.where(RAW_EVENTS.c.received_at < until)
        if subject is not None:
            query = query.where(RAW_EVENTS.c.subject == subject)
        page = connection.execute(query.order_by(RAW_EVENTS.c.raw_id).limit(PAGE)).all()
        yield from ((row.raw_id, row.source, row.event_key, row.subject) for row in page)
        if len(page) < PAGE:
            return
        last = page[-1].raw_id
