"""The only producer: publishes outbox rows in order per key and marks what the broker has confirmed."""

from __future__ import annotations

import fcntl
import time
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Connection, make_url

from services.runtime import metrics
from services.runtime.database import Database, database_now
from services.runtime.errors import TransientError
from services.runtime.kafka import KafkaSettings
from services.runtime.logs import log
from services.runtime.queue import OUTBOX

BATCH = 500
CONFIRM_SECONDS = 70
LOCK = 7_305_178  # of PostgreSQL's advisory locks: one relay a database
REPUBLISH = timedelta(hours=24)


class RelayLock:
    """Holds the right to relay for one database: a lock file beside SQLite, an advisory lock in PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file: IO[bytes] | None = None
        self._connection: Connection | None = None

    def held(self) -> bool:
        """Takes the lock if it is free; True while it is ours."""
        return self._held_file() if self._database.is_sqlite else self._held_advisory()

    def _held_file(self) -> bool:
        if self._file is None:
            path = Path(str(make_url(self._database.url).database) + ".relay")
            handle = path.open("wb")
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                handle.close()
                return False
            self._file = handle
        return True

    def _held_advisory(self) -> bool:
        if self._connection is not None:
            try:
                self._connection.exec_driver_sql("SELECT 1")
                return True
            except Exception:  # noqa: BLE001 - whatever broke the connection has freed the lock
                self._connection.invalidate()
                self._connection.close()
                self._connection = None
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({LOCK})").scalar_one():
            self._connection = connection
            return True
        connection.close()
        return False

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        if self._connection is not None:
            self._connection.close()
        self._file = self._connection = None


class Relay:
    """Moves rows from one database's outbox to Kafka; `step` is one round."""

    def __init__(self, database: Database, kafka: KafkaSettings) -> None:
        self._database = database
        self._kafka = kafka
        self._producer: Any = None
        self._lock = RelayLock(database)
        self._began = False
        self.healthy = True

    def step(self) -> bool:
        """Publishes what is unsent; True when there was something. Raises TransientError when the broker is away."""
        if not self._lock.held():
            return False
        if not self._began:
            self._begin()
        with self._database.read() as connection:
            rows = connection.execute(
                select(OUTBOX.c.seq, OUTBOX.c.topic, OUTBOX.c.key, OUTBOX.c.payload)
                .where(OUTBOX.c.sent_at.is_(None))
                .order_by(OUTBOX.c.seq)
                .limit(BATCH)
            ).all()
        if not rows:
            return False
        confirmed = self._publish(rows)
        if confirmed:
            with self._database.begin() as connection:
                connection.execute(
                    update(OUTBOX)
                    .where(OUTBOX.c.seq == bindparam("sent_seq"))
                    .values(sent_at=database_now(connection)),
                    [{"sent_seq": seq} for seq in confirmed],
                )
        self.healthy = len(confirmed) == len(rows)
        if not self.healthy:
            raise TransientError("The broker did not confirm every message; they are sent again.")
        return True

    def _begin(self) -> None:
        """The embedded broker forgets everything when it ends: what it may have lost goes out once more."""
        if self._kafka.embedded:
            with self._database.begin() as connection:
                since = database_now(connection) - REPUBLISH
                again = connection.execute(update(OUTBOX).where(OUTBOX.c.sent_at > since).values(sent_at=None)).rowcount
            if again:
                log.info("relay.republishing", messages=again)
        self._began = True

    def _publish(self, rows: Any) -> list[int]:
        """The rows that the broker confirmed; after a failure, nothing more of that key counts as sent."""
        from kafka.errors import KafkaError

        try:
            if self._producer is None:
                self._producer = self._kafka.producer()
            waiting = [
                (row, self._producer.send(row.topic, key=row.key.encode(), value=bytes(row.payload))) for row in rows
            ]
            self._producer.flush(timeout=CONFIRM_SECONDS)
        except KafkaError as error:
            self._drop_producer()
            raise TransientError("The broker cannot be reached; messages wait in the outbox.") from error
        confirmed: list[int] = []
        failed: set[tuple[str, str]] = set()
        for row, future in waiting:
            if future.succeeded() and (row.topic, row.key) not in failed:
                confirmed.append(row.seq)
                metrics.count("relay.published", topic=row.topic)
            else:
                failed.add((row.topic, row.key))
                metrics.count("relay.failed")
        if failed:
            self._drop_producer()
        return confirmed

    def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.close(timeout=1)

    def drain(self, seconds: float) -> None:
        """Publishes what is left before a shutdown, for at most that long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                if not self.step():
                    return
            except TransientError:
                return

    def close(self) -> None:
        if self._producer is not None:
            self._producer.close(timeout=2)
        self._lock.close()
