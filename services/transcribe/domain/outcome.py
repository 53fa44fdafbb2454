"""How the work on one recording ends: a dialogue, a named reason why there is none, or nothing new."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from services.transcribe.domain.transcript import Dialogue, RecognizerCard


class FailureReason(StrEnum):
    """Why a recording cannot become a dialogue (schema `transcript-failed.v1`)."""

    NO_SPEECH = "no_speech"
    BROKEN_AUDIO = "broken_audio"
    UNSUPPORTED_FORMAT = "unsupported_format"
    TOO_LONG = "too_long"
    TOO_MANY_CHANNELS = "too_many_channels"
    MISSING_AUDIO = "missing_audio"
    BAD_TRANSCRIPT = "bad_transcript"


@dataclass(frozen=True, slots=True)
class Request:
    """A recording to be made a dialogue: what `recording-stored` says."""

    call_id: str
    recording_id: str
    audio_uri: str | None
    audio_sha256: str | None
    audio_bytes: int
    seller_channel: int | None
    transcript_uri: str | None


@dataclass(frozen=True, slots=True)
class Completed:
    """A dialogue, stored as a document under `uri`."""

    transcript_id: str
    uri: str
    dialogue: Dialogue
    card: RecognizerCard | None
    recognition_ms: int | None


@dataclass(frozen=True, slots=True)
class Failed:
    """A verdict that trying again cannot change."""

    transcript_id: str
    reason: FailureReason
    detail: str


@dataclass(frozen=True, slots=True)
class Known:
    """The same recording was done before with the same model and settings."""

    transcript_id: str


Outcome = Completed | Failed | Known


def completed_data(request: Request, outcome: Completed) -> dict[str, Any]:
    """Data of `transcript-completed`."""
    card = outcome.card
    model = f"{card.name} {card.model} {card.sha256 or ''}".strip()[:200] if card else None
    return {
        "call_id": request.call_id,
        "recording_id": request.recording_id,
        "transcript_id": outcome.transcript_id,
        "uri": outcome.uri,
        "source": "recognizer" if card else "provider",
        "language": outcome.dialogue.language,
        "duration_ms": outcome.dialogue.duration_ms,
        "utterances": len(outcome.dialogue.utterances),
        "words": outcome.dialogue.word_count,
        "quality": outcome.dialogue.quality.grade.value,
        "model": model,
        "audio_uri": request.audio_uri,
        "recognition_ms": outcome.recognition_ms,
    }


def failed_data(request: Request, reason: FailureReason, detail: str) -> dict[str, Any]:
    """Data of `transcript-failed`."""
    return {
        "call_id": request.call_id,
        "recording_id": request.recording_id,
        "reason": reason.value,
        "detail": detail[:500],
        "audio_uri": request.audio_uri,
    }
