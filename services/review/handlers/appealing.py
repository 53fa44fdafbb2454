"""Appeals: the seller within 48 hours by the database's clock, the head with a reason, the system when nobody did."""

from __future__ import annotations

from collections.abc import Mapping

from services.review.domain.appeals import (
    Appeal,
    AppealState,
    Correction,
    cqr_after,
    fault_of_corrections,
    fault_of_points,
)
from services.review.domain.calls import Call
from services.review.domain.evaluation import Evaluation
from services.review.domain.people import SYSTEM, Viewer
from services.review.domain.statuses import PERMISSION, Condition, Move, Status
from services.review.handlers.finalising import finalise
from services.review.handlers.listening import text_of
from services.review.handlers.moving import advance, decided, demand, demand_version, readable, told
from services.review.handlers.refusals import BadInput, BadState, NotPermitted
from services.review.ports.stores import Work


def appeal(work: Work, viewer: Viewer, call_id: str, version: int, reason: str, points: Mapping[str, str]) -> Appeal:
    """The seller appeals criteria of his own call's evaluation, each with a reason.

    In time is: the database's clock is before `approve_at`, asked in the UPDATE that moves the call.
    Raises ConditionUnmet (too late, no reason), BadInput, IllegalMove, Outrun.
    """
    call = readable(work, viewer, call_id)
    demand(viewer, PERMISSION[Move.APPEAL], call)
    demand_version(call, version)
    said = text_of(reason, needed=False, what="reason")
    met = {Condition.REASON} if said else set()
    if call.status is not Status.EVALUATED_PENDING or work.calls.appeal_in_time(call_id):
        met.add(Condition.WITHIN_APPEAL_TIME)
    decided(work, viewer, call, Move.APPEAL, frozenset(met | {Condition.OWN_CALL}))
    evaluation = _evaluation_of(work, call)
    fault = fault_of_points(evaluation, points)
    if fault is not None:
        raise BadInput(fault.value, f"This appeal cannot stand: {fault.value}.")
    made = Appeal(
        appeal_id=work.new_id(),
        call_id=call_id,
        evaluation_id=evaluation.evaluation_id,
        seller_id=viewer.person_id,
        evaluator_id=evaluation.evaluator_id,
        reason=said,
        points={criterion: text_of(why, needed=True, what="reason") for criterion, why in points.items()},
        made_at=work.now,
    )
    advance(work, viewer, call, Move.APPEAL, expected=version, met=frozenset(met), why=said, appealed=True)
    work.appeals.add(made)
    work.audit(
        viewer, "appeal.made", "appeal", made.appeal_id, after={"call_id": call_id, "criteria": sorted(made.points)}
    )
    return made


def reject(work: Work, viewer: Viewer, call_id: str, version: int, reason: str) -> Call:
    """The head rejects an appeal with a reason: the evaluation stands and is final."""
    call, made, evaluation = _to_decide(work, viewer, call_id, version, Move.REJECT_APPEAL)
    said = text_of(reason, needed=False, what="reason")
    met = frozenset({Condition.REASON} if said else ())
    after = advance(work, viewer, call, Move.REJECT_APPEAL, expected=version, met=met, why=said, approved_at=work.now)
    ended = _decided(made, viewer, AppealState.REJECTED, said, work)
    work.appeals.decide(ended, {}, (evaluation.cqr, evaluation.cqr))
    work.audit(viewer, "appeal.rejected", "appeal", made.appeal_id, after={"call_id": call_id, "cqr": evaluation.cqr})
    finalise(work, after, evaluation, ended)
    return after


def uphold(
    work: Work,
    viewer: Viewer,
    call_id: str,
    version: int,
    reason: str,
    corrections: Mapping[str, Correction],
) -> Call:
    """The head upholds an appeal with corrected scores: final; reward to the seller, penalty to the controller."""
    call, made, evaluation = _to_decide(work, viewer, call_id, version, Move.UPHOLD_APPEAL)
    said = text_of(reason, needed=False, what="reason")
    fault = fault_of_corrections(evaluation, made, corrections) if corrections else None
    if fault is not None:
        raise BadInput(fault.value, f"These corrections cannot stand: {fault.value}.")
    met = {Condition.REASON} if said else set()
    if corrections:
        met.add(Condition.CORRECTED)
    cqr = cqr_after(evaluation, corrections)
    after = advance(
        work,
        viewer,
        call,
        Move.UPHOLD_APPEAL,
        expected=version,
        met=frozenset(met),
        why=said,
        approved_at=work.now,
        cqr=cqr,
    )
    ended = _decided(made, viewer, AppealState.UPHELD, said, work)
    work.appeals.decide(ended, corrections, (evaluation.cqr, cqr))
    money = work.rules.money
    work.audit(
        viewer,
        "appeal.upheld",
        "appeal",
        made.appeal_id,
        before={"cqr": evaluation.cqr},
        after={
            "call_id": call_id,
            "corrections": {code: [each.verdict, each.score] for code, each in corrections.items()},
            "cqr": cqr,
            "reward": money.reward,
            "penalty": money.penalty,
        },
    )
    finalise(work, after, evaluation, ended, corrections)
    return after


def approve_next(work: Work) -> bool:
    """Approves the call whose 48 hours have been over for the longest; False when none is due.

    One conditional UPDATE decides, by the database's clock: approved is what nobody appealed before `approve_at`.
    """
    due = work.calls.due_for_approval(1)
    if not due:
        return False
    call = work.calls.load(due[0])
    if call is None or call.status is not Status.EVALUATED_PENDING:
        return True
    change = decided(work, SYSTEM, call, Move.APPROVE, frozenset({Condition.APPEAL_TIME_OVER}))
    if not work.calls.approve_if_due(call, change):
        return True
    after = told(work, SYSTEM, call, change)
    finalise(work, after, _evaluation_of(work, call))
    return True


def _to_decide(work: Work, viewer: Viewer, call_id: str, version: int, move: Move) -> tuple[Call, Appeal, Evaluation]:
    call = readable(work, viewer, call_id)
    demand(viewer, PERMISSION[move], call)
    demand_version(call, version)
    made = work.appeals.of_call(call_id)
    if made is None or call.status is not Status.EVALUATED_APPEALED:
        advance(work, viewer, call, move, expected=version)
        raise BadState("no_appeal", "There is no open appeal on this call.")
    if viewer.person_id in (made.seller_id, made.evaluator_id):
        raise NotPermitted("Nobody decides about himself.")
    return call, made, _evaluation_of(work, call)


def _decided(made: Appeal, viewer: Viewer, state: AppealState, reason: str, work: Work) -> Appeal:
    return Appeal(
        **{
            **made.__dict__,
            "state": state,
            "decided_by": viewer.person_id,
            "decided_at": work.now,
            "decision_reason": reason,
        }
    )


def _evaluation_of(work: Work, call: Call) -> Evaluation:
    evaluation = work.evaluations.load(call.evaluation_id) if call.evaluation_id is not None else None
    if evaluation is None:
        raise BadState("no_evaluation", "There is no evaluation of this call.")
    return evaluation
