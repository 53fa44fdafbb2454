"""Generated from events/evaluation-approved.v1.schema.json by `python -m schemas.generate`; do not edit."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NotRequired, TypedDict


class Scorecard(TypedDict):
    id: str
    version: str


class Criterion(TypedDict):
    criterion: str
    verdict: Literal['scored', 'not_applicable']
    score: Decimal | None
    draft_score: NotRequired[Decimal | None]
    weight: NotRequired[Decimal]
    appealed: NotRequired[bool]


class EvaluationApprovedV1(TypedDict):
    call_id: str
    evaluation_id: str
    status: Literal['approved_training', 'approved_evaluated', 'approved_overturned']
    counted: bool
    seller_id: str | None
    department_id: NotRequired[str | None]
    evaluator_id: str | None
    call_type: Literal['qualification', 'objection', 'transactional', 'reanimation', 'spam']
    scorecard: Scorecard
    cqr: Decimal | None
    draft_id: NotRequired[str | None]
    draft_cqr: NotRequired[Decimal | None]
    blind: NotRequired[bool]
    criteria: list[Criterion]
    evaluated_at: str
    approved_at: str
    listening_ms: NotRequired[int | None]
