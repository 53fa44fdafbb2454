"""The draft: what the machine would score, what shows it, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Verdict(StrEnum):
    """Whether there is a score."""

    SCORED = "scored"
    NOT_APPLICABLE = "not_applicable"
    CANNOT_TELL = "cannot_tell"
    FOR_PERSON = "for_person"


class CallType(StrEnum):
    """Type of a call (domain §3)."""

    QUALIFICATION = "qualification"
    OBJECTION = "objection"
    TRANSACTIONAL = "transactional"
    REANIMATION = "reanimation"
    SPAM = "spam"


class ObjectionKind(StrEnum):
    """Kinds of objection (rubric)."""

    PRICE = "price"
    THINK = "think"
    COMPETITOR = "competitor"
    NO_NEED = "no_need"
    NO_TIME = "no_time"
    NO_TRUST = "no_trust"
    CONSULT = "consult"
    SEND_INFO = "send_info"
    OTHER = "other"


class Technique(StrEnum):
    """What the seller did with an objection."""

    ACKNOWLEDGE = "acknowledge"
    CLARIFY = "clarify"
    ARGUE = "argue"
    ALTERNATIVE = "alternative"
    RETURN_TO_GOAL = "return_to_goal"
    GIVE_IN = "give_in"
    IGNORE = "ignore"
    ATTACK = "attack"


class FlagKind(StrEnum):
    """Red flags (rubric)."""

    RUDENESS = "rudeness"
    PROFANITY = "profanity"
    PRESSURE = "pressure"
    FALSE_PROMISE = "false_promise"
    COMPETITOR_SLANDER = "competitor_slander"
    PERSONAL_DATA = "personal_data"


@dataclass(frozen=True)
class EvidenceSpan:
    """A place in the dialogue: the utterance, its milliseconds (half-open) and, where known, its words (half-open)."""

    turn: int
    start_ms: int
    end_ms: int
    word_from: int | None = None
    word_to: int | None = None


@dataclass(frozen=True)
class Reason:
    """One sentence in each language of the interface; it holds no words of the call and no names."""

    ru: str
    en: str


@dataclass(frozen=True)
class CriterionDraft:
    """One criterion's draft; `score` (0…1) is None unless `scored`; confidence is a calibrated probability."""

    criterion: str
    verdict: Verdict
    score: Decimal | None
    confidence: Decimal
    evidence: tuple[EvidenceSpan, ...]
    reason: Reason


@dataclass(frozen=True)
class ObjectionDraft:
    """An objection of the client and how it was answered."""

    turn: int
    kind: ObjectionKind
    score: Decimal
    answer_turns: tuple[int, ...]
    techniques: tuple[Technique, ...]
    confidence: Decimal


@dataclass(frozen=True)
class RedFlagDraft:
    """Something a seller must never say, with its place."""

    turn: int
    kind: FlagKind
    start_ms: int
    end_ms: int
    confidence: Decimal


@dataclass(frozen=True)
class StageSpan:
    """A stretch of the call by script stage, milliseconds, half-open."""

    stage: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True)
class AskedItem:
    """One item of a scorecard that a draft is asked for.

    `criterion` is a code of the rubric, or the firm's own, which is then found by `examples` (six phrases are enough).
    """

    criterion: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """The machine's evaluation of one dialogue; totals are not here, the scorecard's own code makes them."""

    call_type: CallType
    call_type_probabilities: Mapping[CallType, Decimal]
    criteria: tuple[CriterionDraft, ...]
    objections: tuple[ObjectionDraft, ...]
    red_flags: tuple[RedFlagDraft, ...]
    stages: tuple[StageSpan, ...]
    models: tuple[str, ...] = field(default=())
