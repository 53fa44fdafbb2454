"""A stored recording: recognised, taken from the PBX, refused, given up, delivered twice."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.codec import plain, validate, validate_document
from services.transcribe.domain.outcome import Completed, Failed, FailureReason, Known, Request
from services.transcribe.handlers import BrokenAudio, Parts, give_up, handle, prepare, read_request, take_text
from tests.fakes.transcribe import (
    FakeDecoder,
    FakeRecognizer,
    MemoryStorage,
    MemoryStore,
    make_recognised,
    make_request,
    make_sound,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HEARD = (make_recognised(0, (0, "Добрый день компания Тёплый дом")), make_recognised(1, (2000, "Здравствуйте")))
TEXT = {
    "call_id": "c-1",
    "language": "ru",
    "utterances": [
        {"speaker": "seller", "start_ms": 0, "end_ms": 900, "text": "Добрый день"},
        {"speaker": "client", "start_ms": 1000, "end_ms": 1900, "text": "Алло"},
    ],
}


class World:
    """The handler with everything around it in memory."""

    def __init__(self, **parts: Any) -> None:
        self.storage = MemoryStorage(sounds={"audio/r-1": b"sound"})
        self.store = MemoryStore()
        self.decoder = FakeDecoder()
        self.recognizer = FakeRecognizer(heard=HEARD)
        self.events: list[tuple[str, str, dict[str, Any]]] = []
        self.parts = Parts(
            storage=self.storage,
            decoder=self.decoder,
            recognizer=self.recognizer,
            history=self.store,
            clock=iter([10.0, 12.5, 20.0, 21.0]).__next__,
            **parts,
        )

    def emit(self, event: str, key: str, data: Mapping[str, Any]) -> str:
        validate(event, plain(data))
        self.events.append((event, key, dict(data)))
        return f"event-{len(self.events)}"

    def run(self, request: Request) -> Any:
        outcome = prepare(request, self.parts)
        handle(request, outcome, self.store, self.emit, NOW)
        return outcome


def test_sound_becomes_a_stored_document_and_an_event() -> None:
    world = World()
    outcome = world.run(make_request())
    assert isinstance(outcome, Completed)
    validate_document("transcript", plain(world.storage.documents[outcome.uri]))
    ((event, key, data),) = world.events
    assert (event, key) == ("transcript-completed", "c-1")
    assert data == {
        "call_id": "c-1",
        "recording_id": "r-1",
        "transcript_id": outcome.transcript_id,
        "uri": outcome.uri,
        "source": "recognizer",
        "language": "ru",
        "duration_ms": 10_000,
        "utterances": 2,
        "words": 6,
        "quality": "fair",
        "model": f"fake script {'0' * 64}",
        "audio_uri": "audio/r-1",
        "recognition_ms": 2500,
    }


def test_a_second_delivery_changes_nothing_and_is_not_recognised_again() -> None:
    world = World()
    world.run(make_request())
    assert isinstance(world.run(make_request()), Known)
    assert len(world.events) == 1
    assert world.recognizer.asked == [(0, 1)]


def test_two_workers_that_finish_the_same_recording_say_it_once() -> None:
    world = World()
    request = make_request()
    first, second = prepare(request, world.parts), prepare(request, world.parts)
    handle(request, first, world.store, world.emit, NOW)
    handle(request, second, world.store, world.emit, NOW)
    assert len(world.events) == 1


def test_another_model_makes_another_transcript() -> None:
    world = World()
    first = world.run(make_request())
    world.recognizer.card = type(world.recognizer.card)("fake", "script", "1" * 64, {"beam_size": 1})
    assert world.run(make_request()).transcript_id != first.transcript_id
    assert len(world.events) == 2


def test_the_same_bytes_in_another_call_are_another_transcript() -> None:
    world = World()
    other = Request(**{**{name: getattr(make_request(), name) for name in Request.__slots__}, "recording_id": "r-2"})
    assert world.run(make_request()).transcript_id != world.run(other).transcript_id


def test_a_silent_channel_is_not_shown_to_the_model() -> None:
    world = World()
    loud, silent = (-20,) * 200, (-75,) * 200
    world.decoder.sound = type(world.decoder.sound)("wav", "pcm", 8000, 2, 10_000, (loud, silent), (loud, silent))
    world.run(make_request())
    assert world.recognizer.asked == [(0,)]


def test_a_silent_recording_never_reaches_the_model() -> None:
    world = World()
    world.decoder.sound = make_sound(level=-80)
    outcome = world.run(make_request())
    assert outcome.reason is FailureReason.NO_SPEECH
    assert world.recognizer.asked == []
    assert [(event, data["reason"]) for event, _, data in world.events] == [("transcript-failed", "no_speech")]


@pytest.mark.parametrize(
    "reason", [FailureReason.UNSUPPORTED_FORMAT, FailureReason.TOO_LONG, FailureReason.TOO_MANY_CHANNELS]
)
def test_a_verdict_ends_the_work_at_once(reason: FailureReason) -> None:
    world = World()
    world.decoder.verdicts[b"sound"] = reason
    assert world.run(make_request()).reason is reason
    assert [data["reason"] for _, _, data in world.events] == [reason.value]


def test_a_missing_recording_is_named() -> None:
    world = World()
    world.storage.sounds.clear()
    assert world.run(make_request()).reason is FailureReason.MISSING_AUDIO
    assert world.run(make_request(None)).reason is FailureReason.MISSING_AUDIO


def test_a_broken_file_is_tried_again_and_in_the_end_given_up_then_a_replay_completes_it() -> None:
    world = World()
    world.decoder.verdicts[b"sound"] = FailureReason.BROKEN_AUDIO
    with pytest.raises(BrokenAudio, match="refused by the fake"):
        prepare(make_request(), world.parts)
    give_up(make_request(), "broken_audio", world.recognizer.card, world.store, world.emit, NOW)
    give_up(make_request(), "broken_audio", world.recognizer.card, world.store, world.emit, NOW)
    assert [(event, data["reason"]) for event, _, data in world.events] == [("transcript-failed", "broken_audio")]
    world.decoder.verdicts.clear()
    world.run(make_request())
    assert [event for event, _, _ in world.events] == ["transcript-failed", "transcript-completed"]


def test_bytes_that_are_not_those_announced_are_broken() -> None:
    world = World()
    world.storage.sounds["audio/r-1"] = b"other"
    with pytest.raises(BrokenAudio):
        prepare(make_request(), world.parts)


def test_a_supplied_transcript_is_taken_without_recognition() -> None:
    world = World()
    world.storage.texts["texts/r-1"] = TEXT
    outcome = world.run(make_request(None, transcript_uri="texts/r-1"))
    document = world.storage.documents[outcome.uri]
    validate_document("transcript", plain(document))
    assert (document["source"], document["recognizer"], document["channels"]) == ("provider", None, 0)
    assert (world.recognizer.asked, world.decoder.decoded) == ([], 0)
    assert world.events[0][2]["recognition_ms"] is None
    assert isinstance(world.run(make_request(None, transcript_uri="texts/r-1")), Known)


def test_with_both_the_text_is_the_pbxs_and_the_sound_gives_the_waveform() -> None:
    world = World()
    world.storage.texts["texts/r-1"] = TEXT
    document = world.storage.documents[world.run(make_request(transcript_uri="texts/r-1")).uri]
    assert (document["source"], document["channels"], len(document["peaks"]["channels"])) == ("provider", 2, 2)
    assert world.recognizer.asked == []


def test_with_both_settings_may_prefer_recognition() -> None:
    world = World(prefer_supplied_text=False)
    world.storage.texts["texts/r-1"] = TEXT
    world.run(make_request(transcript_uri="texts/r-1"))
    assert world.events[0][2]["source"] == "recognizer"


def test_sound_that_comes_after_its_text_gives_the_waveform_and_is_not_recognised() -> None:
    world = World()
    world.storage.texts["texts/r-1"] = TEXT
    alone, joined = (world.run(request) for request in (make_request(None, transcript_uri="texts/r-1"), make_request()))
    assert alone.transcript_id != joined.transcript_id
    assert world.storage.documents[joined.uri]["peaks"] is not None
    assert [data["source"] for _, _, data in world.events] == ["provider", "provider"]
    assert world.recognizer.asked == []
    assert isinstance(world.run(make_request()), Known)


def test_what_was_recognised_gives_way_to_a_text_that_came_meanwhile() -> None:
    world = World()
    world.storage.texts["texts/r-1"] = TEXT
    heard = prepare(make_request(), world.parts)
    world.run(make_request(transcript_uri="texts/r-1"))
    handle(make_request(), heard, world.store, world.emit, NOW)
    assert [data["source"] for _, _, data in world.events] == ["provider"]


@pytest.mark.parametrize(
    ("audio", "text", "quick"),
    [(None, "texts/r-1", True), (b"sound", "texts/r-1", True), (b"sound", None, False), (None, None, True)],
)
def test_a_text_is_taken_without_waiting_for_recognition(audio: bytes | None, text: str | None, quick: bool) -> None:
    world = World()
    world.storage.texts["texts/r-1"] = TEXT
    assert (take_text(make_request(audio, transcript_uri=text), world.parts) is not None) is quick


def test_text_with_broken_sound_is_still_a_transcript() -> None:
    world = World()
    world.storage.texts["texts/r-1"] = TEXT
    world.decoder.verdicts[b"sound"] = FailureReason.BROKEN_AUDIO
    document = world.storage.documents[world.run(make_request(transcript_uri="texts/r-1")).uri]
    assert (document["peaks"], document["quality"]["reasons"]) == (None, ["sound_unreadable"])


def test_a_bad_supplied_text_falls_back_to_the_sound_or_is_named() -> None:
    world = World()
    assert world.run(make_request(transcript_uri="texts/none")).card is not None
    assert world.run(make_request(None, transcript_uri="texts/none")).reason is FailureReason.BAD_TRANSCRIPT


def test_a_supplied_text_without_words_falls_back_to_the_sound_or_is_no_speech() -> None:
    world = World()
    world.storage.texts["texts/r-1"] = {**TEXT, "utterances": []}
    assert world.run(make_request(transcript_uri="texts/r-1")).card is not None
    assert world.run(make_request(None, transcript_uri="texts/r-1")).reason is FailureReason.NO_SPEECH


def test_a_failure_after_success_changes_nothing() -> None:
    world = World()
    done = world.run(make_request())
    late = Failed(done.transcript_id, FailureReason.BROKEN_AUDIO, "too late")
    handle(make_request(), late, world.store, world.emit, NOW)
    assert len(world.events) == 1


def test_what_the_event_says_is_what_is_asked_for() -> None:
    data = {
        "call_id": "c-1",
        "recording_id": "r-1",
        "audio": {"uri": "audio/r-1", "sha256": "a" * 64, "size_bytes": 7, "seller_channel": 1},
        "transcript_uri": None,
        "stored_at": "2026-11-24T10:00:00+00:00",
    }
    assert read_request(data) == Request("c-1", "r-1", "audio/r-1", "a" * 64, 7, 1, None)
    assert read_request({**data, "audio": None, "transcript_uri": "t"}) == Request(
        "c-1", "r-1", None, None, 0, None, "t"
    )
