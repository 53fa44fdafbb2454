"""Removes recordings, transcripts and dead letters when their time is over; can be stopped and begun again anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, not_, or_, select, update

from services.review.adapters import audit
from services.review.adapters.search import forget
from services.review.adapters.tables import calls
from services.review.adapters.tables_people import legal_holds
from services.review.domain.people import Viewer
from services.review.domain.retention import OPEN_MATTERS, DataClass, KeepFor, Overdue
from services.runtime.database import Database, database_now
from services.runtime.errors import NotFound, PermanentError
from services.runtime.queue import BURIED
from services.runtime.storage import ObjectStorage

BATCH = 200
URI = {DataClass.RECORDINGS: calls.c.audio_uri, DataClass.TRANSCRIPTS: calls.c.transcript_uri}


class Retention:
    """Shows and does what the rules ask for."""

    def __init__(self, database: Database, storage: ObjectStorage, rules: Sequence[KeepFor]) -> None:
        self._database = database
        self._storage = storage
        self._rules = rules

    def show(self) -> list[Overdue]:
        """What `apply` would remove now, by class; changes nothing."""
        with self._database.read() as connection:
            now = database_now(connection)
            return [self._overdue(connection, rule, now) for rule in self._rules]

    def apply(self, actor: Viewer) -> dict[DataClass, int]:
        """Removes it, batch by batch, each batch with a line in the audit log; how many things of each class."""
        return {rule.data_class: sum(self._batches(rule, actor)) for rule in self._rules}

    def _overdue(self, connection: Connection, rule: KeepFor, now: datetime) -> Overdue:
        cutoff = rule.cutoff(now)
        if cutoff is None:
            return Overdue(rule, 0, 0, None, 0)
        if rule.data_class is DataClass.DEAD_LETTERS:
            weight = func.coalesce(func.sum(func.length(BURIED.c.payload)), 0)
            query = select(func.count(), weight, func.min(BURIED.c.buried_at)).where(BURIED.c.buried_at < cutoff)
            count, total, oldest = connection.execute(query).one()
            return Overdue(rule, int(count), int(total), oldest, 0)
        uri = URI[rule.data_class]
        rows = connection.execute(select(uri, calls.c.started_at, calls.c.call_id).where(_due(uri, cutoff))).all()
        held = connection.execute(select(func.count()).where(_old(uri, cutoff), _kept())).scalar_one()
        size = sum(self._size(key) for row in rows for key in self._keys(rule.data_class, row.call_id, row[0]))
        return Overdue(rule, len(rows), size, min((row.started_at for row in rows), default=None), int(held))

    def _batches(self, rule: KeepFor, actor: Viewer) -> Iterator[int]:
        while True:
            with self._database.begin() as connection:
                cutoff = rule.cutoff(database_now(connection))
                if cutoff is None:
                    return
                done = self._batch(connection, rule.data_class, cutoff)
                if not done:
                    return
                audit.record(
                    connection,
                    actor=actor,
                    action="retention.removed",
                    object_kind=rule.data_class.value,
                    object_id=f"{done[0]}…{done[-1]}"[:200],
                    after={"things": done, "kept_days": rule.days},
                )
            yield len(done)

    def _batch(self, connection: Connection, data_class: DataClass, cutoff: datetime) -> list[str]:
        if data_class is DataClass.DEAD_LETTERS:
            query = select(BURIED.c.seq).where(BURIED.c.buried_at < cutoff).order_by(BURIED.c.seq).limit(BATCH)
            numbers = connection.execute(query).scalars().all()
            connection.execute(delete(BURIED).where(BURIED.c.seq.in_(numbers)))
            return [str(number) for number in numbers]
        uri = URI[data_class]
        rows = connection.execute(
            select(calls.c.call_id, uri).where(_due(uri, cutoff)).order_by(calls.c.started_at).limit(BATCH)
        ).all()
        call_ids = [str(row.call_id) for row in rows]
        # The objects go first: a crash leaves rows that are removed again, never objects that nobody knows of.
        for row in rows:
            for key in self._keys(data_class, row.call_id, row[1]):
                self._storage.delete(key)
        connection.execute(update(calls).where(calls.c.call_id.in_(call_ids)).values({uri.name: None}))
        if data_class is DataClass.TRANSCRIPTS:
            forget(connection, call_ids)
        return call_ids

    def _keys(self, data_class: DataClass, call_id: str, uri: str) -> list[str]:
        """The object itself and what else of this class lies in the call's own folder (other legs, the PBX's text)."""
        folder, _, _ = uri.rpartition("/")
        keys = {uri}
        if data_class is DataClass.RECORDINGS and folder.endswith(f"/{call_id}"):
            keys |= set(self._storage.list(f"{folder}/"))
        if data_class is DataClass.TRANSCRIPTS and len(call_id) > 3:
            keys |= set(self._storage.list(f"provider-transcripts/{call_id[1:3]}/{call_id}/"))
        return sorted(keys)

    def _size(self, key: str) -> int:
        try:
            return self._storage.size(key)
        except PermanentError:
            return 0


def _old(uri: Any, cutoff: datetime) -> ColumnElement[bool]:
    return and_(uri.is_not(None), calls.c.started_at < cutoff)


def _kept() -> ColumnElement[bool]:
    held = select(legal_holds.c.call_id).where(legal_holds.c.call_id == calls.c.call_id).exists()
    return or_(held, func.coalesce(calls.c.status, "").in_(sorted(status.value for status in OPEN_MATTERS)))


def _due(uri: Any, cutoff: datetime) -> ColumnElement[bool]:
    return and_(_old(uri, cutoff), not_(_kept()))


def place_hold(connection: Connection, actor: Viewer, call_id: str, why: str) -> None:
    """Keeps everything of a call whatever its age, until released. Raises NotFound."""
    if connection.execute(select(calls.c.call_id).where(calls.c.call_id == call_id)).first() is None:
        raise NotFound("There is no such call.")
    connection.execute(delete(legal_holds).where(legal_holds.c.call_id == call_id))
    connection.execute(
        insert(legal_holds).values(
            call_id=call_id, placed_by=actor.person_id, why=why[:500], placed_at=database_now(connection)
        )
    )
    audit.record(connection, actor=actor, action="hold.placed", object_kind="call", object_id=call_id, why=why)


def release_hold(connection: Connection, actor: Viewer, call_id: str, why: str) -> None:
    """The call ages again. Raises NotFound."""
    if connection.execute(delete(legal_holds).where(legal_holds.c.call_id == call_id)).rowcount == 0:
        raise NotFound("This call is not held.")
    audit.record(connection, actor=actor, action="hold.released", object_kind="call", object_id=call_id, why=why)
