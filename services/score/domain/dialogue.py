"""The dialogue that is scored: who said what and when, and what the company knew of the call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Speaker(StrEnum):
    """Who speaks: the person on the phone for the company, or the other side."""

    SELLER = "seller"
    CLIENT = "client"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """Who called: `in` the client, `out` the seller."""

    IN = "in"
    OUT = "out"


class DepartmentKind(StrEnum):
    """What kind of department the seller works in."""

    CALL_CENTER = "call_center"
    SALES = "sales"


class StageKind(StrEnum):
    """What a CRM stage means, as `lead-changed` says it."""

    OPEN = "open"
    MEETING = "meeting"
    CONTRACT = "contract"
    WON = "won"
    REFUSED = "refused"


@dataclass(frozen=True)
class Word:
    """One word with its place in the recording (ms, half-open) and the recogniser's probability, 0…1."""

    text: str
    start_ms: int
    end_ms: int
    probability: Decimal | None = None


@dataclass(frozen=True)
class Utterance:
    """A stretch of one speaker; `trusted` is False where the transcript says its text must not be believed."""

    index: int
    speaker: Speaker
    start_ms: int
    end_ms: int
    text: str
    confidence: Decimal | None = None
    trusted: bool = True
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class CrmCard:
    """The card as the seller filled it in after the call; `stage_kind` is None when only the stage's name is known."""

    stage: str
    stage_kind: StageKind | None = None
    refusal_reason: str | None = None


@dataclass(frozen=True)
class VoiceMetrics:
    """How one speaker sounds, from the transcript; None where the sound did not tell."""

    talk_ms: int
    words: int
    words_per_minute: Decimal | None = None
    loudness_dbfs: Decimal | None = None
    interruptions: int = 0
    longest_monologue_ms: int = 0
    fillers: int | None = None


@dataclass(frozen=True)
class SpeechMetrics:
    """How the call sounds; None as `seller` when the text came without sound."""

    seller: VoiceMetrics | None
    client: VoiceMetrics | None
    silence_ms: int = 0
    overlap_ms: int = 0


@dataclass(frozen=True)
class Dialogue:
    """What a draft is made from.

    `talk_ms` is the conversation's length by the PBX; `growth_zones` are the criteria the seller is working on;
    `direction` and `department_kind` are None when nobody told.
    """

    utterances: tuple[Utterance, ...]
    language: str = "ru"
    direction: Direction | None = None
    department_kind: DepartmentKind | None = None
    talk_ms: int | None = None
    crm: CrmCard | None = None
    speech: SpeechMetrics | None = None
    growth_zones: tuple[str, ...] = ()

    def of(self, speaker: Speaker) -> tuple[Utterance, ...]:
        """The utterances of one speaker, in order."""
        return tuple(u for u in self.utterances if u.speaker is speaker)

    @property
    def end_ms(self) -> int:
        """Where the last utterance ends; 0 for an empty dialogue."""
        return max((u.end_ms for u in self.utterances), default=0)


def dialogue_of(turns: Sequence[tuple[str, str]], *, direction: Direction | None = None) -> Dialogue:
    """A dialogue without times from (speaker, text) pairs, two seconds a turn: for rules tried by hand and in tests."""
    utterances = tuple(
        Utterance(index=i, speaker=Speaker(who), start_ms=i * 2000, end_ms=i * 2000 + 1900, text=text)
        for i, (who, text) in enumerate(turns)
    )
    return Dialogue(utterances=utterances, direction=direction)
