"""The TranscriptStorage port: the fake and the real promise the same; the real holds documents to their schema."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import InvalidEvent
from services.runtime.storage import ObjectStorage
from services.transcribe.adapters.storage import ObjectTranscripts
from services.transcribe.domain.document import as_document
from services.transcribe.domain.outcome import FailureReason
from services.transcribe.domain.recognition import Channels, compose
from services.transcribe.domain.verdicts import CannotHear
from services.transcribe.ports import TranscriptStorage
from tests.fakes.transcribe import MemoryStorage, make_recognised, make_sound

TEXT: dict[str, Any] = {
    "call_id": "c-1",
    "language": "ru",
    "utterances": [{"speaker": "seller", "start_ms": 0, "end_ms": 900, "text": "Добрый день", "confidence": 0.5}],
}


def document() -> dict[str, Any]:
    dialogue = compose(make_sound(), (make_recognised(0, (0, "Добрый день компания")),), Channels(0), "ru")
    assert dialogue is not None
    return as_document(dialogue, identity="tr-1", call_id="c-1", recording_id="r-1", card=None)


class StorageContract:
    """What any storage promises."""

    @pytest.fixture
    def storage(self) -> TranscriptStorage:
        raise AssertionError("each subclass has its own")

    def test_what_is_there_is_given(self, storage: TranscriptStorage) -> None:
        assert storage.audio("audio/r-1") == b"sound"
        text, digest = storage.supplied("texts/r-1")
        assert (text["utterances"][0]["text"], len(digest) > 0) == ("Добрый день", True)

    def test_what_is_not_there_is_named(self, storage: TranscriptStorage) -> None:
        with pytest.raises(CannotHear) as sound:
            storage.audio("audio/none")
        with pytest.raises(CannotHear) as text:
            storage.supplied("texts/none")
        assert (sound.value.reason, text.value.reason) == (FailureReason.MISSING_AUDIO, FailureReason.BAD_TRANSCRIPT)

    def test_a_document_is_stored(self, storage: TranscriptStorage) -> None:
        storage.put("transcripts/1.json", document())
        storage.put("transcripts/1.json", document())


class TestMemoryStorage(StorageContract):
    @pytest.fixture
    def storage(self) -> TranscriptStorage:
        return MemoryStorage(sounds={"audio/r-1": b"sound"}, texts={"texts/r-1": TEXT})


class TestObjectStorage(StorageContract):
    @pytest.fixture
    def objects(self, tmp_path: Path) -> ObjectStorage:
        objects = ObjectStorage((tmp_path / "storage").as_uri())
        objects.put("audio/r-1", b"sound")
        objects.put("texts/r-1", json.dumps(TEXT).encode())
        return objects

    @pytest.fixture
    def storage(self, objects: ObjectStorage) -> TranscriptStorage:
        return ObjectTranscripts(objects)

    @pytest.mark.parametrize("uri", ["../secret", "/etc/passwd", ""])
    def test_a_key_that_leads_out_is_missing(self, storage: TranscriptStorage, uri: str) -> None:
        with pytest.raises(CannotHear):
            storage.audio(uri)

    @pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"call_id": "c-1"}', b'{"a": NaN}', b"\xff\xfe"])
    def test_a_supplied_text_that_breaks_its_schema_is_refused(
        self, objects: ObjectStorage, storage: TranscriptStorage, raw: bytes
    ) -> None:
        objects.put("texts/bad", raw)
        with pytest.raises(CannotHear) as refused:
            storage.supplied("texts/bad")
        assert refused.value.reason is FailureReason.BAD_TRANSCRIPT

    def test_a_document_that_breaks_its_schema_is_never_stored(
        self, objects: ObjectStorage, storage: TranscriptStorage
    ) -> None:
        broken = {**document(), "duration_ms": -1}
        with pytest.raises(InvalidEvent):
            storage.put("transcripts/1.json", broken)
        assert not objects.exists("transcripts/1.json")
