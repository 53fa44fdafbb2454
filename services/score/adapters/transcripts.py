"""Transcripts (`transcript.v1`) from object storage, as dialogues."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from schemas import codec
from services.runtime.storage import ObjectStorage
from services.score.domain.dialogue import Dialogue, Speaker, SpeechMetrics, Utterance, VoiceMetrics, Word
from services.score.ports import Transcript


class StoredTranscripts:
    """See `ports.Transcripts`."""

    def __init__(self, storage: ObjectStorage) -> None:
        self._storage = storage

    def load(self, uri: str) -> Transcript:
        document = codec.from_json(self._storage.get(uri))
        codec.validate_document("transcript", document)
        return Transcript(
            transcript_id=document["transcript_id"],
            call_id=document["call_id"],
            quality=document["quality"]["grade"],
            dialogue=dialogue_of_document(document),
        )


def dialogue_of_document(document: Mapping[str, Any]) -> Dialogue:
    """The dialogue in a transcript: what overlaps an untrusted stretch is untrusted; silent channels have no voice."""
    spans = [(span["start_ms"], span["end_ms"]) for span in document["quality"]["untrusted"]]
    speech = document["speech"]
    silent = not document.get("channels") and document["source"] == "provider"
    return Dialogue(
        utterances=tuple(_utterance(i, item, spans) for i, item in enumerate(document["utterances"])),
        language=document["language"],
        speech=SpeechMetrics(
            seller=None if silent else _voice(speech["seller"]),
            client=None if silent else _voice(speech["client"]),
            silence_ms=speech["silence_ms"],
            overlap_ms=speech["overlap_ms"],
        ),
    )


def _utterance(index: int, item: Mapping[str, Any], untrusted: list[tuple[int, int]]) -> Utterance:
    start, end = item["start_ms"], item["end_ms"]
    inside = any(start < until and since < max(end, start + 1) for since, until in untrusted)
    return Utterance(
        index=index,
        speaker=Speaker(item["speaker"]),
        start_ms=start,
        end_ms=end,
        text=item["text"],
        confidence=_exact(item.get("confidence")),
        trusted=item.get("trusted", True) and not inside,
        words=tuple(
            Word(word["text"], word["start_ms"], word["end_ms"], _exact(word.get("probability")))
            for word in item.get("words", ())
        ),
    )


def _voice(item: Mapping[str, Any] | None) -> VoiceMetrics | None:
    if item is None:
        return None
    return VoiceMetrics(
        talk_ms=item["talk_ms"],
        words=item["words"],
        words_per_minute=_exact(item.get("words_per_minute")),
        loudness_dbfs=_exact(item.get("loudness_dbfs")),
        interruptions=item.get("interruptions", 0),
        longest_monologue_ms=item.get("longest_monologue_ms", 0),
        fillers=item.get("fillers"),
    )


def _exact(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)
