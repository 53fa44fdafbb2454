"""The durable queue on both databases: order, leases, fencing, endings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from schemas import codec
from services.runtime import burial, queue
from services.runtime.database import Database, database_now
from services.runtime.errors import InvalidEvent, StaleVersion
from services.runtime.queue_tables import new_metadata

AT = datetime(2026, 11, 24, 11, 3, tzinfo=UTC)
LEASE = timedelta(seconds=30)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    with made.begin() as connection:
        new_metadata().create_all(connection)
    yield made
    made.close()


def put(database: Database, event_id: str, *, topic: str = "a", key: str = "k") -> bool:
    with database.begin() as connection:
        return queue.put(connection, topic=topic, key=key, data={"n": 1}, event_id=event_id, occurred_at=AT)


def claim(database: Database, *topics: str, lease: timedelta = LEASE) -> queue.Claim | None:
    with database.begin() as connection:
        return queue.claim(connection, topics or ("a",), lease)


def claim_id(database: Database, *topics: str) -> str | None:
    claimed = claim(database, *topics)
    return claimed.received.event_id if claimed else None


def end(database: Database, change: object, claimed: queue.Claim | None) -> None:
    with database.begin() as connection:
        change(connection, claimed)  # type: ignore[operator]


def make_available(database: Database) -> None:
    with database.begin() as connection:
        connection.execute(update(queue.INBOX).values(available_at=AT))


def test_a_second_delivery_changes_nothing(database: Database) -> None:
    assert [put(database, "e1"), put(database, "e1"), put(database, "e2")] == [True, False, True]


def test_order_is_kept_within_a_key_and_topic_only(database: Database) -> None:
    for event_id, topic, key in (("1", "a", "x"), ("2", "a", "x"), ("3", "a", "y"), ("4", "b", "x")):
        put(database, event_id, topic=topic, key=key)
    first = claim(database, "a", "b")
    assert first is not None
    assert [first.received.event_id, claim_id(database, "a", "b"), claim_id(database, "a", "b")] == ["1", "3", "4"]
    assert claim_id(database, "a", "b") is None
    end(database, queue.finish, first)
    assert claim_id(database, "a", "b") == "2"


def test_only_the_wanted_topics_are_claimed(database: Database) -> None:
    put(database, "1", topic="other")
    assert claim_id(database, "a") is None


def test_an_attempt_is_counted_before_it_begins(database: Database) -> None:
    put(database, "1")
    claimed = claim(database)
    assert claimed is not None
    assert claimed.received.attempts == 1
    end(database, queue.retry, claimed)
    make_available(database)
    again = claim(database)
    assert again is not None
    assert again.received.attempts == 2


def test_waiting_for_the_world_is_not_an_attempt_and_grows(database: Database) -> None:
    put(database, "1")
    pauses = []
    for _ in range(4):
        make_available(database)
        claimed = claim(database)
        assert claimed is not None
        assert claimed.received.attempts == 1
        with database.begin() as connection:
            pauses.append(queue.wait(connection, claimed).total_seconds())
    assert pauses == [1, 2, 4, 8]
    assert claim(database) is None


def test_a_worker_whose_lease_went_to_another_changes_nothing(database: Database) -> None:
    put(database, "1")
    slow = claim(database, lease=timedelta(seconds=-1))
    with database.begin() as connection:
        assert queue.expired(connection, ("a",)) == []
    quick = claim(database)
    assert quick is not None
    with pytest.raises(StaleVersion):
        end(database, queue.finish, slow)
    end(database, queue.finish, quick)
    with database.begin() as connection:
        assert not queue.renew(connection, slow, LEASE)  # type: ignore[arg-type]


def test_what_kills_the_worker_three_times_is_given_up(database: Database) -> None:
    put(database, "1")
    for _ in range(2):
        make_available(database)
        claim(database, lease=timedelta(seconds=-1))
        with database.begin() as connection:
            assert queue.expired(connection, ("a",)) == []
    make_available(database)
    claim(database, lease=timedelta(seconds=-1))
    with database.begin() as connection:
        dead = queue.expired(connection, ("a",))
    assert [claimed.received.event_id for claimed in dead] == ["1"]


def test_a_buried_message_lies_in_the_table_and_on_its_dead_letter_topic_and_can_be_replayed(
    database: Database,
) -> None:
    put(database, "1", topic="call-rated")
    claimed = claim(database, "call-rated")
    assert claimed is not None
    with database.begin() as connection:
        burial.bury(connection, claimed, service="review", code="bad", detail="It is bad.", internal=False)
    with database.read() as connection:
        row = connection.execute(select(queue.BURIED)).one()
        letter = codec.decode(bytes(connection.execute(select(queue.OUTBOX.c.payload)).scalar_one()))
    assert (row.code, row.detail, row.attempts, row.event_id) == ("bad", "It is bad.", 1, "1")
    assert (letter.event, letter.data["topic"], letter.data["code"]) == ("dead-letter", "call-rated", "bad")
    with database.begin() as connection:
        assert [burial.dig_up(connection, row.seq), burial.dig_up(connection, row.seq)] == [True, False]
    again = claim(database, "call-rated")
    assert again is not None
    assert again.received.attempts == 1


def test_effect_and_messages_are_one_transaction(database: Database) -> None:
    rated = {"call_id": "c", "rating": 5, "channel": "ivr", "rated_at": AT}
    with pytest.raises(InvalidEvent), database.begin() as connection:  # noqa: PT012 - the first emit must be undone
        tx = queue.Tx(connection, database_now(connection))
        tx.emit("call-rated", "c", rated)
        tx.emit("call-rated", "c", {**rated, "rating": 9})
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(queue.OUTBOX)).scalar_one() == 0


def test_a_job_waits_for_its_time(database: Database) -> None:
    with database.begin() as connection:
        tx = queue.Tx(connection, database_now(connection))
        assert tx.later("a", "k", {}, event_id="1", not_before=tx.now + timedelta(hours=1))
    assert claim(database) is None
    make_available(database)
    assert claim_id(database) == "1"


def test_backlog_counts_what_is_unfinished(database: Database) -> None:
    put(database, "1")
    put(database, "2", topic="b")
    claimed = claim(database)
    with database.read() as connection:
        assert queue.backlog(connection) == {"a": 1, "b": 1, "outbox": 0}
    end(database, queue.finish, claimed)
    with database.read() as connection:
        assert queue.backlog(connection) == {"b": 1, "outbox": 0}


def test_pruning_spares_what_is_young_or_unfinished(database: Database) -> None:
    put(database, "1")
    end(database, queue.finish, claim(database))
    put(database, "2", key="other")
    with database.begin() as connection:
        assert queue.prune(connection, keep=timedelta(days=1)) == 0
        assert queue.prune(connection, keep=timedelta(seconds=-5)) == 1
    assert claim_id(database) == "2"


def test_instants_keep_their_microseconds_and_zone(database: Database) -> None:
    precise = datetime(2026, 3, 29, 1, 30, 0, 123457, tzinfo=UTC)
    with database.begin() as connection:
        queue.put(connection, topic="a", key="k", data={}, event_id="1", occurred_at=precise)
    claimed = claim(database)
    assert claimed is not None
    assert claimed.received.occurred_at == precise
