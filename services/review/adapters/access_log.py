"""Who saw, heard or took away which data: one row for each, so that a leak can be traced to people and calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, func, insert, select

from services.review.adapters.tables_people import access_log
from services.review.domain.people import Viewer
from services.runtime.database import database_now

Kind = Literal["view", "play", "download", "export", "search", "denied"]


@dataclass(frozen=True)
class Access:
    """One look at one object."""

    seq: int
    at: datetime
    person_id: str
    kind: str
    object_kind: str
    object_id: str
    client_key: str | None
    fields: str
    why: str | None
    request_id: str | None


def note(
    connection: Connection,
    *,
    viewer: Viewer,
    kind: Kind,
    object_kind: str,
    object_ids: Iterable[str],
    client_key: str | None = None,
    fields: Iterable[str] = (),
    why: str | None = None,
    request_id: str | None = None,
) -> None:
    """Writes one row an object; `fields` names what was shown (transcript, audio, names …), never its content."""
    at = database_now(connection)
    row = {
        "at": at,
        "person_id": viewer.person_id,
        "kind": kind,
        "object_kind": object_kind,
        "client_key": client_key,
        "fields": ",".join(fields)[:500],
        "why": why[:200] if why else None,
        "request_id": request_id,
    }
    rows = [{**row, "object_id": object_id[:200]} for object_id in object_ids]
    if rows:
        connection.execute(insert(access_log), rows)


def noted_since(connection: Connection, *, person_id: str, kind: Kind, object_id: str, since: datetime) -> bool:
    """Whether such a look of the person at the object was noted since then."""
    query = select(access_log.c.seq).where(
        access_log.c.person_id == person_id,
        access_log.c.at >= since,
        access_log.c.kind == kind,
        access_log.c.object_id == object_id,
    )
    return connection.execute(query.limit(1)).first() is not None


def looks(
    connection: Connection,
    *,
    person_id: str | None = None,
    object_id: str | None = None,
    kind: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before_seq: int | None = None,
    limit: int = 200,
) -> list[Access]:
    """The newest first; `before_seq` continues an earlier page. Times are half-open, aware UTC."""
    query = select(access_log).order_by(access_log.c.seq.desc()).limit(limit)
    conditions: list[Any] = []
    if person_id is not None:
        conditions.append(access_log.c.person_id == person_id)
    if object_id is not None:
        conditions.append(access_log.c.object_id == object_id)
    if kind is not None:
        conditions.append(access_log.c.kind == kind)
    if since is not None:
        conditions.append(access_log.c.at >= since)
    if until is not None:
        conditions.append(access_log.c.at < until)
    if before_seq is not None:
        conditions.append(access_log.c.seq < before_seq)
    return [Access(**row._mapping) for row in connection.execute(query.where(*conditions))]


def reached(connection: Connection, person_id: str, since: datetime, until: datetime) -> Iterator[dict[str, Any]]:
    """For a breach report: every object the person reached in the time, with what was shown and how often."""
    query = (
        select(
            access_log.c.object_kind,
            access_log.c.object_id,
            func.max(access_log.c.client_key).label("client_key"),
            access_log.c.kind,
            access_log.c.fields,
            func.count().label("times"),
            func.min(access_log.c.at).label("first_at"),
            func.max(access_log.c.at).label("last_at"),
        )
        .where(access_log.c.person_id == person_id, access_log.c.at >= since, access_log.c.at < until)
        .where(access_log.c.kind != "denied")
        .group_by(access_log.c.object_kind, access_log.c.object_id, access_log.c.kind, access_log.c.fields)
        .order_by(access_log.c.object_kind, access_log.c.object_id)
    )
    for row in connection.execution_options(yield_per=1000).execute(query):
        yield dict(row._mapping)
