"""Rows of the raw events: read back, put aside, listed for a replay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Listed:
    """A raw event without its bytes."""

    raw_id: int
    source: str
    event_key: str
    subject: str


def listed(
    connection: Connection,
    since: datetime | None,
    until: datetime | None,
    subject: str | None,
    put_aside: bool,
    page_size: int = PAGE,
) -> Iterator[Listed]:
    """Raw events in order of arrival: those that were understood, or those put aside (conflicts excepted)."""
    columns = (RAW_EVENTS.c.raw_id, RAW_EVENTS.c.source, RAW_EVENTS.c.event_key, RAW_EVENTS.c.subject)
    problem = RAW_EVENTS.c.problem
    query = select(*columns).where(problem.not_in(("conflict", "expired")) if put_aside else problem.is_(None))
    if not put_aside:
        query = query.where(RAW_EVENTS.c.subject != "")
    if since is not None:
        query = query.where(RAW_EVENTS.c.received_at >= since)
    if until is not None:
        query = query.where(RAW_EVENTS.c.received_at < until)
    if subject is not None:
        query = query.where(RAW_EVENTS.c.subject == subject)
    last = 0
    while True:
        page = connection.execute(
            query.where(RAW_EVENTS.c.raw_id > last).order_by(RAW_EVENTS.c.raw_id).limit(page_size)
        ).all()
        yield from (Listed(row.raw_id, row.source, row.event_key, row.subject) for row in page)
        if len(page) < page_size:
            return
        last = page[-1].raw_id
