"""Keeps raw events: one thread writes whatever has come at once, so that many senders share one flush to disk."""

from __future__ import annotations

import hashlib
import json
import queue
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from services.ingest.adapters.tables import RAW_BODIES, RAW_EVENTS
from services.ingest.adapters.turns import DoorFirst
from services.ingest.domain.jobs import RAW_EVENT
from services.ingest.domain.refusals import NotAdmitted, Refused
from services.ingest.ports import RawRow, Receipt
from services.runtime.bulk import insert_new, select_in
from services.runtime.errors import TransientError
from services.runtime.queue import Job, put_all

MOST_WAITING = 5_000
MOST_AT_ONCE = 256
PATIENCE_SECONDS = 0.5
MOST_KEYS = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that waits for the next transaction."""

    rows: Sequence[RawRow]
    future: Future[Receipt]


class GroupKeeper:
    """`Keeper`: one thread calls `step` again and again. Every delivery is stored whole or not at all."""

    def __init__(self, database: DoorFirst) -> None:
        self._database = database
        self._waiting: queue.SimpleQueue[Waiting] = queue.SimpleQueue()

    def keep(self, rows: Sequence[RawRow]) -> Future[Receipt]:
        """See `Keeper`."""
        if self._waiting.qsize() >= MOST_WAITING:
            raise NotAdmitted(Refused.OVERLOADED)
        future: Future[Receipt] = Future()
        # from now on nobody can cancel it: a sender that hangs up does not stop the writing
        future.set_running_or_notify_cancel()
        self._database.arrive()
        self._waiting.put(Waiting(rows, future))
        return future

    def step(self) -> bool:
        """Writes what waits, in one transaction; False when nothing came for a while."""
        try:
            group = [self._waiting.get(timeout=PATIENCE_SECONDS)]
        except queue.Empty:
            return False
        while len(group) < MOST_AT_ONCE and not self._waiting.empty():
            group.append(self._waiting.get())
        try:
            self._write(group)
        finally:
            self._database.leave(len(group))
        return True

    def _write(self, group: Sequence[Waiting]) -> None:
        """All in one transaction; when that fails for one delivery's fault, each in its own."""
        try:
            with self._database.begin_first() as connection:
                receipts = store(connection, [waiting.rows for waiting in group])
        except TransientError as error:
            for waiting in group:
                waiting.future.set_exception(error)
        except DBAPIError as error:
            if len(group) == 1:
                group[0].future.set_exception(error)
                return
            for waiting in group:
                self._write([waiting])
        else:
            for waiting, receipt in zip(group, receipts, strict=True):
                waiting.future.set_result(receipt)


def store(connection: Connection, deliveries: Sequence[Sequence[RawRow]]) -> list[Receipt]:
    """Writes deliveries with their jobs; what is there already is left as it is, a contradiction is put aside."""
    batch = Batch(_known(connection, deliveries))
    receipts = [Receipt(tuple(batch.enter(rows))) for rows in deliveries]
    bodies = [{"sha256": sha256, "body": body} for sha256, body in sorted(batch.bodies.items())]
    insert_new(connection, RAW_BODIES, bodies)
    insert_new(connection, RAW_EVENTS, batch.raws)
    put_all(connection, batch.jobs)
    return receipts


def _known(connection: Connection, deliveries: Sequence[Sequence[RawRow]]) -> dict[tuple[str, str], str]:
    """Digests of what is in the store of these keys."""
    keys: dict[str, set[str]] = {}
    for rows in deliveries:
        for row in rows:
            keys.setdefault(row.source, set()).add(row.reading.key)
    found: dict[tuple[str, str], str] = {}
    for source, names in sorted(keys.items()):
        ordered = sorted(names)
        for start in range(0, len(ordered), MOST_KEYS):
            part = ordered[start : start + MOST_KEYS]
            known = select_in(connection, RAW_EVENTS, ("event_key", "digest"), "source", source, "event_key", part)
            found.update({(source, key): digest for key, digest in known})
    return found


@dataclass(slots=True)
class Batch:
    """What one transaction writes; `known` are the digests of keys that are taken."""

    known: dict[tuple[str, str], str]
    raws: list[dict[str, Any]] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)

    def enter(self, rows: Sequence[RawRow]) -> Iterator[str]:
        """What becomes of each event of one delivery; adds its rows and jobs."""
        shared = hashlib.sha256(rows[0].body).hexdigest() if len(rows) > 1 else None
        for row in rows:
            outcome = self._enter(row, shared)
            if shared and outcome != "duplicate":
                self.bodies[shared] = row.body
            yield outcome

    def _enter(self, row: RawRow, shared: str | None) -> str:
        reading = row.reading
        key, problem = reading.key, reading.problem.code if reading.problem else None
        before = self.known.get((row.source, key))
        if before == reading.digest:
            return "duplicate"
        if before is not None:
            problem = "conflict"
            key = f"{key[:200]}!{reading.digest[:40]}"
        self.known[(row.source, key)] = reading.digest
        self.raws.append(_raw_values(row, key, shared, problem))
        if problem is None:
            if reading.facts:
                self.jobs.append(_job(row))
            return "accepted"
        return "conflict" if problem == "conflict" else "quarantined"


def _raw_values(row: RawRow, key: str, shared: str | None, problem: str | None) -> dict[str, Any]:
    reading = row.reading
    return {
        "source": row.source,
        "event_key": key,
        "kind": reading.kind[:100],
        "subject": reading.subject,
        "path": row.path[:200],
        "body": row.body if shared is None else None,
        "body_sha256": shared,
        "position": row.position,
        "headers": json.dumps(dict(row.headers)),
        "digest": reading.digest,
        "received_at": row.received_at,
        "problem": problem,
        "problem_where": f"{reading.problem.where}: {reading.problem.detail}"[:1000] if reading.problem else None,
    }


def _job(row: RawRow) -> Job:
    name = hashlib.sha256(f"{row.source}\n{row.reading.key}".encode()).hexdigest()[:40]
    return Job(
        topic=RAW_EVENT,
        key=row.reading.subject,
        data={"source": row.source, "key": row.reading.key},
        event_id=f"raw-{name}",
        occurred_at=row.received_at,
    )
