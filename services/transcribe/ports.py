"""What transcription needs from outside."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from services.transcribe.domain.outcome import Completed, Failed, Request
from services.transcribe.domain.recognition import Recognised
from services.transcribe.domain.sound import Sound
from services.transcribe.domain.transcript import RecognizerCard

# event, key, data → event_id; written in the transaction that ends the work
Emit = Callable[[str, str, Mapping[str, Any]], str]


@dataclass(frozen=True)
class Decoded:
    """A decoded recording: its facts, and a file's path with its samples (int16, channels interleaved, 16000 Hz)."""

    sound: Sound
    pcm: str


class AudioDecoder(Protocol):
    """Turns bytes of unknown origin into samples."""

    def decode(self, data: bytes) -> AbstractContextManager[Decoded]:
        """The samples, kept until the context ends. Raises CannotHear; any other error counts as an attempt."""
        ...


class SpeechRecognizer(Protocol):
    """Writes down what is said."""

    @property
    def card(self) -> RecognizerCard:
        """What goes into the transcript and its id."""
        ...

    @property
    def language(self) -> str:
        """ISO 639-1 of what it writes."""
        ...

    def recognise(self, decoded: Decoded, channels: Sequence[int]) -> tuple[Recognised, ...]:
        """Segments and speech of the named channels, in their order; a channel without speech has no segments."""
        ...


class TranscriptStorage(Protocol):
    """Recordings, supplied transcripts and finished transcripts, by key."""

    def audio(self, uri: str) -> bytes:
        """The recording's bytes. Raises CannotHear(missing_audio)."""
        ...

    def supplied(self, uri: str) -> tuple[dict[str, Any], str]:
        """A checked `provider-transcript.v1` document and its SHA-256. Raises CannotHear(bad_transcript)."""
        ...

    def put(self, key: str, document: Mapping[str, Any]) -> None:
        """Stores a `transcript.v1` document whole; one that breaks its schema is an InvalidEvent."""
        ...


class History(Protocol):
    """What was done before."""

    def is_completed(self, transcript_id: str) -> bool:
        """Whether that transcript is there already."""
        ...

    def supplied_uri(self, recording_id: str) -> str | None:
        """Where the transcript lies that the PBX supplied of this recording; the newest, None without one."""
        ...


class Store(History, Protocol):
    """What was done with each recording; one object is one transaction."""

    def complete(self, request: Request, outcome: Completed, now: datetime) -> bool:
        """False when that transcript is there already."""
        ...

    def fail(self, request: Request, outcome: Failed, now: datetime) -> bool:
        """False when that recording has a transcript, or failed for the same reason before."""
        ...
