"""Writes the audit log inside the transaction of the change, and reads it back to prove that it is whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from services.review.adapters.tables_people import audit_head, audit_log
from services.review.domain.audit import AuditEntry, ChainedEntry, ChainFault, ChainHead, entry_hash, faults
from services.review.domain.people import Viewer
from services.runtime.database import database_now

PAGE = 1000


def record(
    connection: Connection,
    *,
    actor: Viewer,
    action: str,
    object_kind: str,
    object_id: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str | None = None,
    request_id: str | None = None,
) -> int:
    """Appends one entry to the chain and returns its number.

    Call it last in the transaction: on PostgreSQL the head row stays locked until the commit, so that the order of
    the chain is the order of the commits. `before` and `after` hold ids and decided values, never speech or numbers.
    """
    head = connection.execute(select(audit_head.c.seq, audit_head.c.hash).with_for_update()).one()
    entry = AuditEntry(
        seq=head.seq + 1,
        at=database_now(connection),
        actor_id=actor.person_id,
        actor_role=actor.role.value,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        before=_json(before),
        after=_json(after),
        why=why,
        request_id=request_id,
    )
    chained = entry_hash(head.hash, entry)
    connection.execute(insert(audit_log).values(**entry.__dict__, previous_hash=head.hash, hash=chained))
    connection.execute(update(audit_head).values(seq=entry.seq, hash=chained))
    return entry.seq


def _json(values: Mapping[str, Any] | None) -> str | None:
    return None if values is None else json.dumps(values, ensure_ascii=False, sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"an audit entry cannot hold {type(value).__name__}")


def head(connection: Connection) -> ChainHead:
    """Where the log ends now; written down elsewhere once a day it proves everything before it."""
    row = connection.execute(select(audit_head.c.seq, audit_head.c.hash)).one()
    return ChainHead(row.seq, row.hash)


def entries(connection: Connection, *, after: int | None = None) -> Iterator[ChainedEntry]:
    """All rows by rising number, page by page; `after` skips up to a number."""
    last = after
    while True:
        query = select(audit_log).order_by(audit_log.c.seq).limit(PAGE)
        rows = connection.execute(query if last is None else query.where(audit_log.c.seq > last)).all()
        yield from (_chained(row) for row in rows)
        if len(rows) < PAGE:
            return
        last = rows[-1].seq


def history(
    connection: Connection,
    *,
    object_kind: str | None = None,
    object_id: str | None = None,
    actor_id: str | None = None,
    actions: Sequence[str] = (),
    before_seq: int | None = None,
    limit: int = 100,
) -> list[ChainedEntry]:
    """The newest entries first, of one object or actor if named; `before_seq` continues an earlier page."""
    query = select(audit_log).order_by(audit_log.c.seq.desc()).limit(limit)
    wanted = (
        (audit_log.c.object_kind, object_kind),
        (audit_log.c.object_id, object_id),
        (audit_log.c.actor_id, actor_id),
    )
    for column, value in wanted:
        if value is not None:
            query = query.where(column == value)
    if actions:
        query = query.where(audit_log.c.action.in_(actions))
    if before_seq is not None:
        query = query.where(audit_log.c.seq < before_seq)
    return [_chained(row) for row in connection.execute(query)]


def verify(connection: Connection, known: Iterable[ChainHead] = ()) -> tuple[int, tuple[ChainFault, ...]]:
    """How many rows there are, and every one that was touched."""
    number = connection.execute(select(func.count()).select_from(audit_log)).scalar_one()
    return int(number), faults(entries(connection), head(connection), known)


def _chained(row: Row[Any]) -> ChainedEntry:
    values = dict(row._mapping)
    previous, own = values.pop("previous_hash"), values.pop("hash")
    return ChainedEntry(AuditEntry(**values), previous, own)
