"""SQLite and PostgreSQL behind one small surface: transactions and the database's own clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from services.runtime.errors import TransientError

BUSY_TIMEOUT_MS = 10_000
# Without it an INSERT on PostgreSQL says -1 instead of how many rows it wrote.
COUNTED = {"preserve_rowcount": True}
SQLITE_ERROR = 1
QUEUED = "otzvuk.queued"  # mark on a connection whose transaction has put something into the queue


def _on_sqlite_connect(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _make_engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise ValueError("an SQLite database needs a file: sqlite:///folder/name.db")
        Path(str(parsed.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(
            parsed,
            pool_size=20,
            max_overflow=40,
            hide_parameters=True,
            execution_options=COUNTED,
            connect_args={"check_same_thread": False},
        )
        event.listen(engine, "connect", _on_sqlite_connect)
        return engine
    if parsed.get_backend_name() != "postgresql":
        raise ValueError(f"database {parsed.get_backend_name()!r} is not supported: use sqlite or postgresql")
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=10,
        max_overflow=20,
        pool_pre_ping=True,
        hide_parameters=True,
        execution_options=COUNTED,
        connect_args={"options": "-c timezone=utc", "connect_timeout": 5},
    )


def translate(error: DBAPIError | DisconnectionError) -> TransientError | None:
    """Our verdict on a database error: the world's fault, or None when it is ours."""
    if isinstance(error, IntegrityError):
        return None
    if isinstance(error, DBAPIError) and getattr(error.orig, "sqlite_errorcode", None) == SQLITE_ERROR:
        return None  # a wrong statement, which SQLite files under the same class as a busy database
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    serialisation = isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", "") in ("40001", "40P01", "57P01")
    if isinstance(error, OperationalError | DisconnectionError) or lost or serialisation:
        return TransientError("The database cannot be reached or is busy; the work is tried again by itself.")
    return None


def _nobody_hears() -> None:
    """The bell of a database whose process runs no loops."""


class Database:
    """One service's own database; `bell` is rung when a committed transaction has put something into the queue."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _make_engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self.bell: Callable[[], None] = _nobody_hears

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        try:
            with self.engine.connect() as connection:
                if self.is_sqlite:
                    connection.exec_driver_sql(begin)
                with connection.begin() if not connection.in_transaction() else connection.get_transaction():  # type: ignore[union-attr]
                    yield connection
        except (DBAPIError, DisconnectionError) as error:
            verdict = translate(error)
            if verdict is None:
                raise
            raise verdict from error

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A write transaction, committed at the end and rolled back on any error. Raises TransientError."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            connection.info.pop(QUEUED, None)
            yield connection
            queued = connection.info.pop(QUEUED, False)
        if queued:
            self.bell()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view for reading."""
        with self._transaction("BEGIN") as connection:
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def database_now(connection: Connection) -> datetime:
    """The database's clock, aware UTC: the only clock that decides what is due."""
    if connection.dialect.name == "sqlite":
        # julian days have millisecond steps; unixepoch with subsec needs a newer SQLite than some systems carry
        value = connection.exec_driver_sql("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')").scalar_one()
        return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)
    instant: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return instant.astimezone(UTC)
