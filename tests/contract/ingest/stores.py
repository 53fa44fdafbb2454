"""What every `Store` of ingest must do; the fake and the real one inherit it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace

from services.ingest.domain.call import with_fact
from services.ingest.domain.facts import (
    CallFact,
    CallRef,
    Direction,
    LeadFact,
    PersonFact,
    Rank,
    RatingFact,
    StageFact,
)
from services.ingest.domain.lead import Lead
from services.ingest.domain.lead import with_fact as with_lead_fact
from services.ingest.domain.phone import Client
from services.ingest.domain.recording import Recording, RecordingState
from services.ingest.ports import CallIndex, Store, StoredCall, StoredLead, StoredRating
from tests.fakes.ingest import at

REF = CallRef("pbx", "1")
FACT = CallFact(REF, Rank.START, at(0), Direction.IN, started_at=at(0), number="+79000000001")
PERSON = PersonFact("anna", at(0), ("101", "102"), "d", "sales")


class StoreContract:
    """`self.opened()` gives the same store again in a new transaction."""

    def opened(self) -> AbstractContextManager[Store]:
        raise AssertionError("a subclass opens its store")

    def test_a_call_comes_back_as_it_was_saved(self) -> None:
        call = with_fact(self.fresh_call().call, FACT, Client("key", "+7 ··· 00-01"))
        with self.opened() as store:
            store.one_at_a_time()
            store.save_call(StoredCall(call, 3, {"a": "б", "b": None}), CallIndex(at(0), "101", "anna", "key"))
        with self.opened() as store:
            assert store.call(REF) == StoredCall(call, 3, {"a": "б", "b": None})
            assert store.call_by_id(REF.call_id) == store.call(REF)
            assert store.call_by_id("none") is None
            store.save_call(StoredCall(call, 4, None), CallIndex())
        with self.opened() as store:
            assert store.call(REF) == StoredCall(call, 4, None)
            assert store.calls_of_client("key") == []

    def fresh_call(self) -> StoredCall:
        with self.opened() as store:
            fresh = store.call(REF)
        assert (fresh.revision, fresh.published, fresh.call.ref) == (0, None, REF)
        return fresh

    def test_calls_are_found_by_client_and_by_person_in_order(self) -> None:
        with self.opened() as store:
            for number, (second, extension, responsible, client) in enumerate(
                [(30, "101", None, "k1"), (10, None, "anna", "k1"), (20, "102", "boris", "k2"), (5, "103", None, None)]
            ):
                ref = CallRef("pbx", str(number))
                stored = replace(self.call_of(store, ref), revision=number)
                store.save_call(stored, CallIndex(at(second), extension, responsible, client))
        with self.opened() as store:
            assert [stored.revision for stored in store.calls_of_client("k1")] == [1, 0]
            assert [stored.revision for stored in store.calls_of_person("anna", {"101", "102"})] == [1, 2, 0]
            assert store.calls_of_person("nobody", ()) == []

    @staticmethod
    def call_of(store: Store, ref: CallRef) -> StoredCall:
        return store.call(ref)

    def test_a_lead_comes_back_and_is_found_by_its_clients(self) -> None:
        fact = LeadFact("L", at(0), at(5), (StageFact(at(5), "Новая", "open"),), (("responsible", "anna"),))
        lead = with_lead_fact(Lead("L"), fact, ["k1", "k2"])
        with self.opened() as store:
            assert store.lead("L") == StoredLead(Lead("L"))
            store.save_lead(StoredLead(lead, 2, at(5), {"stage": "Новая"}))
        moved = with_lead_fact(lead, replace(fact, changed_at=at(9), given=(("responsible", "boris"),)), ["k2", "k3"])
        with self.opened() as store:
            assert store.lead("L") == StoredLead(lead, 2, at(5), {"stage": "Новая"})
            assert [found.lead_id for found in store.leads_of_client("k1")] == ["L"]
            assert store.leads_of_person("anna") == [store.lead("L")]
            store.save_lead(StoredLead(moved, 3))
        with self.opened() as store:
            assert [store.leads_of_client(key) for key in ("k1", "k2", "k3")] == [[], [moved], [moved]]
            assert (store.leads_of_person("anna"), store.leads_of_person("boris")) == ([], [StoredLead(moved, 3)])

    def test_statements_about_people_are_kept_once(self) -> None:
        later = replace(PERSON, since=at(9), extensions=("103",), active=False)
        other = replace(PERSON, person_id="boris", extensions=("102",), department_id=None, department_kind=None)
        with self.opened() as store:
            assert [store.add_statement(fact) for fact in (PERSON, PERSON, later, other)] == [True, False, True, True]
        with self.opened() as store:
            assert set(store.statements_of("anna")) == {PERSON, later}
            assert set(store.statements_about("102")) == {PERSON, later, other}
            assert set(store.statements_about("103")) == {PERSON, later}
            assert store.statements_about("999") == []
            store.forget_statement(PERSON)
            store.forget_statement(PERSON)
        with self.opened() as store:
            assert store.statements_of("anna") == [later]

    def test_a_recording_comes_back(self) -> None:
        first = Recording("r1", REF, 7, wanted_sha256="a" * 64, content_type="audio/wav", seller_channel=1)
        stored = replace(
            first, state=RecordingState.STORED, key="k", sha256="b" * 64, size_bytes=2**33, stored_at=at(1), tries=2
        )
        with self.opened() as store:
            assert store.recording("r1") is None
            store.save_recording(first)
            store.save_recording(replace(first, recording_id="r2", state=RecordingState.LOST, reason="http_410"))
        with self.opened() as store:
            assert store.recording("r1") == first
            store.save_recording(stored)
        with self.opened() as store:
            assert [item.recording_id for item in store.recordings_of(REF.call_id)] == ["r1", "r2"]
            assert store.recording("r1") == stored

    def test_a_rating_comes_back(self) -> None:
        rating = StoredRating(RatingFact(REF, 2, "ivr", at(3)))
        survey = StoredRating(RatingFact(REF, 5, "survey", at(4)))
        with self.opened() as store:
            store.save_rating(StoredRating(RatingFact(REF, 1, "ivr", at(1))))
            store.save_rating(rating)
            store.save_rating(survey)
        with self.opened() as store:
            assert store.rating(REF.call_id, "ivr") == rating
            assert store.rating(REF.call_id, "other") is None
            assert store.ratings_of(REF.call_id) == [rating, survey]
