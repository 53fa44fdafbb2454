"""What follows when an evaluation becomes final: the event that others build on, and the entries of the credit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.review.domain.appeals import Appeal, AppealState, Correction, corrected, cqr_after
from services.review.domain.calls import Call
from services.review.domain.credit import Approved, corrections_of, entries_of, month_of
from services.review.domain.evaluation import Evaluation
from services.review.domain.statuses import CREDITED, FINAL, Status
from services.review.ports.stores import Work


def finalise(
    work: Work,
    call: Call,
    evaluation: Evaluation,
    appeal: Appeal | None = None,
    corrections: Mapping[str, Correction] | None = None,
) -> None:
    """Emits `evaluation-approved` and writes the credit when the call's status is final; else nothing."""
    if call.status not in FINAL:
        return
    corrections = corrections or {}
    cqr = cqr_after(evaluation, corrections) if corrections else evaluation.cqr
    work.emit("evaluation-approved", call.call_id, _event(work, call, evaluation, appeal, corrections))
    if call.status in CREDITED and call.seller_id is not None:
        approved = Approved(
            call_id=call.call_id,
            seller_id=call.seller_id,
            controller_id=evaluation.evaluator_id,
            cqr=cqr,
            appealed=appeal is not None,
            upheld=call.status is Status.APPROVED_OVERTURNED,
        )
        about = month_of(work.now, work.rules.company_zone)
        month = work.ledger.open_month(about)
        work.ledger.write(entries_of(approved, work.rules.money, f"approved-{call.call_id}", month, about), work.now)


def _event(
    work: Work,
    call: Call,
    evaluation: Evaluation,
    appeal: Appeal | None,
    corrections: Mapping[str, Correction],
) -> dict[str, Any]:
    draft = work.drafts.get(evaluation.draft_id) if evaluation.draft_id is not None else None
    drafted = {} if draft is None else draft.scores
    decisions = corrected(evaluation, corrections)
    criteria = []
    for criterion, decision in decisions.items():
        item = evaluation.card.item(criterion)
        proposal = drafted.get(criterion)
        criteria.append(
            {
                "criterion": criterion,
                "verdict": decision.verdict,
                "score": decision.score,
                "draft_score": None if proposal is None else proposal.score,
                "weight": (item.weight(evaluation.call_type) if item else None) or 0,
                "appealed": appeal is not None and criterion in appeal.points,
            }
        )
    return {
        "call_id": call.call_id,
        "evaluation_id": evaluation.evaluation_id,
        "status": call.status,
        "counted": call.status in CREDITED,
        "seller_id": call.seller_id,
        "department_id": call.department_id,
        "evaluator_id": evaluation.evaluator_id,
        "call_type": evaluation.call_type,
        "scorecard": {"id": evaluation.card.card_id, "version": evaluation.card.version},
        "cqr": cqr_after(evaluation, corrections) if corrections else evaluation.cqr,
        "draft_id": evaluation.draft_id,
        "draft_cqr": evaluation.draft_cqr,
        "blind": evaluation.blind,
        "criteria": criteria,
        "evaluated_at": call.evaluated_at or work.now,
        "approved_at": work.now,
        "listening_ms": evaluation.listening_ms,
    }


def correct_credit(work: Work, call: Call, seller_id: str) -> None:
    """The exchange named another seller for a call that is in the credit already: entries in the open month."""
    written = work.ledger.of_call(call.call_id)
    if not written or call.evaluator_id is None:
        return
    appeal = work.appeals.of_call(call.call_id)
    approved = Approved(
        call_id=call.call_id,
        seller_id=seller_id,
        controller_id=call.evaluator_id,
        cqr=call.cqr,
        appealed=appeal is not None,
        upheld=appeal is not None and appeal.state is AppealState.UPHELD,
    )
    month = work.ledger.open_month(month_of(work.now, work.rules.company_zone))
    transaction = f"correction-{call.call_id}-{work.new_id()}"
    work.ledger.write(corrections_of(written, approved, work.rules.money, transaction, month), work.now)
