"""An appeal against an evaluation: the seller's reason by criterion, and what the head decides (domain.md §2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from services.review.domain.evaluation import Decision, Evaluation, Verdict, call_quality_rate

# An appeal is in time while the database's clock is before `approve_at`; from that instant on the call is approved.
APPEAL_TIME = timedelta(hours=48)


class AppealState(StrEnum):
    """Whether and how it was decided."""

    OPEN = "open"
    UPHELD = "upheld"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Appeal:
    """One a call. `points` holds the seller's reason by criterion."""

    appeal_id: str
    call_id: str
    evaluation_id: str
    seller_id: str
    evaluator_id: str
    reason: str
    points: Mapping[str, str]
    made_at: datetime
    state: AppealState = AppealState.OPEN
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_reason: str = ""


@dataclass(frozen=True)
class Correction:
    """What the head puts in the place of a controller's score."""

    verdict: Verdict
    score: Decimal | None


class AppealFault(StrEnum):
    """Why an appeal or a decision about one cannot stand."""

    NO_POINTS = "no_points"
    UNKNOWN_CRITERION = "unknown_criterion"
    NO_REASON = "no_reason"
    NOT_APPEALED = "not_appealed"
    BAD_SCORE = "bad_score"
    NO_CORRECTION = "no_correction"
    NOT_IN_FAVOUR = "not_in_favour"


def approve_at(evaluated_at: datetime) -> datetime:
    """The instant (aware UTC) from which it is approved: 48 real hours later, whatever clocks on walls do."""
    return evaluated_at + APPEAL_TIME


def fault_of_points(evaluation: Evaluation, points: Mapping[str, str]) -> AppealFault | None:
    """What is wrong with the points of an appeal: each names a decided criterion and says why."""
    if not points:
        return AppealFault.NO_POINTS
    if any(criterion not in evaluation.decisions for criterion in points):
        return AppealFault.UNKNOWN_CRITERION
    if any(not reason.strip() for reason in points.values()):
        return AppealFault.NO_REASON
    return None


def corrected(evaluation: Evaluation, corrections: Mapping[str, Correction]) -> Mapping[str, Decision]:
    """The decisions with the head's corrections in them."""
    return {
        **evaluation.decisions,
        **{
            criterion: Decision(criterion, correction.verdict, correction.score)
            for criterion, correction in corrections.items()
        },
    }


def cqr_after(evaluation: Evaluation, corrections: Mapping[str, Correction]) -> Decimal | None:
    """The rate with the corrected scores."""
    return call_quality_rate(evaluation.card, evaluation.call_type, corrected(evaluation, corrections).values())


def fault_of_corrections(
    evaluation: Evaluation, appeal: Appeal, corrections: Mapping[str, Correction]
) -> AppealFault | None:
    """What is wrong with upholding so: only appealed criteria, scores the scale knows, in the seller's favour."""
    if any(criterion not in appeal.points for criterion in corrections):
        return AppealFault.NOT_APPEALED
    for criterion, correction in corrections.items():
        item = evaluation.card.item(criterion)
        scored = correction.verdict is Verdict.SCORED
        if item is None or correction.verdict not in (Verdict.SCORED, Verdict.NOT_APPLICABLE):
            return AppealFault.BAD_SCORE
        if scored != (correction.score is not None) or (scored and correction.score not in item.steps):
            return AppealFault.BAD_SCORE
    changed = {
        criterion
        for criterion, correction in corrections.items()
        if (correction.verdict, correction.score)
        != (evaluation.decisions[criterion].verdict, evaluation.decisions[criterion].score)
    }
    if not changed:
        return AppealFault.NO_CORRECTION
    before, after = evaluation.cqr, cqr_after(evaluation, corrections)
    if before is not None and after is not None and after <= before:
        return AppealFault.NOT_IN_FAVOUR
    return None
