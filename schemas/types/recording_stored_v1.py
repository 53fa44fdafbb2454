"""Generated from events/recording-stored.v1.schema.json by `python -m schemas.generate`; do not edit."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class Audio(TypedDict):
    uri: str
    sha256: str
    size_bytes: int
    content_type: NotRequired[str | None]
    seller_channel: NotRequired[int | None]


class RecordingStoredV1(TypedDict):
    call_id: str
    recording_id: str
    audio: Audio | None
    transcript_uri: str | None
    stored_at: str
