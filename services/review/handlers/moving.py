"""The one way in which a call changes its status: permission, version, table, storage, history, events, notices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.review.domain.calls import Call, StatusChange, moved
from services.review.domain.people import Role, Viewer
from services.review.domain.permissions import NOTHING_HERE, Action, permits
from services.review.domain.statuses import PERMISSION, Condition, Move, Refused, Verdict, next_status
from services.review.handlers.refusals import ConditionUnmet, IllegalMove, NotFound, NotPermitted, Outrun
from services.review.ports.stores import Work

# Whom a change is told, and as what: the seller from the evaluation on, heads and mentors where they have to act.
SELLER_NOTICES: Mapping[Move, str] = {
    Move.EVALUATE_COUNTED: "evaluated",
    Move.EVALUATE_ADVICE: "advised",
    Move.EVALUATE_UNCOUNTED: "trained",
    Move.APPEAL: "appealed",
    Move.APPROVE: "approved",
    Move.REJECT_APPEAL: "appeal_rejected",
    Move.UPHOLD_APPEAL: "appeal_upheld",
}
HEAD_NOTICES: Mapping[Move, str] = {Move.SEND_FOR_ADVICE: "advice_asked", Move.APPEAL: "appeal_made"}
EVALUATOR_NOTICES: Mapping[Move, str] = {
    Move.APPEAL: "appealed",
    Move.REJECT_APPEAL: "appeal_rejected",
    Move.UPHOLD_APPEAL: "appeal_upheld",
}


def readable(work: Work, viewer: Viewer, call_id: str, or_may: Action = Action.CALL_READ) -> Call:
    """The call, locked. Raises NotFound when there is none that the viewer may see (or do `or_may` to)."""
    call = work.calls.load(call_id)
    if call is None or call.status is None:
        raise NotFound(NOTHING_HERE)
    facts = call.facts(viewer)
    if not permits(viewer, Action.CALL_READ, facts) and not permits(viewer, or_may, facts):
        raise NotFound(NOTHING_HERE)
    return call


def demand(viewer: Viewer, action: Action, call: Call) -> None:
    """Raises NotPermitted unless the viewer may do the action to the call."""
    if not permits(viewer, action, call.facts(viewer)):
        raise NotPermitted("You may not do this with this call.")


def demand_version(call: Call, expected: int | None) -> None:
    """Raises Outrun when the call has changed since it was read; None: not asked (the system itself acts)."""
    if expected is not None and call.version != expected:
        raise Outrun(call.version, call.changed_by_id, call.changed_at, call.change)


def standing(viewer: Viewer, call: Call) -> frozenset[Condition]:
    """The conditions that follow from who the viewer is to the call."""
    own = call.seller_id == viewer.person_id
    held = {
        Condition.OWN_CALL: own,
        Condition.NOT_HIMSELF: not own,
        Condition.IN_DEPARTMENT: call.department_id is not None and call.department_id in viewer.department_ids,
        Condition.MENTEE: call.seller_id is not None and call.seller_id in viewer.mentee_ids,
        Condition.ROUTED: call.assignee_id == viewer.person_id,
        Condition.TAKEN_BY_HIM: call.taken_by_id == viewer.person_id,
    }
    return frozenset(condition for condition, holds in held.items() if holds)


def advance(
    work: Work,
    viewer: Viewer,
    call: Call,
    move: Move,
    *,
    expected: int | None = None,
    met: frozenset[Condition] = frozenset(),
    why: str = "",
    **values: Any,
) -> Call:
    """Moves a locked call and tells everybody whom it concerns, in this transaction; gives the call after it.

    Raises NotPermitted, Outrun (version), IllegalMove, ConditionUnmet.
    """
    demand(viewer, PERMISSION[move], call)
    demand_version(call, expected)
    change = decided(work, viewer, call, move, met | standing(viewer, call), why)
    work.calls.move(call, change, **values)
    return told(work, viewer, call, change, **values)


def decided(
    work: Work, viewer: Viewer, call: Call, move: Move, met: frozenset[Condition], why: str = ""
) -> StatusChange:
    """The line of history that the move would write. Raises IllegalMove, NotPermitted, ConditionUnmet."""
    verdict = next_status(call.status, move, viewer.role, met)
    if isinstance(verdict, Refused):
        raise _refusal(verdict, call, move)
    return StatusChange(
        call_id=call.call_id,
        origin=call.status,
        to=verdict,
        move=move,
        version=call.version + 1,
        actor_id=None if viewer.role is Role.SYSTEM else viewer.person_id,
        actor_role=viewer.role.value,
        why=why,
        changed_at=work.now,
    )


def _refusal(refused: Refused, call: Call, move: Move) -> IllegalMove | NotPermitted | ConditionUnmet:
    match refused.verdict:
        case Verdict.ILLEGAL_MOVE:
            return IllegalMove(f"From the status {call.status!s} there is no way to {move!s}.")
        case Verdict.NOT_PERMITTED:
            return NotPermitted("Your role may not do this from this status.")
        case Verdict.CONDITION:
            missing = tuple(condition.value for condition in refused.missing)
            return ConditionUnmet(f"Something is missing: {', '.join(missing)}.", missing)


def told(work: Work, viewer: Viewer, call: Call, change: StatusChange, **values: Any) -> Call:
    """After a stored move: event, audit, notices. Gives the call as it stands now."""
    after = moved(call, change.to, **values)
    work.emit(
        "review-status-changed",
        call.call_id,
        {
            "call_id": call.call_id,
            "from": change.origin,
            "to": change.to,
            "action": change.move,
            "version": change.version,
            "actor_role": change.actor_role,
            "actor_id": change.actor_id,
            "seller_id": call.seller_id,
            "department_id": call.department_id,
            "changed_at": change.changed_at,
        },
    )
    work.audit(
        viewer,
        f"call.{change.move}",
        "call",
        call.call_id,
        before={"status": change.origin, "version": call.version},
        after={"status": change.to, "version": change.version, "seller_id": call.seller_id, **values},
        why=change.why or None,
    )
    if change.move in SELLER_NOTICES:
        work.tell(SELLER_NOTICES[change.move], [call.seller_id], after)
    if change.move in HEAD_NOTICES:
        work.tell(HEAD_NOTICES[change.move], work.heads_of(call.department_id), after)
    if change.move in EVALUATOR_NOTICES:
        work.tell(EVALUATOR_NOTICES[change.move], [call.evaluator_id], after)
    return after
