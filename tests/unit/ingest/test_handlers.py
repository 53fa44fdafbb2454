"""Facts become calls, leads and recordings, and what changed is published once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.ingest.domain.facts import (
    CallFact,
    CallRef,
    Direction,
    ImportedFact,
    LeadFact,
    Outcome,
    PersonFact,
    Rank,
    RatingFact,
    Raw,
    RecordingFact,
    SpokenFact,
    StageFact,
    TranscriptFact,
)
from services.ingest.domain.jobs import DOWNLOAD, REPUBLISH, TRANSCRIPT
from services.ingest.domain.recording import PLAN, Fetched, NotFetched, Recording, RecordingState, next_try
from services.ingest.handlers import raw, recordings, republish
from services.ingest.handlers.raw import NoRawEvent, Unusable, raw_event, raw_event_buried, told
from services.ingest.handlers.recordings import NoRecording, download_buried, download_ended
from services.ingest.ports import Desk, Kept
from tests.fakes.ingest import NOW, at, body_of, desk, event, out_of, store_of, webhook

REF = CallRef("pbx", "1")
RECORDING_ID = REF.recording_id("only")
KEPT = Kept(7, Raw("pbx", "", b"", NOW), 0, "id-e")
SUMMARY = CallFact(
    REF, Rank.SUMMARY, at(60), Direction.IN, Outcome.ANSWERED, at(0), at(10), at(60), "89000000001", "101",
    recording_expected=True,
)  # fmt: skip
PERSON = PersonFact("anna", at(-100), ("101",), "sales", "sales")
LEAD = LeadFact(
    "L-1", at(-50), at(-50), (StageFact(at(-50), "Новая", "open"),), (("responsible", "anna"),), ("+79000000001",)
)
READY = RecordingFact(REF, "only", seller_channel=1)


def tell(some: Desk, *facts: Any) -> None:
    for fact in facts:
        told(fact, KEPT, some)


def test_a_call_is_published_when_it_changes_and_only_then() -> None:
    some = desk()
    tell(some, SUMMARY, SUMMARY, replace(SUMMARY, rank=Rank.START, at=at(0)))
    (first,) = out_of(some).of("call-registered")
    assert (first["revision"], first["seller_id"], first["client_known"]) == (1, None, False)
    tell(some, PERSON, LEAD)
    assert [
        (data["revision"], data["seller_id"], data["lead_id"], data["client_known"])
        for data in out_of(some).of("call-registered")
    ] == [(1, None, None, False), (2, "anna", None, False), (3, "anna", "L-1", True)]


def test_a_call_of_an_unknown_extension_waits_for_its_person() -> None:
    some = desk()
    tell(some, SUMMARY, replace(PERSON, person_id="boris", extensions=("202",)))
    assert len(out_of(some).events) == 1
    tell(some, PERSON, PERSON)
    assert [data["seller_id"] for data in out_of(some).of("call-registered")] == [None, "anna"]


def test_a_seller_told_by_id_needs_no_extension() -> None:
    some = desk()
    tell(some, replace(SUMMARY, extension=None, responsible="anna"))
    tell(some, PERSON)
    assert [(data["seller_id"], data["department_id"]) for data in out_of(some).of("call-registered")] == [
        ("anna", None),
        ("anna", "sales"),
    ]


def test_a_hidden_number_has_no_client_and_no_lead() -> None:
    some = desk()
    tell(some, LEAD, replace(SUMMARY, number=None))
    (data,) = out_of(some).of("call-registered")
    assert (data["client_key"], data["client_label"], data["lead_id"]) == (None, None, None)


def test_a_lead_that_is_closed_lets_later_calls_go() -> None:
    some = desk()
    tell(some, LEAD, SUMMARY)
    refused = replace(LEAD, changed_at=at(-10), stages=(StageFact(at(-10), "Отказ", "refused"),))
    tell(some, refused)
    assert [(data["lead_id"], data["client_known"]) for data in out_of(some).of("call-registered")] == [
        ("L-1", True),
        (None, True),
    ]


def test_a_lead_is_published_step_by_step() -> None:
    some = desk()
    history = (StageFact(at(-90), "Вход", "open"), StageFact(at(-70), "Звонок", "open"))
    tell(some, replace(LEAD, stages=(*history, *LEAD.stages)))
    tell(some, replace(LEAD, stages=(*history, *LEAD.stages)))
    tell(
        some,
        replace(LEAD, changed_at=at(-40), stages=(StageFact(at(-40), "Новая", "open"),), given=(("target", True),)),
    )
    assert [
        (data["revision"], data["stage"], data["previous_stage"], data["target"])
        for data in out_of(some).of("lead-changed")
    ] == [
        (1, "Вход", None, None),
        (2, "Звонок", "Вход", None),
        (3, "Новая", "Звонок", None),
        (4, "Новая", "Звонок", True),
    ]


def test_a_step_told_late_changes_only_the_past_of_the_last() -> None:
    some = desk()
    tell(some, LEAD)
    tell(some, replace(LEAD, changed_at=at(-80), stages=(StageFact(at(-80), "Звонок", "open"),)))
    assert [(data["stage"], data["previous_stage"]) for data in out_of(some).of("lead-changed")] == [
        ("Новая", None),
        ("Новая", "Звонок"),
    ]


def test_a_company_that_sends_everything_every_night_publishes_nothing_and_fills_nothing() -> None:
    some = desk()
    tell(some, LEAD, SUMMARY, PERSON)
    before = list(out_of(some).events)
    for night in range(1, 50):
        stage = replace(LEAD.stages[0], at=at(1_000 * night))
        tell(some, replace(LEAD, changed_at=stage.at, stages=(stage,)), replace(PERSON, since=at(1_000 * night)))
    assert out_of(some).events == before
    assert (len(store_of(some).statements), len(store_of(some).leads["L-1"].lead.stages)) == (2, 2)


def test_a_lead_gets_its_sellers_department_when_the_person_arrives() -> None:
    some = desk()
    tell(some, LEAD, PERSON)
    assert [(data["seller_id"], data["department_id"]) for data in out_of(some).of("lead-changed")] == [
        ("anna", None),
        ("anna", "sales"),
    ]


def test_of_several_ratings_on_one_channel_the_latest_counts() -> None:
    some = desk()
    later, earlier = RatingFact(REF, 2, "ivr", at(90)), RatingFact(REF, 5, "ivr", at(80))
    survey = RatingFact(REF, 4, "survey", at(10))
    tell(some, later, earlier, later, survey)
    assert [(data["rating"], data["channel"]) for data in out_of(some).of("call-rated")] == [(2, "ivr"), (4, "survey")]


def job(some: Desk) -> list[tuple[str, Any]]:
    return [(topic, not_before) for topic, _, _, not_before in out_of(some).jobs.values()]


def test_a_recording_is_asked_for_stored_and_published_once() -> None:
    some = desk()
    tell(some, SUMMARY, READY, READY)
    assert job(some) == [(DOWNLOAD, None)]
    fetched = Fetched("recordings/x", "a" * 64, 1000, "audio/wav")
    download_ended({"recording_id": RECORDING_ID}, fetched, some)
    download_ended({"recording_id": RECORDING_ID}, fetched, some)
    (data,) = out_of(some).of("recording-stored")
    assert data["audio"] == {
        "uri": "recordings/x",
        "sha256": "a" * 64,
        "size_bytes": 1000,
        "content_type": "audio/wav",
        "seller_channel": 1,
    }
    assert store_of(some).recordings[RECORDING_ID].state is RecordingState.STORED
    assert len(out_of(some).of("call-registered")) == 1


def test_a_recording_that_does_not_come_is_asked_for_by_plan_and_then_lost_where_all_can_see() -> None:
    some = desk()
    tell(some, SUMMARY, READY)
    for _ in range(len(PLAN) + 1):
        download_ended({"recording_id": RECORDING_ID}, NotFetched("http_404"), some)
    waits = [not_before - NOW for _, not_before in job(some) if not_before is not None]
    assert waits == list(PLAN)
    recording = store_of(some).recordings[RECORDING_ID]
    assert (recording.state, recording.reason, recording.tries) == (RecordingState.LOST, "http_404", len(PLAN) + 1)
    assert [data["recording_lost"] for data in out_of(some).of("call-registered")] == [None, "http_404"]


def test_what_can_never_come_is_lost_at_once() -> None:
    some = desk()
    tell(some, SUMMARY, READY)
    download_ended({"recording_id": RECORDING_ID}, NotFetched("host_not_allowed", final=True), some)
    assert store_of(some).recordings[RECORDING_ID].state is RecordingState.LOST


def test_a_fresh_link_for_a_lost_recording_begins_anew() -> None:
    some = desk()
    tell(some, SUMMARY, READY)
    download_ended({"recording_id": RECORDING_ID}, NotFetched("http_410", final=True), some)
    told(READY, replace(KEPT, raw_id=8), some)
    assert store_of(some).recordings[RECORDING_ID].state is RecordingState.EXPECTED
    assert [data["recording_lost"] for data in out_of(some).of("call-registered")] == [None, "http_410", None]
    assert len(job(some)) == 2


def test_a_download_that_kills_the_process_is_lost_visibly() -> None:
    some = desk()
    tell(some, SUMMARY, READY)
    download_buried({"recording_id": RECORDING_ID}, "killed_the_worker", some)
    assert out_of(some).of("call-registered")[-1]["recording_lost"] == "killed_the_worker"


def test_a_job_for_a_recording_that_is_not_there_is_buried() -> None:
    with pytest.raises(NoRecording):
        download_ended({"recording_id": "x"}, NotFetched("x"), desk())
    with pytest.raises(NoRecording):
        recordings.wanted({"recording_id": "x"}, store_of(desk()))


@pytest.mark.parametrize(
    ("tries", "failure", "wait"),
    [
        (1, NotFetched("x"), PLAN[0]),
        (len(PLAN), NotFetched("x"), PLAN[-1]),
        (len(PLAN) + 1, NotFetched("x"), None),
        (1, NotFetched("x", final=True), None),
        (1, NotFetched("x", wait=timedelta(seconds=130)), timedelta(seconds=130)),
        (len(PLAN), NotFetched("x", wait=timedelta(seconds=1)), PLAN[-1]),
    ],
)
def test_the_plan(tries: int, failure: NotFetched, wait: timedelta | None) -> None:
    assert next_try(tries, failure) == wait


def test_an_imported_recording_is_published_once_a_content() -> None:
    some = desk()
    fact = ImportedFact(REF, "only", "recordings/y", "b" * 64, 5)
    tell(some, fact, fact, replace(fact, key="recordings/z", sha256="c" * 64))
    assert [data["audio"]["uri"] for data in out_of(some).of("recording-stored")] == ["recordings/y", "recordings/z"]


class FakeClerk:
    """Remembers what was written."""

    def __init__(self) -> None:
        self.written: dict[str, Any] = {}

    def write(self, key: str, document: Any) -> None:
        self.written[key] = document


def test_a_ready_transcript_is_written_in_order_and_published() -> None:
    some, clerk = desk(), FakeClerk()
    fact = TranscriptFact(
        REF, "only", "ru", None, (SpokenFact("client", 900, 950, "Да"), SpokenFact("seller", 0, 800, "Алло"))
    )
    tell(some, fact, fact)
    assert job(some) == [(TRANSCRIPT, None)]
    key = recordings.write_transcript(fact, clerk)
    assert [item["text"] for item in clerk.written[key]["utterances"]] == ["Алло", "Да"]
    recordings.transcript_written(fact, key, some)
    (data,) = out_of(some).of("recording-stored")
    assert (data["audio"], data["transcript_uri"], data["recording_id"]) == (None, key, RECORDING_ID)
    whole = Recording(RECORDING_ID, REF, 1, RecordingState.STORED, key="recordings/x", sha256="a" * 64, size_bytes=1)
    store_of(some).save_recording(whole)
    recordings.transcript_written(fact, key, some)
    assert [data["audio"] and data["audio"]["uri"] for data in out_of(some).of("recording-stored")] == [
        None,
        "recordings/x",
    ]


def kept(body: bytes, position: int = 0, problem: str | None = None) -> Desk:
    some = desk({"pbx": webhook()})
    store_of(some).kept[("pbx", "id-e-1")] = Kept(1, Raw("pbx", "", body, NOW), position, "id-e-1", problem)
    return some


JOB = {"source": "pbx", "key": "id-e-1"}
RATED = event("call.rated", call_id="1", rating=5)


def test_a_raw_event_is_read_again_from_its_bytes() -> None:
    some = kept(body_of(event("call.rated", call_id="9", rating=1), RATED), position=1)
    raw_event(JOB, some)
    assert [data["rating"] for data in out_of(some).of("call-rated")] == [5]


@pytest.mark.parametrize(
    ("body", "position"), [(b"{", 0), (body_of(RATED), 1), (body_of(event("call.rated", call_id="1")), 0)]
)
def test_a_raw_event_that_cannot_be_understood_is_buried(body: bytes, position: int) -> None:
    some = kept(body, position)
    with pytest.raises(Unusable):
        raw_event(JOB, some)
    raw_event_buried(JOB, "unusable_event", some)
    assert store_of(some).problems == {("pbx", "id-e-1"): "unusable_event"}


def test_a_job_without_its_raw_event_or_source_is_buried() -> None:
    with pytest.raises(NoRawEvent):
        raw_event(JOB, desk({"pbx": webhook()}))
    some = kept(body_of(RATED))
    with pytest.raises(Unusable):
        raw_event(JOB, replace(some, providers={}))


def test_a_replay_publishes_again_with_the_same_revision() -> None:
    some = kept(body_of(RATED), problem="unusable_event")
    tell(some, SUMMARY, LEAD, READY)
    download_ended({"recording_id": RECORDING_ID}, Fetched("k", "a" * 64, 1), some)
    raw_event({**JOB, "run": "r1"}, some)
    assert store_of(some).problems == {("pbx", "id-e-1"): None}
    for what, name in (("rating", REF.call_id), ("call", REF.call_id), ("lead", "L-1"), ("recording", RECORDING_ID)):
        before = len(out_of(some).events)
        republish.republish({"what": what, "id": name, "run": "r1"}, some)
        (again,) = out_of(some).events[before:]
        assert again in out_of(some).events[:before]
    asked = [data for topic, _, data, _ in out_of(some).jobs.values() if topic == REPUBLISH]
    assert asked == [{"what": "rating", "id": REF.call_id, "run": "r1"}]


def test_a_replay_asks_again_for_a_lost_recording() -> None:
    some = desk()
    tell(some, SUMMARY, READY)
    download_ended({"recording_id": RECORDING_ID}, NotFetched("http_410", final=True), some)
    republish.republish({"what": "recording", "id": RECORDING_ID, "run": "r1"}, some)
    assert store_of(some).recordings[RECORDING_ID].state is RecordingState.EXPECTED
    assert f"download-{RECORDING_ID}-r1" in out_of(some).jobs


def test_the_transcript_of_a_raw_event() -> None:
    given = event("transcript.ready", call_id="1", utterances=[])
    some = kept(body_of(given))
    assert raw.transcript_of(JOB, some.store, some.providers).ref == REF
    with pytest.raises(Unusable):
        raw.transcript_of(JOB, kept(body_of(RATED)).store, some.providers)
