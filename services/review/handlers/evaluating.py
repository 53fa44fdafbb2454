"""A person scores a call: criterion by criterion, type, recommendation, end; the draft only where he saw it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from services.review.domain.appeals import approve_at
from services.review.domain.calls import Call, CallType
from services.review.domain.evaluation import Decision, DraftScore, Evaluation, EvaluationKind, Verdict, fault_of
from services.review.domain.people import Viewer
from services.review.domain.permissions import NOTHING_HERE
from services.review.domain.statuses import LISTENING, PERMISSION, Condition, Move
from services.review.domain.tasks import ListeningTask, TaskState
from services.review.handlers.finalising import finalise
from services.review.handlers.listening import text_of
from services.review.handlers.moving import advance, demand, readable
from services.review.handlers.refusals import BadInput, BadState, ConditionUnmet, NotFound, Outrun
from services.review.handlers.tasking import own_task
from services.review.ports.stores import Work

MOVES = {
    EvaluationKind.COUNTED: Move.EVALUATE_COUNTED,
    EvaluationKind.ADVICE: Move.EVALUATE_ADVICE,
    EvaluationKind.UNCOUNTED: Move.EVALUATE_UNCOUNTED,
}


@dataclass(frozen=True)
class Said:
    """What a person says about a criterion. With `accept_draft` the draft's own verdict and score are meant."""

    verdict: Verdict | None = None
    score: Decimal | None = None
    comment: str = ""
    seen_draft: bool = False
    accept_draft: bool = False


def decide_criterion(
    work: Work, viewer: Viewer, evaluation_id: str, version: int, criterion: str, said: Said
) -> Evaluation:
    """Decides one criterion. Raises BadInput with the fault, BadState, Outrun."""
    evaluation, _, _ = _own(work, viewer, evaluation_id, version)
    draft = shown_draft(work, evaluation, criterion)
    verdict, score = said.verdict, said.score
    if said.accept_draft and verdict is None and draft is not None:
        verdict, score = draft.verdict, draft.score
    decision = Decision(
        criterion=criterion,
        verdict=verdict or (Verdict.SCORED if score is not None else Verdict.NOT_APPLICABLE),
        score=score,
        comment=text_of(said.comment, needed=False, what="comment"),
        seen_draft=said.seen_draft and draft is not None,
        accepted_draft=said.accept_draft,
    )
    fault = fault_of(evaluation, decision, draft)
    if fault is not None:
        raise BadInput(fault.value, f"This score cannot stand: {fault.value}.")
    return _saved(work, viewer, evaluation, evaluation.deciding(decision), "evaluation.score")


def shown_draft(work: Work, evaluation: Evaluation, criterion: str) -> DraftScore | None:
    """What the machine proposes for the criterion, when the evaluator may see it."""
    if evaluation.blind or evaluation.draft_id is None or criterion in work.drafts.distrusted():
        return None
    draft = work.drafts.get(evaluation.draft_id)
    return None if draft is None else draft.scores.get(criterion)


def change_type(work: Work, viewer: Viewer, evaluation_id: str, version: int, call_type: CallType) -> Evaluation:
    """Another call type: the weights of the same card version for it, the rate computed anew."""
    evaluation, _, _ = _own(work, viewer, evaluation_id, version)
    if not evaluation.card.knows(call_type):
        raise BadInput("weights_unknown", "The draft's scorecard did not tell the weights of this type.")
    return _saved(work, viewer, evaluation, evaluation.of_type(call_type), "evaluation.change_type")


def recommend(work: Work, viewer: Viewer, evaluation_id: str, version: int, recommendation: str) -> Evaluation:
    """The recommendation to the seller."""
    evaluation, _, _ = _own(work, viewer, evaluation_id, version)
    said = text_of(recommendation, needed=False, what="recommendation")
    after = replace(evaluation, recommendation=said, version=evaluation.version + 1)
    return _saved(work, viewer, evaluation, after, "evaluation.recommend")


def finish(work: Work, viewer: Viewer, evaluation_id: str, version: int) -> Call:
    """Ends an evaluation and moves the call on. The second one of a double-scored call moves nothing.

    Raises ConditionUnmet (a criterion is not decided, no recommendation), Outrun, BadState.
    """
    evaluation, call, task = _own(work, viewer, evaluation_id, version)
    ended = replace(evaluation, finished_at=work.now, listening_ms=task.spent_ms, version=evaluation.version + 1)
    if evaluation.kind is EvaluationKind.SECOND:
        if evaluation.undecided:
            raise ConditionUnmet("Some criteria are not decided yet.", (Condition.ALL_SCORED.value,))
        after = call
    else:
        after = _moved(work, viewer, call, ended)
    _saved(work, viewer, evaluation, ended, "evaluation.finish")
    work.tasks.save(
        task, task.next_version(state=TaskState.DONE, done_at=work.now, lease_holder_id=None, lease_until=None)
    )
    if after.evaluation_id == evaluation_id and after.status is not None and evaluation.kind in MOVES:
        finalise(work, after, ended)
    return after


def _moved(work: Work, viewer: Viewer, call: Call, ended: Evaluation) -> Call:
    met = {Condition.ALL_SCORED} if not ended.undecided else set()
    if ended.recommendation:
        met.add(Condition.RECOMMENDATION)
    counted = ended.kind is EvaluationKind.COUNTED
    return advance(
        work,
        viewer,
        call,
        MOVES[ended.kind],
        met=frozenset(met),
        evaluator_id=viewer.person_id,
        evaluation_id=ended.evaluation_id,
        evaluated_at=work.now,
        approve_at=approve_at(work.now) if counted else None,
        call_type=ended.call_type,
        cqr=ended.cqr,
        due_at=None,
    )


def _own(work: Work, viewer: Viewer, evaluation_id: str, version: int) -> tuple[Evaluation, Call, ListeningTask]:
    """The viewer's open evaluation with its call and task, all locked. Raises NotFound, Outrun, BadState."""
    peeked = work.evaluations.load(evaluation_id)
    if peeked is None:
        raise NotFound(NOTHING_HERE)
    call = readable(work, viewer, peeked.call_id)
    evaluation = work.evaluations.load(evaluation_id)
    if evaluation is None or evaluation.evaluator_id != viewer.person_id:
        raise NotFound(NOTHING_HERE)
    if evaluation.kind in MOVES:
        demand(viewer, PERMISSION[MOVES[evaluation.kind]], call)
    if evaluation.version != version:
        raise Outrun(evaluation.version, evaluation.evaluator_id, None, None)
    if evaluation.finished_at is not None:
        raise BadState("finished", "This evaluation is finished.")
    if call.status not in LISTENING and evaluation.kind is not EvaluationKind.SECOND:
        raise BadState("not_in_listening", "The call is not in listening any more.")
    task = _task_of(work, viewer, call, evaluation)
    return evaluation, call, task


def _task_of(work: Work, viewer: Viewer, call: Call, evaluation: Evaluation) -> ListeningTask:
    if evaluation.kind is EvaluationKind.SECOND:
        task = work.tasks.of_call(call.call_id, EvaluationKind.SECOND)
        if task is None or task.state is TaskState.DONE:
            raise BadState("finished", "This evaluation is finished.")
    else:
        task = own_task(work, viewer, call)
    if task.evaluation_id != evaluation.evaluation_id or task.assignee_id != viewer.person_id:
        raise BadState("handed_over", "The call was handed over; somebody else evaluates it now.")
    return task


def _saved(work: Work, viewer: Viewer, before: Evaluation, after: Evaluation, action: str) -> Evaluation:
    work.evaluations.save(before, after, work.now)
    changed = sorted(
        criterion for criterion, decision in after.decisions.items() if before.decisions.get(criterion) != decision
    )
    work.audit(
        viewer,
        action,
        "evaluation",
        before.evaluation_id,
        before=_facts(before, changed),
        after=_facts(after, changed),
    )
    return after


def _facts(evaluation: Evaluation, criteria: list[str]) -> dict[str, object]:
    decided = {
        criterion: [evaluation.decisions[criterion].verdict, evaluation.decisions[criterion].score]
        for criterion in criteria
        if criterion in evaluation.decisions
    }
    return {
        "version": evaluation.version,
        "call_type": evaluation.call_type,
        "cqr": evaluation.cqr,
        "scores": decided,
        "finished": evaluation.finished_at is not None,
    }
