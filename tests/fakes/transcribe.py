"""Fakes of transcribe's ports: a decoder that knows a few files, a recogniser with a script, stores in memory."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.transcribe.domain.outcome import Completed, Failed, FailureReason, Request
from services.transcribe.domain.recognition import Recognised
from services.transcribe.domain.sound import PER_SECOND, Sound
from services.transcribe.domain.transcript import Interval, RecognizerCard, Segment, Word
from services.transcribe.domain.verdicts import CannotHear
from services.transcribe.ports import Decoded


def make_words(text: str, start_ms: int, word_ms: int = 300, probability: float | None = 0.9) -> tuple[Word, ...]:
    """Words one after another from `start_ms`."""
    return tuple(
        Word(word, start_ms + index * word_ms, start_ms + (index + 1) * word_ms, probability)
        for index, word in enumerate(text.split())
    )


def make_recognised(channel: int, *turns: tuple[int, str], log_probability: float = -0.3) -> Recognised:
    """A channel with one segment a turn, (start_ms, text)."""
    segments = []
    for start_ms, text in turns:
        words = make_words(text, start_ms)
        segments.append(Segment(start_ms, words[-1].end_ms, words, log_probability, 0.05, 1.5))
    speech = tuple(Interval(segment.start_ms, segment.end_ms) for segment in segments)
    return Recognised(channel, tuple(segments), speech)


def make_sound(seconds: int = 10, channels: int = 2, level: int = -20) -> Sound:
    """A sound with the same level all along."""
    length = seconds * PER_SECOND
    levels = tuple((level,) * length for _ in range(channels))
    peaks = tuple((40,) * length for _ in range(channels))
    return Sound("wav", "pcm_mulaw", 8000, channels, seconds * 1000, levels, peaks)


def make_request(
    audio: bytes | None = b"sound", *, transcript_uri: str | None = None, seller_channel: int | None = 0
) -> Request:
    """A request for the recording r-1 of the call c-1."""
    import hashlib

    return Request(
        call_id="c-1",
        recording_id="r-1",
        audio_uri=None if audio is None else "audio/r-1",
        audio_sha256=None if audio is None else hashlib.sha256(audio).hexdigest(),
        audio_bytes=0 if audio is None else len(audio),
        seller_channel=seller_channel,
        transcript_uri=transcript_uri,
    )


@dataclass
class FakeDecoder:
    """Gives `sound` for every file but those in `verdicts`."""

    sound: Sound = field(default_factory=make_sound)
    verdicts: dict[bytes, FailureReason] = field(default_factory=dict)
    decoded: int = 0

    @contextmanager
    def decode(self, data: bytes) -> Iterator[Decoded]:
        self.decoded += 1
        if data in self.verdicts:
            raise CannotHear(self.verdicts[data], "refused by the fake")
        yield Decoded(self.sound, "/nowhere")


@dataclass
class FakeRecognizer:
    """Hears what it was given; remembers which channels were asked for."""

    heard: tuple[Recognised, ...] = ()
    asked: list[tuple[int, ...]] = field(default_factory=list)
    card: RecognizerCard = field(default_factory=lambda: RecognizerCard("fake", "script", "0" * 64, {"beam_size": 1}))
    language: str = "ru"

    def recognise(self, decoded: Decoded, channels: Sequence[int]) -> tuple[Recognised, ...]:
        self.asked.append(tuple(channels))
        return tuple(channel for channel in self.heard if channel.channel in channels)


@dataclass
class MemoryStorage:
    """Objects in a dictionary."""

    sounds: dict[str, bytes] = field(default_factory=dict)
    texts: dict[str, dict[str, Any]] = field(default_factory=dict)
    documents: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def audio(self, uri: str) -> bytes:
        if uri not in self.sounds:
            raise CannotHear(FailureReason.MISSING_AUDIO, "The recording is not in the storage.")
        return self.sounds[uri]

    def supplied(self, uri: str) -> tuple[dict[str, Any], str]:
        if uri not in self.texts:
            raise CannotHear(FailureReason.BAD_TRANSCRIPT, "The supplied transcript cannot be read.")
        return self.texts[uri], f"digest of {uri}"

    def put(self, key: str, document: Mapping[str, Any]) -> None:
        self.documents[key] = document


@dataclass
class MemoryStore:
    """Rows in dictionaries: transcript id → state or reason, recording → supplied text."""

    rows: dict[str, str] = field(default_factory=dict)
    supplied: dict[str, str] = field(default_factory=dict)

    def is_completed(self, transcript_id: str) -> bool:
        return self.rows.get(transcript_id) == "completed"

    def supplied_uri(self, recording_id: str) -> str | None:
        return self.supplied.get(recording_id)

    def complete(self, request: Request, outcome: Completed, now: datetime) -> bool:
        if self.is_completed(outcome.transcript_id):
            return False
        self.rows[outcome.transcript_id] = "completed"
        if outcome.card is None and request.transcript_uri is not None:
            self.supplied[request.recording_id] = request.transcript_uri
        return True

    def fail(self, request: Request, outcome: Failed, now: datetime) -> bool:
        if self.rows.get(outcome.transcript_id) in ("completed", outcome.reason.value):
            return False
        self.rows[outcome.transcript_id] = outcome.reason.value
        return True
