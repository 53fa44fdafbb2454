"""Generated from documents/provider-transcript.v1.schema.json by `python -m schemas.generate`; do not edit."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NotRequired, TypedDict


class Utterance(TypedDict):
    speaker: Literal['seller', 'client', 'unknown']
    start_ms: int
    end_ms: int
    text: str
    confidence: NotRequired[Decimal | None]


class ProviderTranscriptV1(TypedDict):
    call_id: str
    language: str
    duration_ms: NotRequired[int | None]
    utterances: list[Utterance]
