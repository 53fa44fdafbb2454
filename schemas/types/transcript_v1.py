"""Generated from documents/transcript.v1.schema.json by `python -m schemas.generate`; do not edit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, NotRequired, TypedDict


class Recognizer(TypedDict):
    name: str
    model: str
    sha256: NotRequired[str | None]
    settings: NotRequired[dict[str, Any]]


class Word(TypedDict):
    text: str
    start_ms: int
    end_ms: int
    probability: NotRequired[Decimal | None]


class Utterance(TypedDict):
    speaker: Literal['seller', 'client', 'unknown']
    channel: NotRequired[int | None]
    start_ms: int
    end_ms: int
    text: str
    confidence: NotRequired[Decimal | None]
    trusted: NotRequired[bool]
    words: NotRequired[list[Word]]


class Seller(TypedDict):
    talk_ms: int
    words: int
    words_per_minute: NotRequired[Decimal | None]
    loudness_dbfs: NotRequired[Decimal | None]
    interruptions: NotRequired[int]
    longest_monologue_ms: NotRequired[int]
    fillers: NotRequired[int]


class Client(TypedDict):
    talk_ms: int
    words: int
    words_per_minute: NotRequired[Decimal | None]
    loudness_dbfs: NotRequired[Decimal | None]
    interruptions: NotRequired[int]
    longest_monologue_ms: NotRequired[int]
    fillers: NotRequired[int]


class Speech(TypedDict):
    seller: Seller | None
    client: Client | None
    silence_ms: int
    overlap_ms: int
    longest_pause_ms: NotRequired[int]


class UntrustedItem(TypedDict):
    start_ms: int
    end_ms: int
    reason: str


class Quality(TypedDict):
    grade: Literal['good', 'fair', 'poor']
    reasons: list[str]
    untrusted: list[UntrustedItem]


class Peaks(TypedDict):
    per_second: int
    channels: list[list[int]]


class TranscriptV1(TypedDict):
    transcript_id: str
    call_id: str
    recording_id: str
    source: Literal['recognizer', 'provider']
    language: str
    duration_ms: int
    recognizer: NotRequired[Recognizer | None]
    channels: NotRequired[int]
    utterances: list[Utterance]
    speech: Speech
    quality: Quality
    peaks: NotRequired[Peaks | None]
