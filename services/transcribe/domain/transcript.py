"""The nouns of a transcript: words, segments as a recogniser gives them, utterances, a whole dialogue.

Times are integer milliseconds from the start of the recording, half-open. Probabilities are the recogniser's, 0…1.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Speaker(StrEnum):
    """Who speaks on the telephone."""

    SELLER = "seller"
    CLIENT = "client"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time, milliseconds, half-open."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


@dataclass(frozen=True, slots=True)
class Word:
    """One word as written, punctuation attached; `probability` is None when the source gives none."""

    text: str
    start_ms: int
    end_ms: int
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """What a recogniser wrote for one stretch, with the figures by which it can be doubted."""

    start_ms: int
    end_ms: int
    words: tuple[Word, ...]
    average_log_probability: float
    no_speech_probability: float
    compression_ratio: float

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class Untrusted:
    """A stretch whose text should not be believed; `reason` is a code."""

    start_ms: int
    end_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard on one channel: its words in order, where speech is (unpadded), and what is not to be believed."""

    channel: int
    words: tuple[Word, ...]
    speech: tuple[Interval, ...]
    untrusted: tuple[Untrusted, ...] = ()
    loudness_dbfs: float | None = None
    noise_dbfs: float | None = None


@dataclass(frozen=True, slots=True)
class Utterance:
    """One turn of one speaker. `confidence` is the mean word probability, None when unknown."""

    speaker: Speaker
    start_ms: int
    end_ms: int
    text: str
    channel: int | None = None
    words: tuple[Word, ...] = ()
    confidence: float | None = None
    trusted: bool = True


@dataclass(frozen=True, slots=True)
class SpeakerSpeech:
    """How one speaker sounds over the whole call."""

    talk_ms: int
    words: int
    words_per_minute: float | None
    loudness_dbfs: float | None
    interruptions: int
    longest_monologue_ms: int
    fillers: int


@dataclass(frozen=True, slots=True)
class Speech:
    """How the call sounds; a speaker who was not told apart is None."""

    seller: SpeakerSpeech | None
    client: SpeakerSpeech | None
    silence_ms: int
    overlap_ms: int
    longest_pause_ms: int


class Grade(StrEnum):
    """How far the text can be trusted."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


@dataclass(frozen=True, slots=True)
class Quality:
    """The grade with its reasons (codes) and the stretches not to be believed."""

    grade: Grade
    reasons: tuple[str, ...]
    untrusted: tuple[Untrusted, ...]


@dataclass(frozen=True, slots=True)
class Peaks:
    """Waveform for the player: one list a channel, values 0…100, `per_second` of them a second."""

    per_second: int
    channels: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Everything a transcript says about the call itself."""

    language: str
    duration_ms: int
    channels: int
    utterances: tuple[Utterance, ...]
    speech: Speech
    quality: Quality
    peaks: Peaks | None = None

    @property
    def word_count(self) -> int:
        return sum(len(utterance.text.split()) for utterance in self.utterances)


@dataclass(frozen=True, slots=True)
class RecognizerCard:
    """Which recogniser wrote a transcript; all of it goes into the transcript's id."""

    name: str
    model: str
    sha256: str | None = None
    settings: dict[str, str | int | float | bool | None] = field(default_factory=dict)


def bare(text: str) -> str:
    """A word without punctuation and capitals, «ё» as «е», for comparing; may be empty."""
    return "".join(sign for sign in text.lower() if sign.isalnum() or sign == "-").strip("-").replace("ё", "е")


def mean_probability(words: Sequence[Word]) -> float | None:
    """Mean of the words' probabilities, rounded to 0.01; None when no word has one."""
    known = [word.probability for word in words if word.probability is not None]
    return round(sum(known) / len(known), 2) if known else None
