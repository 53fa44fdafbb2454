"""The store's schema and its corners, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from schemas import codec
from services.runtime.database import Database
from services.runtime.errors import StaleVersion
from services.runtime.migrations import migrate
from services.score.adapters.scorecard_files import ready_scorecard
from services.score.adapters.store import SqlStore
from services.score.adapters.tables import METADATA, SCORECARDS
from services.score.domain.learning import Lesson
from services.score.handlers.calls import call_facts, lead_facts
from services.score.ports import StoredDraft
from tests.integration.score.places import call, lead

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
CARD = ready_scorecard()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    migrate(database_url, "services.score")
    made = Database(database_url)
    yield made
    made.close()


def test_the_migrations_make_the_tables(database: Database) -> None:
    with database.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = [change for change in compare_metadata(context, METADATA) if "alembic_version" not in str(change)]
    assert found == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    migrate(database.url, "services.score")


def test_facts_come_back_as_they_were(database: Database) -> None:
    facts = call_facts(codec.plain(call(started_at=NOW, lead_id="l-1")))
    with database.begin() as connection:
        store = SqlStore(connection)
        store.put_call(facts)
        store.mark_machine("c-1", True)
        store.put_call(replace(facts, revision=2))
    with database.read() as connection:
        assert SqlStore(connection).call("c-1") == replace(facts, revision=2, machine=True)
        assert SqlStore(connection).call("c-2") is None


def test_a_lead_keeps_every_state_and_every_number(database: Database) -> None:
    first = lead_facts(codec.plain(lead(client_keys=["k-2", "k-1"])))
    second = lead_facts(codec.plain(lead(revision=2, client_keys=["k-3"], stage_kind="meeting")))
    with database.begin() as connection:
        store = SqlStore(connection)
        assert [store.put_lead_change(one) for one in (second, first, second)] == [True, True, False]
    with database.read() as connection:
        store = SqlStore(connection)
        known = store.lead("l-1")
        assert known is not None
        assert (known.client_keys, [change.revision for change in known.lead.changes]) == (
            ("k-1", "k-2", "k-3"),
            [1, 2],
        )
        assert [store.leads_of(key, None) for key in ("k-3", "k-9", None)] == [("l-1",), (), ()]
        assert store.leads_of(None, "l-1") == ("l-1",)


def stored(revision: int, **data: object) -> StoredDraft:
    return StoredDraft(
        "c-1", revision, f"d-{revision}", "t-1", "transcripts/t-1.json", {"cqr": Decimal("76.25"), **data}
    )


def test_drafts_are_kept_by_revision_with_the_card_they_were_made_by(database: Database) -> None:
    with database.begin() as connection:
        store = SqlStore(connection)
        store.put_call(call_facts(codec.plain(call())))
        store.put_draft(stored(1), CARD, NOW)
        store.put_draft(stored(2, note="second"), CARD, NOW)
    with pytest.raises(StaleVersion), database.begin() as connection:
        SqlStore(connection).put_draft(stored(2), CARD, NOW)
    with database.read() as connection:
        assert SqlStore(connection).draft("c-1") == stored(2, note="second")
        assert list(SqlStore(connection).last_drafts()) == [stored(2, note="second")]
        rows = connection.execute(SCORECARDS.select()).all()
    assert [(row.scorecard_id, row.version, row.first_used_at) for row in rows] == [("default", CARD.version, NOW)]


def test_growth_zones_are_open_from_their_choice_until_their_end(database: Database) -> None:
    with database.begin() as connection:
        SqlStore(connection).put_zones("s-1", ["greeting", "farewell"], NOW, NOW + timedelta(days=30))
    with database.read() as connection:
        store = SqlStore(connection)
        moments = [NOW - timedelta(seconds=1), NOW, NOW + timedelta(days=30)]
        assert [store.zones("s-1", at) for at in moments] == [(), ("greeting", "farewell"), ()]
        assert (store.zones("s-2", NOW), store.zones(None, NOW)) == ((), ())


def lesson(approved: datetime, score: str) -> Lesson:
    scores = {"greeting": Decimal(score), "objection_handling": None}
    return Lesson(
        "c-1", "e-1", None, "default", "v", "objection", scores, {"greeting": None}, True, False, NOW, approved
    )


def test_the_last_evaluation_of_a_call_is_the_lesson(database: Database) -> None:
    late, early = lesson(NOW + timedelta(days=2), "0.5"), lesson(NOW + timedelta(days=1), "1")
    with database.begin() as connection:
        store = SqlStore(connection)
        for one in (early, late, early):
            store.put_lesson(one)
    with database.read() as connection:
        assert list(SqlStore(connection).lessons()) == [late]
