"""Generated from events/call-scored.v1.schema.json by `python -m schemas.generate`; do not edit."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NotRequired, TypedDict


class Scorecard(TypedDict):
    id: str
    version: str


class EvidenceItem(TypedDict):
    turn: int
    start_ms: int
    end_ms: int
    word_from: NotRequired[int | None]
    word_to: NotRequired[int | None]


class Reason(TypedDict):
    ru: str
    en: str


class Label(TypedDict):
    ru: str
    en: str


class BlockLabel(TypedDict):
    ru: str
    en: str


class Rules(TypedDict):
    ru: str
    en: str


class Criterion(TypedDict):
    criterion: str
    block: NotRequired[str | None]
    verdict: Literal['scored', 'not_applicable', 'cannot_tell', 'for_person']
    score: Decimal | None
    weight: Decimal
    confidence: Decimal
    evidence: list[EvidenceItem]
    reason: Reason
    auto_fail: NotRequired[bool]
    auto_fail_at: NotRequired[Decimal | None]
    label: NotRequired[Label]
    block_label: NotRequired[BlockLabel]
    scale: NotRequired[str]
    rules: NotRequired[dict[str, Rules]]


class Objection(TypedDict):
    turn: int
    kind: Literal['price', 'think', 'competitor', 'no_need', 'no_time', 'no_trust', 'consult', 'send_info', 'other']
    score: Decimal | None
    answer_turns: list[int]
    techniques: NotRequired[list[Literal['acknowledge', 'clarify', 'argue', 'alternative', 'return_to_goal', 'give_in', 'ignore', 'attack']]]
    confidence: NotRequired[Decimal]


class RedFlag(TypedDict):
    turn: int
    kind: Literal['rudeness', 'profanity', 'pressure', 'false_promise', 'competitor_slander', 'personal_data']
    start_ms: int
    end_ms: int
    confidence: NotRequired[Decimal]


class Stage(TypedDict):
    stage: str
    start_ms: int
    end_ms: int


class RemarkableItem(TypedDict):
    reason: Literal['red_flag', 'low_cqr', 'refusal_mismatch', 'low_confidence', 'unhandled_objection', 'poor_transcript', 'auto_fail', 'long_consultation']
    detail: NotRequired[str | None]


class CallScoredV1(TypedDict):
    call_id: str
    draft_id: str
    revision: int
    transcript_id: str
    scorecard: Scorecard
    call_type: Literal['qualification', 'objection', 'transactional', 'reanimation', 'spam']
    call_type_probability: Decimal
    call_type_probabilities: NotRequired[dict[str, Decimal]]
    cqr: Decimal | None
    points: NotRequired[Decimal | None]
    points_possible: NotRequired[Decimal | None]
    criteria: list[Criterion]
    objections: list[Objection]
    red_flags: list[RedFlag]
    stages: NotRequired[list[Stage]]
    remarkable: list[RemarkableItem]
    models: NotRequired[list[str]]
    scored_at: str
    weights: NotRequired[dict[str, dict[str, Decimal]]]
    good_cqr: NotRequired[Decimal]
