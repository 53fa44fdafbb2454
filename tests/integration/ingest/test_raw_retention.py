"""Raw events lose their bytes when their time is over, are not replayed then, and are still known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from services.ingest.adapters import raw_rows
from services.ingest.adapters.raw_retention import Due, RawRetention
from services.ingest.adapters.tables import RAW_BODIES, RAW_EVENTS
from services.runtime.database import Database, database_now
from services.runtime.migrations import migrate

# key, age in days, own bytes or those it shares
EVENTS = (("young", 29, b"young body"), ("old", 31, b"old body"), ("old-shared", 32, None), ("young-shared", 1, None))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    migrate(database_url, "services.ingest")
    opened = Database(database_url)
    with opened.begin() as connection:
        now = database_now(connection)
        connection.execute(insert(RAW_BODIES).values(sha256="shared", body=b"two events"))
        connection.execute(insert(RAW_BODIES).values(sha256="nobody's", body=b"x"))
        for key, days, body in EVENTS:
            connection.execute(
                insert(RAW_EVENTS).values(
                    source="pbx",
                    event_key=key,
                    kind="call",
                    subject="c1",
                    path="/",
                    body=body,
                    body_sha256=None if body is not None else "shared",
                    position=0,
                    headers='{"x": "y"}',
                    digest=key,
                    received_at=now - timedelta(days=days),
                )
            )
    yield opened
    opened.close()


def bodies(database: Database) -> dict[str, bytes]:
    found = {}
    with database.read() as connection:
        for key, _, _ in EVENTS:
            kept = raw_rows.by_key(connection, "pbx", key)
            assert kept is not None
            found[key] = kept.raw.body
    return found


def test_show_says_and_does_nothing(database: Database) -> None:
    due = RawRetention(database, 30).show()
    assert (due.events, due.size_bytes) == (2, len(b"old body"))
    assert bodies(database)["old"] == b"old body"


def test_apply_empties_the_old_ones_only(database: Database) -> None:
    assert RawRetention(database, 30).apply() == 2
    assert bodies(database) == {
        "young": b"young body",
        "old": b"",
        "old-shared": b"",
        "young-shared": b"two events",
    }
    assert RawRetention(database, 30).apply() == 0
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(RAW_BODIES)).scalar_one() == 1
        listed = [
            sorted(each.event_key for each in raw_rows.listed(connection, None, None, None, aside))
            for aside in (False, True)
        ]
    assert listed == [["young", "young-shared"], []]


def test_zero_days_is_for_ever(database: Database) -> None:
    assert RawRetention(database, 0).apply() == 0
    assert RawRetention(database, 0).show() == Due(0, 0, None)
