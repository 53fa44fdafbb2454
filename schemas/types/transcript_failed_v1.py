"""Generated from events/transcript-failed.v1.schema.json by `python -m schemas.generate`; do not edit."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class TranscriptFailedV1(TypedDict):
    call_id: str
    recording_id: str
    reason: Literal['no_speech', 'broken_audio', 'unsupported_format', 'too_long', 'too_many_channels', 'missing_audio', 'bad_transcript']
    detail: NotRequired[str | None]
    audio_uri: NotRequired[str | None]
