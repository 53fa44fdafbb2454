"""The store, the raw events and the migrations on SQLite and on PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from services.ingest.adapters import raw_rows
from services.ingest.adapters.keeper import MOST_WAITING, GroupKeeper, store
from services.ingest.adapters.store import SqlStore
from services.ingest.adapters.tables import METADATA, RAW_BODIES, RAW_EVENTS
from services.ingest.adapters.turns import LONGEST_PATIENCE_SECONDS, DoorFirst
from services.ingest.domain.facts import Raw
from services.ingest.domain.refusals import NotAdmitted, Refused
from services.ingest.handlers.receive import rows_of
from services.ingest.ports import RawRow, Store
from services.runtime.errors import TransientError
from services.runtime.loops import Loop, Running
from services.runtime.migrations import migrate
from services.runtime.queue import INBOX
from tests.contract.ingest.stores import StoreContract
from tests.fakes.ingest import NOW, at, body_of, event, request, signed, webhook


@pytest.fixture
def database(database_url: str) -> Iterator[DoorFirst]:
    migrate(database_url, "services.ingest")
    opened = DoorFirst(database_url)
    yield opened
    opened.close()


class TestSqlStore(StoreContract):
    @pytest.fixture(autouse=True)
    def _database(self, database: DoorFirst) -> None:
        self.database = database

    def opened(self) -> AbstractContextManager[Store]:
        @contextmanager
        def again() -> Iterator[Store]:
            with self.database.begin() as connection:
                yield SqlStore(connection)

        return again()


def test_the_migrations_make_the_tables_of_the_code(database: DoorFirst) -> None:
    with database.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = [change for change in compare_metadata(context, METADATA) if "alembic_version" not in str(change)]
    assert found == []


def test_migrating_again_changes_nothing(database: DoorFirst) -> None:
    migrate(database.url, "services.ingest")
    migrate(database.url, "services.ingest")


RATED = event("call.rated", "e-1", call_id="1", rating=5)


def delivery(*events: dict[str, object]) -> tuple[RawRow, ...]:
    body = body_of(*events)
    return rows_of(request(body, signed(body)), webhook())


def keep(database: DoorFirst, *deliveries: tuple[RawRow, ...]) -> list[tuple[str, ...]]:
    with database.begin() as connection:
        return [receipt.outcomes for receipt in store(connection, deliveries)]


def jobs(connection: Connection) -> list[str]:
    return list(connection.execute(select(INBOX.c.key).order_by(INBOX.c.seq)).scalars())


def test_a_raw_event_is_kept_once_with_one_job(database: DoorFirst) -> None:
    rows = delivery(RATED)
    assert keep(database, rows) == [("accepted",)]
    assert keep(database, rows, rows) == [("duplicate",), ("duplicate",)]
    with database.read() as connection:
        kept = raw_rows.by_key(connection, "pbx", "id-e-1")
        assert jobs(connection) == [rows[0].reading.subject]
    assert kept is not None
    assert (kept.raw, kept.position, kept.problem) == (Raw("pbx", "", rows[0].body, NOW), 0, None)


def test_the_same_event_twice_in_one_transaction_is_one(database: DoorFirst) -> None:
    assert keep(database, delivery(RATED), delivery(RATED)) == [("accepted",), ("duplicate",)]


def test_a_contradiction_is_put_aside_and_what_was_first_stays(database: DoorFirst) -> None:
    other = event("call.rated", "e-1", call_id="1", rating=1)
    assert keep(database, delivery(RATED)) == [("accepted",)]
    assert [keep(database, delivery(other)) for _ in range(2)] == [[("conflict",)]] * 2
    with database.read() as connection:
        found = connection.execute(select(RAW_EVENTS.c.problem, RAW_EVENTS.c.body).order_by(RAW_EVENTS.c.raw_id)).all()
        assert len(jobs(connection)) == 1
    assert [(row.problem, bytes(row.body)) for row in found] == [
        (None, body_of(RATED)),
        ("conflict", body_of(other)),
    ]


def test_events_of_one_delivery_share_its_bytes(database: DoorFirst) -> None:
    second, bad = event("call.rated", "e-2", call_id="2", rating=4), event("call.rated", "e-3", call_id="3")
    assert keep(database, delivery(RATED)) == [("accepted",)]
    rows = delivery(RATED, second, bad)
    assert keep(database, rows) == [("duplicate", "accepted", "quarantined")]
    with database.read() as connection:
        kept = raw_rows.by_key(connection, "pbx", "id-e-2")
        aside = raw_rows.by_key(connection, "pbx", "id-e-3")
        bodies = connection.execute(select(func.count()).select_from(RAW_BODIES)).scalar_one()
    assert kept is not None
    assert aside is not None
    assert (kept.raw.body, kept.position, aside.problem, bodies) == (rows[0].body, 1, "missing", 1)
    assert webhook().read(kept.raw)[kept.position].key == "id-e-2"


def test_a_reader_that_was_set_right_takes_the_mark_away(database: DoorFirst) -> None:
    keep(database, delivery(event("call.rated", "e-3", call_id="3")))
    with database.begin() as connection:
        assert [row.event_key for row in raw_rows.listed(connection, None, None, None, True)] == ["id-e-3"]
        assert list(raw_rows.listed(connection, None, None, None, False)) == []
        SqlStore(connection).quarantine("pbx", "id-e-3", None)
        assert list(raw_rows.listed(connection, None, None, None, True)) == []


def test_raw_events_are_listed_by_time_and_subject(database: DoorFirst) -> None:
    for number in range(8):
        body = body_of(event("call.rated", f"e-{number}", call_id=str(number % 2), rating=5))
        rows = rows_of(request(body, signed(body)), webhook())
        moved = tuple(RawRow(r.source, r.path, r.position, r.reading, r.body, r.headers, at(number)) for r in rows)
        keep(database, moved)
    subject = rows[0].reading.subject
    with database.read() as connection:
        everything = [row.event_key for row in raw_rows.listed(connection, None, None, None, False, 3)]
        some = [row.event_key for row in raw_rows.listed(connection, at(2), at(7), subject, False)]
    assert everything == [f"id-e-{number}" for number in range(8)]
    assert some == ["id-e-3", "id-e-5"]


def test_the_keeper_writes_what_many_bring_at_once(database: DoorFirst) -> None:
    keeper = GroupKeeper(database)
    events = [event("call.rated", f"e-{number % 50}", call_id="1", rating=5) for number in range(200)]
    waiting = [keeper.keep(delivery(one)) for one in events]
    running = Running([Loop("keeper", keeper.step, 0)])
    running.start()
    outcomes = [future.result(20).outcomes for future in waiting]
    assert [outcome for outcome in outcomes if outcome == ("accepted",)] == [("accepted",)] * 50
    assert outcomes.count(("duplicate",)) == 150
    assert running.join(5)
    with database.read() as connection:
        assert len(jobs(connection)) == 50


def test_a_database_that_is_away_fails_every_delivery_and_then_works_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'away.db'}"
    migrate(url, "services.ingest")
    database = DoorFirst(url)
    keeper = GroupKeeper(database)
    (tmp_path / "away.db").rename(tmp_path / "moved.db")
    database.engine.dispose()
    (tmp_path / "away.db").mkdir()
    waiting = keeper.keep(delivery(RATED))
    assert keeper.step()
    with pytest.raises(TransientError):
        waiting.result(0)
    (tmp_path / "away.db").rmdir()
    (tmp_path / "moved.db").rename(tmp_path / "away.db")
    waiting = keeper.keep(delivery(RATED))
    assert keeper.step()
    assert waiting.result(0).outcomes == ("accepted",)
    assert not keeper.step()
    database.close()


def test_a_sender_that_hangs_up_does_not_stop_the_writing(database: DoorFirst) -> None:
    keeper = GroupKeeper(database)
    waiting = keeper.keep(delivery(RATED))
    assert not waiting.cancel()
    keeper.step()
    assert waiting.result(0).outcomes == ("accepted",)


def test_too_much_at_once_is_refused_honestly(database: DoorFirst) -> None:
    keeper = GroupKeeper(database)
    rows = delivery(RATED)
    for _ in range(MOST_WAITING):
        keeper.keep(rows)
    with pytest.raises(NotAdmitted) as refused:
        keeper.keep(rows)
    assert refused.value.refused is Refused.OVERLOADED


def test_background_work_stands_back_for_the_door_but_not_for_ever(database: DoorFirst) -> None:
    database.arrive()
    began = time.monotonic()
    with database.begin() as connection:
        assert connection.execute(select(func.count()).select_from(RAW_EVENTS)).scalar_one() == 0
    assert time.monotonic() - began >= LONGEST_PATIENCE_SECONDS
    database.leave()
