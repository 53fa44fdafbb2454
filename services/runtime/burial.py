"""Dead letters: what cannot be handled, kept whole with its reason, told on `<topic>-dlq`, and dug up again."""

from __future__ import annotations

import uuid
from base64 import b64encode

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from schemas import codec
from services.runtime import metrics
from services.runtime.database import database_now
from services.runtime.queue import BURIED, INBOX, Claim, end, send


def bury(
    connection: Connection,
    claimed: Claim,
    *,
    service: str,
    code: str,
    detail: str,
    internal: bool,
    letters: str | None = None,
) -> None:
    """Ends a row as a dead letter: a row in `buried` and, for a topic's message, one on `<topic>-dlq`.

    `letters` names the topic on whose dead letters an own (`internal`) job is told all the same.
    """
    now = database_now(connection)
    end(connection, claimed, status="buried", ended_at=now)
    got = claimed.received
    payload = codec.to_json(
        {
            "event_id": got.event_id,
            "event": got.event,
            "occurred_at": got.occurred_at,
            "version": got.version,
            "caused_by": got.caused_by,
            "data": got.data,
        }
    ).encode()
    bury_bytes(
        connection,
        service=service,
        topic=claimed.topic,
        key=got.key,
        event_id=got.event_id,
        code=code,
        detail=detail,
        attempts=got.attempts,
        payload=payload,
        partition=claimed.partition,
        offset=claimed.offset,
        internal=internal,
        letters=letters,
    )


def bury_bytes(
    connection: Connection,
    *,
    service: str,
    topic: str,
    key: str | None,
    event_id: str | None,
    code: str,
    detail: str,
    attempts: int,
    payload: bytes,
    partition: int | None = None,
    offset: int | None = None,
    internal: bool = False,
    letters: str | None = None,
) -> None:
    """A dead letter for bytes that may not even be an event."""
    now = database_now(connection)
    metrics.count("queue.buried", topic=topic, code=code)
    connection.execute(
        insert(BURIED).values(
            event_id=event_id,
            topic=topic,
            key=key,
            partition=partition,
            offset=offset,
            code=code[:64],
            detail=detail[:1000],
            attempts=attempts,
            payload=payload,
            buried_at=now,
            internal=internal,
        )
    )
    told_on = letters or (None if internal else topic)
    if told_on is None:
        return
    letter = {
        "topic": told_on,
        "partition": partition,
        "offset": offset,
        "key": key[:200] if key else None,
        "event_id": event_id[:128] if event_id else None,
        "service": service,
        "code": code[:64],
        "detail": detail[:1000],
        "attempts": attempts,
        "buried_at": now,
        "payload": b64encode(payload[:30_000]).decode(),
    }
    letter_id = uuid.uuid4().hex
    raw = codec.encode("dead-letter", letter, event_id=letter_id, occurred_at=now, caused_by=None)
    send(connection, topic=f"{told_on}-dlq", key=key or "", payload=raw, event_id=letter_id, now=now)


def dig_up(connection: Connection, seq: int) -> bool:
    """Replays a dead letter: its inbox row waits again with no attempts. False when there is nothing to replay."""
    row = connection.execute(select(BURIED).where(BURIED.c.seq == seq)).one_or_none()
    if row is None or row.event_id is None:
        return False
    now = database_now(connection)
    result = connection.execute(
        update(INBOX)
        .where(INBOX.c.event_id == row.event_id, INBOX.c.status == "buried")
        .values(status="waiting", attempts=0, waits=0, available_at=now, ended_at=None)
    )
    connection.execute(update(BURIED).where(BURIED.c.seq == seq).values(replayed_at=now))
    return result.rowcount == 1
