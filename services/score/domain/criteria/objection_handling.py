"""Objections: the mean of each one's handling, rounded to 0, 0.5 or 1 (quarters up); no objection, does not apply."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from services.score.domain.criteria.finding import HALF, ONE, ZERO, Finding, Scene, reason_for
from services.score.domain.draft import Reason

CODE = "objection_handling"
_REASONS = {
    ONE: (
        "Возражения принял, ответил и вернулся к цели разговора.",
        "Objections were acknowledged, answered, and led back to the goal.",
    ),
    HALF: (
        "На возражения ответил, но не довёл: без признания или без возврата к цели.",
        "Objections were answered, but not to the end.",
    ),
    ZERO: (
        "Возражения оставил без ответа, уступил сразу или спорил грубо.",
        "Objections were ignored, given in to at once, or fought rudely.",
    ),
}


def rule(scene: Scene) -> Finding:
    """The mean over the objections found."""
    turns = sorted({i for o in scene.objections for i in (o.answer_turns or (o.turn,))})
    return Finding(mean_score([o.score for o in scene.objections]), tuple(turns))


def mean_score(scores: Sequence[Decimal]) -> Decimal | None:
    """The mean rounded to the nearest of 0, 0.5, 1; 0.25 and 0.75 round up; None without objections."""
    if not scores:
        return None
    mean = sum(scores, ZERO) / len(scores)
    if mean >= Decimal("0.75"):
        return ONE
    return HALF if mean >= Decimal("0.25") else ZERO


def reason(scene: Scene, score: Decimal | None) -> Reason:
    """The sentence of the score; several objections are counted."""
    if score is None:
        return Reason("Клиент не возражал.", "The client raised no objection.")
    return reason_for(_REASONS, score)
