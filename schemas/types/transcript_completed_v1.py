"""Generated from events/transcript-completed.v1.schema.json by `python -m schemas.generate`; do not edit."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class TranscriptCompletedV1(TypedDict):
    call_id: str
    recording_id: str
    transcript_id: str
    uri: str
    source: Literal['recognizer', 'provider']
    language: str
    duration_ms: int
    utterances: int
    words: int
    quality: Literal['good', 'fair', 'poor']
    model: NotRequired[str | None]
    audio_uri: NotRequired[str | None]
    recognition_ms: NotRequired[int | None]
