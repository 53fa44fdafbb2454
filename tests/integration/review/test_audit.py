"""The audit log in the databases: written with the change or not at all, closed to rewriting, and every touch named."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.review.adapters import audit
from services.review.domain.audit import ChainFault, Tampering
from services.review.domain.people import SYSTEM
from services.runtime.database import Database
from services.runtime.migrations import migrate

ROWS = 6


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    migrate(database_url, "services.review")
    made = Database(database_url)
    with made.begin() as connection:
        for number in range(ROWS):
            audit.record(
                connection,
                actor=SYSTEM,
                action="call.approve",
                object_kind="call",
                object_id=f"call-{number}",
                before={"status": "evaluated_pending"},
                after={"status": "approved_evaluated", "номер": number},
                why="48 часов",
                request_id="r",
            )
    yield made
    made.close()


def faults(database: Database) -> tuple[ChainFault, ...]:
    with database.read() as connection:
        return audit.verify(connection)[1]


def by_superuser(database: Database, *statements: str) -> None:
    """What somebody with all rights does: he takes the guards away first."""
    if database.is_sqlite:
        guards = ["DROP TRIGGER audit_log_no_update", "DROP TRIGGER audit_log_no_delete"]
    else:
        guards = ["ALTER TABLE audit_log DISABLE TRIGGER USER"]
    with database.begin() as connection:
        for statement in (*guards, *statements):
            connection.execute(text(statement))


def test_a_whole_log(database: Database) -> None:
    assert faults(database) == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET why = 'другое' WHERE seq = 3",
        "DELETE FROM audit_log WHERE seq = 3",
        "DELETE FROM audit_log",
        "UPDATE access_log SET person_id = 'x'",
    ],
)
def test_the_database_refuses_to_rewrite(database: Database, statement: str) -> None:
    from services.review.adapters import access_log

    with database.begin() as connection:
        access_log.note(connection, viewer=SYSTEM, kind="view", object_kind="call", object_ids=["c"])
    with pytest.raises(DBAPIError, match="append-only"), database.begin() as connection:
        connection.execute(text(statement))
    assert faults(database) == ()


def test_truncate_is_refused(postgres_url: str) -> None:
    migrate(postgres_url, "services.review")
    database = Database(postgres_url)
    with pytest.raises(DBAPIError, match="append-only"), database.begin() as connection:
        connection.execute(text("TRUNCATE audit_log"))
    database.close()


@pytest.mark.parametrize("seq", [1, 3, ROWS])
def test_an_edit_by_a_superuser_is_named(database: Database, seq: int) -> None:
    by_superuser(database, f"UPDATE audit_log SET why = 'иначе' WHERE seq = {seq}")
    assert faults(database) == (ChainFault(seq, Tampering.CHANGED),)


@pytest.mark.parametrize(("seq", "kind"), [(1, Tampering.MISSING), (3, Tampering.MISSING), (ROWS, Tampering.CUT_OFF)])
def test_a_deletion_by_a_superuser_is_named(database: Database, seq: int, kind: Tampering) -> None:
    by_superuser(database, f"DELETE FROM audit_log WHERE seq = {seq}")
    assert faults(database) == (ChainFault(seq, kind),)


def test_a_swap_by_a_superuser_is_named(database: Database) -> None:
    by_superuser(
        database,
        "UPDATE audit_log SET seq = 100 WHERE seq = 3",
        "UPDATE audit_log SET seq = 3 WHERE seq = 4",
        "UPDATE audit_log SET seq = 4 WHERE seq = 100",
    )
    assert {3, 4} <= {fault.seq for fault in faults(database)}


def test_an_insertion_by_a_superuser_is_named(database: Database) -> None:
    by_superuser(
        database,
        "INSERT INTO audit_log (seq, at, actor_id, actor_role, action, object_kind, object_id, previous_hash, hash) "
        f"SELECT {ROWS + 1}, at, actor_id, actor_role, action, object_kind, object_id, hash, hash "
        f"FROM audit_log WHERE seq = {ROWS}",
    )
    assert faults(database) == (ChainFault(ROWS + 1, Tampering.INSERTED),)


def test_no_change_no_entry(database: Database) -> None:
    class Stopped(Exception):
        pass

    def change_that_fails() -> None:
        with database.begin() as connection:
            audit.record(connection, actor=SYSTEM, action="x", object_kind="call", object_id="c")
            raise Stopped

    with pytest.raises(Stopped):
        change_that_fails()
    with database.read() as connection:
        assert audit.verify(connection) == (ROWS, ())


def test_two_writers_make_one_chain(database: Database) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def write(number: int) -> None:
        with database.begin() as connection:
            audit.record(connection, actor=SYSTEM, action="x", object_kind="call", object_id=str(number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(20)))
    with database.read() as connection:
        assert audit.verify(connection) == (ROWS + 20, ())


def test_pages_go_back_in_time(database: Database) -> None:
    with database.read() as connection:
        first = audit.history(connection, limit=4)
        rest = audit.history(connection, limit=4, before_seq=first[-1].entry.seq)
        one = audit.history(connection, object_kind="call", object_id="call-2")
    assert [row.entry.seq for row in (*first, *rest)] == [6, 5, 4, 3, 2, 1]
    assert [row.entry.seq for row in one] == [3]
