"""Why a head should hear a call although nobody drew it: the named reasons of the risk queue (domain.md §4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from services.score.domain.cqr import Cqr
from services.score.domain.dialogue import DepartmentKind, Dialogue, StageKind
from services.score.domain.draft import CallType, Draft, Verdict
from services.score.domain.scorecard import ZERO, Scorecard

CRM_RULE = "crm_card"
SURE_TYPE = Decimal("0.7")  # about one call in eight of unknown authors lies below


class Reason(StrEnum):
    """What stands out."""

    RED_FLAG = "red_flag"
    LOW_CQR = "low_cqr"
    REFUSAL_MISMATCH = "refusal_mismatch"
    LOW_CONFIDENCE = "low_confidence"
    UNHANDLED_OBJECTION = "unhandled_objection"
    POOR_TRANSCRIPT = "poor_transcript"
    AUTO_FAIL = "auto_fail"
    LONG_CONSULTATION = "long_consultation"


@dataclass(frozen=True)
class Remark:
    """One reason with its code or figure; never words of the call."""

    reason: Reason
    detail: str | None = None


def remarks(draft: Draft, cqr: Cqr, scorecard: Scorecard, dialogue: Dialogue, quality: str) -> tuple[Remark, ...]:
    """Every reason to hear this call, the gravest first, or none. `quality`: the transcript's grade.

    Of spam only what a seller must never say, doubt that it is spam, and text that cannot be read.
    """
    poor = [Remark(Reason.POOR_TRANSCRIPT)] if quality == "poor" else []
    if draft.call_type is CallType.SPAM:
        return (*_flags(draft), *_figures(draft, cqr, scorecard), *poor)
    return (
        *_flags(draft),
        *(Remark(Reason.AUTO_FAIL, code) for code in cqr.failed_by),
        *_figures(draft, cqr, scorecard),
        *_refusal(draft, scorecard, dialogue),
        *_objections(draft, scorecard),
        *poor,
        *_long(scorecard, dialogue),
    )


def _flags(draft: Draft) -> Iterator[Remark]:
    kinds = dict.fromkeys(flag.kind.value for flag in draft.red_flags)
    if kinds:
        yield Remark(Reason.RED_FLAG, ",".join(kinds))


def _figures(draft: Draft, cqr: Cqr, scorecard: Scorecard) -> Iterator[Remark]:
    limits = scorecard.thresholds
    if cqr.percent is not None and cqr.percent < limits.low_cqr:
        yield Remark(Reason.LOW_CQR, str(cqr.percent))
    if draft.call_type_probabilities and draft.call_type_probabilities.get(draft.call_type, ZERO) < SURE_TYPE:
        yield Remark(Reason.LOW_CONFIDENCE, "call_type")
        return
    sure = [item.confidence for item in draft.criteria if item.verdict is Verdict.SCORED]
    if cqr.percent is not None and sure:
        mean = (sum(sure, ZERO) / len(sure)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        if mean < limits.low_confidence:
            yield Remark(Reason.LOW_CONFIDENCE, str(mean))


def _refusal(draft: Draft, scorecard: Scorecard, dialogue: Dialogue) -> Iterator[Remark]:
    """A refusal whose stage or reason contradicts what was said."""
    card = dialogue.crm
    if card is None or (card.stage_kind is not StageKind.REFUSED and not card.refusal_reason):
        return
    codes = {criterion.code for criterion in scorecard.criteria if criterion.rule == CRM_RULE}
    if any(item.criterion in codes and item.score == ZERO for item in draft.criteria):
        yield Remark(Reason.REFUSAL_MISMATCH)


def _objections(draft: Draft, scorecard: Scorecard) -> Iterator[Remark]:
    limit = scorecard.thresholds.unhandled_objection
    kinds = dict.fromkeys(item.kind.value for item in draft.objections if item.score <= limit)
    if kinds:
        yield Remark(Reason.UNHANDLED_OBJECTION, ",".join(kinds))


def _long(scorecard: Scorecard, dialogue: Dialogue) -> Iterator[Remark]:
    norm_ms = scorecard.thresholds.consultation_minutes * 60_000
    if dialogue.department_kind is DepartmentKind.SALES and (dialogue.talk_ms or 0) > norm_ms:
        yield Remark(Reason.LONG_CONSULTATION, f"{(dialogue.talk_ms or 0) // 60_000} min")
