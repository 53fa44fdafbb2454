"""A transcript as it lies in storage (document `transcript.v1`), and its id, made of recording, model and settings."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

from services.transcribe.domain.transcript import Dialogue, Peaks, RecognizerCard, SpeakerSpeech, Utterance, Word

# raised whenever the same recording, model and settings would give another document
RULES_VERSION = 1


def transcript_id(recording_id: str, content_sha256: str, card: RecognizerCard | None) -> str:
    """The same for the same recording, sound (or supplied text), model and settings: a redelivery changes nothing."""
    made_with = [RULES_VERSION, recording_id, content_sha256, asdict(card) if card else None]
    digest = hashlib.sha256(json.dumps(made_with, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return f"tr-{digest[:32]}"


def storage_key(identity: str) -> str:
    """Where a transcript lies in object storage."""
    return f"transcripts/{identity[3:5]}/{identity}.json"


def as_document(
    dialogue: Dialogue, *, identity: str, call_id: str, recording_id: str, card: RecognizerCard | None
) -> dict[str, Any]:
    """The document; `card` None means that the PBX supplied the text."""
    return {
        "transcript_id": identity,
        "call_id": call_id,
        "recording_id": recording_id,
        "source": "recognizer" if card else "provider",
        "language": dialogue.language,
        "duration_ms": dialogue.duration_ms,
        "recognizer": asdict(card) if card else None,
        "channels": dialogue.channels,
        "utterances": [_utterance(turn) for turn in dialogue.utterances],
        "speech": {
            "seller": _speaker(dialogue.speech.seller),
            "client": _speaker(dialogue.speech.client),
            "silence_ms": dialogue.speech.silence_ms,
            "overlap_ms": dialogue.speech.overlap_ms,
            "longest_pause_ms": dialogue.speech.longest_pause_ms,
        },
        "quality": {
            "grade": dialogue.quality.grade.value,
            "reasons": list(dialogue.quality.reasons),
            "untrusted": [asdict(stretch) for stretch in dialogue.quality.untrusted],
        },
        "peaks": _peaks(dialogue.peaks),
    }


def _utterance(turn: Utterance) -> dict[str, Any]:
    return {
        "speaker": turn.speaker.value,
        "channel": turn.channel,
        "start_ms": turn.start_ms,
        "end_ms": turn.end_ms,
        "text": turn.text,
        "confidence": turn.confidence,
        "trusted": turn.trusted,
        "words": [_word(word) for word in turn.words],
    }


def _word(word: Word) -> dict[str, Any]:
    probability = None if word.probability is None else round(word.probability, 3)
    return {
        "text": word.text.strip()[:200],
        "start_ms": word.start_ms,
        "end_ms": word.end_ms,
        "probability": probability,
    }


def _speaker(speech: SpeakerSpeech | None) -> dict[str, Any] | None:
    return None if speech is None else asdict(speech)


def _peaks(peaks: Peaks | None) -> dict[str, Any] | None:
    if peaks is None:
        return None
    return {"per_second": peaks.per_second, "channels": [list(channel) for channel in peaks.channels]}
