"""The durable queue in each service's database: what arrives, who works on it, what goes out, in one transaction.

The inbox takes Kafka messages and own jobs alike. A row is claimed under a lease with a fencing token, in
order per topic and key; an attempt is counted before it begins, so that what kills the process is buried in the end.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, and_, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from schemas import codec
from services.runtime.bulk import insert_new
from services.runtime.database import QUEUED, database_now
from services.runtime.errors import StaleVersion
from services.runtime.queue_tables import new_metadata

MAX_ATTEMPTS = 3
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=5)
FIRST_RETRY = timedelta(milliseconds=500)

_TABLES = new_metadata().tables
INBOX: Table = _TABLES["inbox"]
OUTBOX: Table = _TABLES["outbox"]
BURIED: Table = _TABLES["buried"]


@dataclass(frozen=True, slots=True)
class Received:
    """A message or job being handled. `attempts` is 1 on the first try."""

    event_id: str
    event: str
    key: str
    occurred_at: datetime
    version: int
    caused_by: str | None
    data: dict[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A row under our lease; `token` fences off a worker whose lease ran out."""

    seq: int
    topic: str
    token: str
    waits: int
    partition: int | None
    offset: int | None
    received: Received


@dataclass(frozen=True, slots=True)
class Tx:
    """One transaction of a service: the connection, the database's clock, and what goes out with it."""

    connection: Connection
    now: datetime
    caused_by: str | None = None

    def emit(self, event: str, key: str, data: Mapping[str, Any], *, occurred_at: datetime | None = None) -> str:
        """Writes an event to the outbox; returns its event_id. Raises InvalidEvent when it breaks its schema."""
        event_id = uuid.uuid4().hex
        payload = codec.encode(
            event, data, event_id=event_id, occurred_at=occurred_at or self.now, caused_by=self.caused_by
        )
        send(self.connection, topic=event, key=key, payload=payload, event_id=event_id, now=self.now)
        return event_id

    def later(
        self, topic: str, key: str, data: Mapping[str, Any], *, event_id: str, not_before: datetime | None = None
    ) -> bool:
        """Puts a job of the service's own into its inbox; False when that job was put before."""
        return put(
            self.connection,
            topic=topic,
            key=key,
            data=data,
            event_id=event_id,
            occurred_at=self.now,
            caused_by=self.caused_by,
            not_before=not_before,
        )


@dataclass(frozen=True, slots=True)
class Route:
    """What to do with the messages of one topic (or one kind of own job).

    Routes of one `lane` share its threads, so that what is quick need not wait behind what is slow. `letters`: the
    topic on whose dead letters the burial of an own job is told.
    """

    topic: str
    handle: Callable[[Received, Any, Tx], None]
    prepare: Callable[[Received], Any] | None = None
    on_buried: Callable[[Received, str, Tx], None] | None = None
    lane: str = "work"
    letters: str | None = None


def send(connection: Connection, *, topic: str, key: str, payload: bytes, event_id: str, now: datetime) -> None:
    """One outbox row; the relay publishes it after the commit."""
    connection.info[QUEUED] = True
    connection.execute(insert(OUTBOX).values(event_id=event_id, topic=topic, key=key, payload=payload, written_at=now))


def put(
    connection: Connection,
    *,
    topic: str,
    key: str,
    data: Mapping[str, Any],
    event_id: str,
    occurred_at: datetime,
    event: str | None = None,
    version: int = 1,
    caused_by: str | None = None,
    not_before: datetime | None = None,
    partition: int | None = None,
    offset: int | None = None,
) -> bool:
    """Stores a message or job once; False when its `event_id` is already there."""
    connection.info[QUEUED] = True
    now = database_now(connection)
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(INBOX).values(
        event_id=event_id,
        topic=topic,
        key=key,
        event=event or topic,
        version=version,
        occurred_at=occurred_at,
        caused_by=caused_by,
        data=codec.to_json(data),
        partition=partition,
        offset=offset,
        received_at=now,
        status="waiting",
        attempts=0,
        waits=0,
        available_at=not_before or now,
    )
    fresh = statement.on_conflict_do_nothing(index_elements=["event_id"]).returning(INBOX.c.seq)
    return connection.execute(fresh).one_or_none() is not None


@dataclass(frozen=True, slots=True)
class Job:
    """A job to be put among many; see `put`."""

    topic: str
    key: str
    data: Mapping[str, Any]
    event_id: str
    occurred_at: datetime


def put_all(connection: Connection, jobs: Sequence[Job]) -> None:
    """Stores many jobs in one statement; those whose `event_id` is already there are left as they are."""
    if not jobs:
        return
    now = database_now(connection)
    rows = [
        {
            "event_id": job.event_id,
            "topic": job.topic,
            "key": job.key,
            "event": job.topic,
            "version": 1,
            "occurred_at": job.occurred_at,
            "data": codec.to_json(job.data),
            "received_at": now,
            "status": "waiting",
            "attempts": 0,
            "waits": 0,
            "available_at": now,
        }
        for job in jobs
    ]
    connection.info[QUEUED] = True
    insert_new(connection, INBOX, rows)


def claim(connection: Connection, topics: Collection[str], lease: timedelta) -> Claim | None:
    """Takes the next row whose turn it is; its attempt is counted now. None when nothing is due."""
    now = database_now(connection)
    earlier = INBOX.alias("earlier")
    blocked = (
        select(earlier.c.seq)
        .where(
            earlier.c.topic == INBOX.c.topic,
            earlier.c.key == INBOX.c.key,
            earlier.c.seq < INBOX.c.seq,
            earlier.c.status.in_(("waiting", "working")),
        )
        .exists()
    )
    row = connection.execute(
        select(INBOX)
        .where(INBOX.c.status == "waiting", INBOX.c.available_at <= now, INBOX.c.topic.in_(sorted(topics)), ~blocked)
        .order_by(INBOX.c.available_at, INBOX.c.seq)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    token = uuid.uuid4().hex
    connection.execute(
        update(INBOX)
        .where(INBOX.c.seq == row.seq)
        .values(status="working", attempts=row.attempts + 1, lease_token=token, lease_until=now + lease)
    )
    return _claim_of(row, token, row.attempts + 1)


def _claim_of(row: Any, token: str, attempts: int) -> Claim:
    received = Received(
        event_id=row.event_id,
        event=row.event,
        key=row.key,
        occurred_at=row.occurred_at,
        version=row.version,
        caused_by=row.caused_by,
        data=codec.from_json(row.data),
        attempts=attempts,
    )
    return Claim(row.seq, row.topic, token, row.waits, row.partition, row.offset, received)


def end(connection: Connection, claimed: Claim, **values: Any) -> None:
    """Ends or gives back a row that is still ours. Raises StaleVersion when the lease went to somebody else."""
    result = connection.execute(
        update(INBOX)
        .where(INBOX.c.seq == claimed.seq, INBOX.c.lease_token == claimed.token, INBOX.c.status == "working")
        .values(lease_token=None, lease_until=None, **values)
    )
    if result.rowcount != 1:
        raise StaleVersion("The lease on this work ran out and another worker has it.")


def finish(connection: Connection, claimed: Claim) -> None:
    """The row's end, in the transaction of its effect."""
    end(connection, claimed, status="done", ended_at=database_now(connection))


def wait(connection: Connection, claimed: Claim) -> timedelta:
    """Gives a row back because the world is at fault: not counted as an attempt, later each time."""
    pause = min(timedelta(seconds=FIRST_WAIT.total_seconds() * 2 ** min(claimed.waits, 16)), LONGEST_WAIT)
    end(
        connection,
        claimed,
        status="waiting",
        attempts=claimed.received.attempts - 1,
        waits=claimed.waits + 1,
        available_at=database_now(connection) + pause,
    )
    return pause


def retry(connection: Connection, claimed: Claim) -> None:
    """Gives a row back after an error of unknown kind; the attempt stays counted."""
    pause = FIRST_RETRY * 4 ** (claimed.received.attempts - 1)
    end(connection, claimed, status="waiting", available_at=database_now(connection) + pause)


def release(connection: Connection, claimed: Claim) -> None:
    """Gives a row back unharmed, because the worker stops."""
    end(
        connection,
        claimed,
        status="waiting",
        attempts=claimed.received.attempts - 1,
        available_at=database_now(connection),
    )


def renew(connection: Connection, claimed: Claim, lease: timedelta) -> bool:
    """Prolongs a lease; False when it is no longer ours."""
    result = connection.execute(
        update(INBOX)
        .where(INBOX.c.seq == claimed.seq, INBOX.c.lease_token == claimed.token)
        .values(lease_until=database_now(connection) + lease)
    )
    return result.rowcount == 1


def expired(connection: Connection, topics: Collection[str]) -> list[Claim]:
    """Rows whose worker died: those with attempts left go back to waiting, the others are returned, to be buried."""
    now = database_now(connection)
    lost = and_(INBOX.c.status == "working", INBOX.c.lease_until < now, INBOX.c.topic.in_(sorted(topics)))
    connection.execute(
        update(INBOX)
        .where(lost, INBOX.c.attempts < MAX_ATTEMPTS)
        .values(status="waiting", lease_token=None, lease_until=None, available_at=now)
    )
    rows = connection.execute(select(INBOX).where(lost).with_for_update(skip_locked=True)).all()
    return [_claim_of(row, row.lease_token, row.attempts) for row in rows]


def backlog(connection: Connection) -> dict[str, int]:
    """How many rows are unfinished, by topic, and unsent (`outbox`)."""
    rows = connection.execute(
        select(INBOX.c.topic, func.count())
        .where(or_(INBOX.c.status == "waiting", INBOX.c.status == "working"))
        .group_by(INBOX.c.topic)
    ).all()
    unsent = connection.execute(select(func.count()).select_from(OUTBOX).where(OUTBOX.c.sent_at.is_(None))).scalar_one()
    return {**{topic: int(number) for topic, number in rows}, "outbox": int(unsent)}


def prune(connection: Connection, *, keep: timedelta) -> int:
    """Removes sent outbox rows and done inbox rows older than `keep` (longer than any topic's retention)."""
    before = database_now(connection) - keep
    gone = connection.execute(OUTBOX.delete().where(OUTBOX.c.sent_at < before)).rowcount
    gone += connection.execute(INBOX.delete().where(INBOX.c.status == "done", INBOX.c.ended_at < before)).rowcount
    return int(gone)
