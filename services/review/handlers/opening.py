"""Opens a person's evaluation of a call on the right scorecard, with the draft beside it unless it is to be blind."""

from __future__ import annotations

from services.review.domain.calls import Call, CallType
from services.review.domain.evaluation import Evaluation
from services.review.domain.people import Viewer
from services.review.domain.tasks import ListeningTask
from services.review.handlers.refusals import BadState
from services.review.ports.stores import Work


def open_evaluation(work: Work, viewer: Viewer, call: Call, task: ListeningTask) -> Evaluation:
    """A new evaluation for whoever takes the task. Raises BadState when no scorecard has been seen yet."""
    draft = work.drafts.get(call.draft_id) if call.draft_id is not None else None
    kind = call.registration.department_kind if call.registration is not None else None
    card = draft.card if draft is not None and draft.card.items else work.drafts.latest_card(kind)
    if card is None:
        raise BadState("no_scorecard", "No draft has told of a scorecard yet; wait for the first one.")
    evaluation = Evaluation(
        evaluation_id=work.new_id(),
        call_id=call.call_id,
        kind=task.kind,
        evaluator_id=viewer.person_id,
        seller_id=call.seller_id,
        blind=task.blind,
        call_type=_type_of(call, None if draft is None or task.blind else draft.call_type),
        card=card,
        started_at=work.now,
        draft_id=None if draft is None else draft.draft_id,
        draft_cqr=None if draft is None else draft.cqr,
    )
    work.evaluations.add(evaluation)
    return evaluation


def _type_of(call: Call, drafted: CallType | None) -> CallType:
    return call.call_type or drafted or CallType.QUALIFICATION
