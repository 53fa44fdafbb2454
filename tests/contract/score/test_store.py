"""The Store port: what the real store and its fake both promise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from services.runtime.database import Database
from services.runtime.errors import StaleVersion
from services.runtime.migrations import migrate
from services.score.adapters.scorecard_files import ready_scorecard
from services.score.adapters.store import SqlStore
from services.score.domain.contact_rule import Lead, LeadChange, Standing, Warning
from services.score.domain.contact_violations import Rule, Violation
from services.score.domain.dialogue import DepartmentKind, StageKind
from services.score.domain.known_call import CallFacts, LeadFacts
from services.score.domain.learning import Lesson
from services.score.ports import Store, StoredDraft
from tests.fakes.score import FakeStore

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CARD = ready_scorecard()
CALL = CallFacts("c-1", 1, "out", "answered", NOW, 60_000, 65_000, "s-1", "d-1", DepartmentKind.SALES, "k-1", None)
CHANGE = LeadChange(1, NOW, "Новая", StageKind.OPEN, "s-1", "d-1", None, None)
LEAD = LeadFacts(Lead("l-1", NOW, (CHANGE,)), False, ("k-1", "k-2"))
STANDING = Standing(
    date(2026, 11, 23), 1, 1, 1, 1, 0, 3, 15, NOW, NOW, NOW, "c-1", 1000, None, True, (Warning.TOO_FEW_TODAY,)
)
BREACH = Violation("v-1", "l-1", Rule.NEVER_CALLED, "s-1", "d-1", 0, 1, 0, 0, "Новая", NOW)
DRAFT = StoredDraft("c-1", 1, "d-1", "t-1", "u", {"cqr": Decimal("76.25"), "criteria": []})
LESSON = Lesson(
    "c-1", "e-1", "u", CARD.id, CARD.version, "objection", {"greeting": Decimal(1)}, {}, False, True, NOW, NOW
)


class StoreContract:
    """Each test opens the store once or more; every opening is a transaction of its own."""

    @pytest.fixture
    def place(self) -> object:
        raise AssertionError("each subclass has its own")

    def opened(self, place: object) -> AbstractContextManager[Store]:
        raise AssertionError("each subclass has its own")

    def test_a_call_is_replaced_and_what_was_heard_stays(self, place: object) -> None:
        with self.opened(place) as store:
            store.put_call(CALL)
            store.mark_machine("c-1", True)
            store.put_call(replace(CALL, revision=2, talk_ms=1))
        with self.opened(place) as store:
            assert store.call("c-1") == replace(CALL, revision=2, talk_ms=1, machine=True)
            assert store.call("c-2") is None

    def test_a_leads_states_and_numbers_add_up(self, place: object) -> None:
        later = replace(CHANGE, revision=2, stage_kind=StageKind.MEETING)
        more = LeadFacts(Lead("l-1", NOW, (later,)), False, ("k-0",))
        with self.opened(place) as store:
            assert [store.put_lead_change(one) for one in (more, LEAD, more)] == [True, True, False]
        with self.opened(place) as store:
            assert store.lead("l-1") == LeadFacts(Lead("l-1", NOW, (CHANGE, later)), False, ("k-0", "k-1", "k-2"))
            assert store.leads_of("k-0", None) == store.leads_of("k-x", "l-1") == ("l-1",)
            assert store.leads_of(None, None) == ()

    def test_a_leads_calls_come_by_number_or_by_name(self, place: object) -> None:
        others = [
            replace(CALL, call_id="c-3", client_key="k-x", lead_id="l-1", started_at=NOW - timedelta(minutes=1)),
            replace(CALL, call_id="c-4", client_key="k-x"),
            replace(CALL, call_id="c-5", client_key="k-2", direction="internal"),
        ]
        with self.opened(place) as store:
            store.put_lead_change(LEAD)
            for call in (CALL, *others):
                store.put_call(call)
        with self.opened(place) as store:
            assert [call.call_id for call in store.calls_of_lead(LEAD)] == ["c-3", "c-1", "c-5"]
            assert [call.call_id for call in store.contacts_of(LEAD)] == ["c-3", "c-1"]

    def test_a_standing_says_whether_it_changed_and_when_to_look_again(self, place: object) -> None:
        with self.opened(place) as store:
            store.put_lead_change(LEAD)
            assert store.put_standing("l-1", STANDING, NOW)
            assert not store.put_standing("l-1", STANDING, NOW)
            assert store.put_standing("l-1", replace(STANDING, attempts_today=2), NOW)
        with self.opened(place) as store:
            assert (store.leads_due(NOW, 9), store.leads_due(NOW - timedelta(seconds=1), 9)) == (("l-1",), ())
            store.put_standing("l-1", STANDING, None)
            assert store.leads_due(NOW, 9) == ()

    def test_a_violation_is_kept_once_with_its_last_figures(self, place: object) -> None:
        with self.opened(place) as store:
            store.put_lead_change(LEAD)
            other = replace(BREACH, contacts=1)
            assert [store.put_violation(one) for one in (BREACH, BREACH, other)] == [True, False, True]
        with self.opened(place) as store:
            assert store.known_violations("l-1") == (other,)

    def test_the_last_draft_counts_until_people_have_decided(self, place: object) -> None:
        second = replace(DRAFT, revision=2, draft_id="d-2")
        with self.opened(place) as store:
            store.put_call(CALL)
            store.put_draft(DRAFT, CARD, NOW)
            store.put_draft(second, CARD, NOW)
            assert store.draft("c-1") == second
            assert list(store.last_drafts()) == [second]
            assert store.rules_of(CARD.id, CARD.version)["greeting"] == "greeting"
            assert store.rules_of("other", "x") == {}
            store.put_lesson(LESSON)
        with self.opened(place) as store:
            assert store.draft("c-1") == replace(second, final=True)
            assert list(store.lessons()) == [LESSON]

    def test_two_drafts_of_one_revision_are_one_too_many(self, place: object) -> None:
        with self.opened(place) as store:
            store.put_call(CALL)
            store.put_draft(DRAFT, CARD, NOW)
        with pytest.raises(StaleVersion), self.opened(place) as store:
            store.put_draft(DRAFT, CARD, NOW)

    def test_the_last_choice_of_zones_counts(self, place: object) -> None:
        with self.opened(place) as store:
            store.put_zones("s-1", ["greeting", "farewell"], NOW, NOW + timedelta(days=30))
            store.put_zones("s-1", ["listening"], NOW - timedelta(days=1), None)
        with self.opened(place) as store:
            assert store.zones("s-1", NOW) == ("greeting", "farewell")
            assert (store.zones("s-1", NOW + timedelta(days=30)), store.zones(None, NOW)) == ((), ())


class TestFakeStore(StoreContract):
    @pytest.fixture
    def place(self) -> FakeStore:
        return FakeStore()

    @contextmanager
    def opened(self, place: object) -> Iterator[Store]:
        assert isinstance(place, FakeStore)
        yield place


class TestSqlStore(StoreContract):
    """On SQLite; the integration tests hold PostgreSQL to the same."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> Iterator[Database]:
        url = f"sqlite:///{tmp_path / 'score.db'}"
        migrate(url, "services.score")
        database = Database(url)
        yield database
        database.close()

    @contextmanager
    def opened(self, place: object) -> Iterator[Store]:
        assert isinstance(place, Database)
        with place.begin() as connection:
            yield SqlStore(connection)
