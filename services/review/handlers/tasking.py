"""Work on a listening task: taken by load or by hand, handed over, returned, kept open (domain.md §9)."""

from __future__ import annotations

from services.review.domain.calls import Call
from services.review.domain.evaluation import EvaluationKind
from services.review.domain.people import Role, Viewer
from services.review.domain.permissions import NOTHING_HERE, Action, permits
from services.review.domain.statuses import LISTENING
from services.review.domain.tasks import ListeningTask, TaskState, beaten
from services.review.handlers.listening import text_of
from services.review.handlers.moving import demand, demand_version, readable
from services.review.handlers.opening import open_evaluation
from services.review.handlers.refusals import BadState, NotFound, NotPermitted
from services.review.ports.stores import Work

TAKE_ACTIONS = {
    EvaluationKind.COUNTED: Action.TASK_TAKE,
    EvaluationKind.SECOND: Action.TASK_TAKE,
    EvaluationKind.ADVICE: Action.EVALUATE_ADVICE,
    EvaluationKind.UNCOUNTED: Action.EVALUATE_UNCOUNTED,
}


def takeable(work: Work, viewer: Viewer, call_id: str) -> Call:
    """The call, locked, when the viewer may see it or it is (or was just now) in his department's pool.

    A colleague who was faster is then told by name. Raises NotFound.
    """
    call = work.calls.load(call_id)
    if call is None or call.status is None:
        raise NotFound(NOTHING_HERE)
    facts = call.facts(viewer)
    in_pool = call.status in LISTENING and permits(viewer, Action.TASK_TAKE, facts)
    if not in_pool and not permits(viewer, Action.CALL_READ, facts):
        raise NotFound(NOTHING_HERE)
    return call


def own_task(work: Work, viewer: Viewer, call: Call) -> ListeningTask:
    """The listening task of the call that concerns the viewer. Raises BadState when the call has none open."""
    second = call.second_id == viewer.person_id
    task = work.tasks.of_call(call.call_id, EvaluationKind.SECOND if second else None)
    # the second one may still score when the first has finished
    if task is None or task.state is TaskState.DONE or (call.status not in LISTENING and not second):
        raise BadState("not_in_listening", "The call is not in listening.")
    return task


def take(work: Work, viewer: Viewer, call_id: str, version: int) -> ListeningTask:
    """Begins to listen: the task is the viewer's, and an evaluation is opened for him.

    Raises BadState when it is somebody else's (only a head or himself can hand it over) or already open elsewhere.
    """
    call = takeable(work, viewer, call_id)
    task = work.tasks.of_call(call_id, EvaluationKind.SECOND if call.second_id == viewer.person_id else None)
    demand(viewer, TAKE_ACTIONS[task.kind] if task is not None else Action.TASK_TAKE, call)
    demand_version(call, version)
    task = own_task(work, viewer, call)
    if task.assignee_id is not None and task.assignee_id != viewer.person_id:
        raise BadState("taken", "Somebody else has this call.")
    if task.state is TaskState.TAKEN:
        raise BadState("taken", "You have taken this call already.")
    if task.open_elsewhere(viewer.person_id, work.now):
        raise BadState("open_elsewhere", "Somebody else has this call open.")
    evaluation = open_evaluation(work, viewer, call, task)
    after = task.next_version(
        assignee_id=viewer.person_id,
        state=TaskState.TAKEN,
        taken_at=work.now,
        evaluation_id=evaluation.evaluation_id,
    )
    return _given(work, viewer, call, task, beaten(after, viewer.person_id, work.now), "task.take")


def take_next(work: Work, viewer: Viewer) -> ListeningTask:
    """Takes what is due first: the viewer's own tasks, then his departments' pool. Raises NotFound."""
    if viewer.role is not Role.CONTROLLER:
        raise NotPermitted("Only a controller takes calls by load.")
    task = work.tasks.next_in_pool(viewer)
    if task is None:
        raise NotFound("Nothing waits for you.")
    call = work.calls.load(task.call_id)
    if call is None:
        raise NotFound("Nothing waits for you.")
    return take(work, viewer, task.call_id, call.version)


def hand_over(work: Work, viewer: Viewer, call_id: str, version: int, to_id: str, comment: str) -> ListeningTask:
    """Gives a task to a colleague with a comment; what was scored so far stays with the first one's evaluation."""
    call = readable(work, viewer, call_id)
    demand(viewer, Action.TASK_HAND_OVER, call)
    demand_version(call, version)
    said = text_of(comment, needed=True, what="comment")
    task = own_task(work, viewer, call)
    if task.kind not in (EvaluationKind.COUNTED, EvaluationKind.SECOND):
        raise BadState("not_routed", "Only counted calls are given to controllers.")
    if viewer.role is Role.CONTROLLER and task.assignee_id != viewer.person_id:
        raise NotPermitted("You may hand over your own calls only.")
    _demand_heir(work, call, to_id, task.assignee_id)
    if to_id == task.assignee_id:
        raise BadState("has_it", "That colleague has the call already.")
    after = task.next_version(
        assignee_id=to_id,
        state=TaskState.WAITING,
        taken_at=None,
        evaluation_id=None,
        lease_holder_id=None,
        lease_until=None,
        beat_at=None,
        handed_over_by=viewer.person_id,
        hand_over_comment=said,
    )
    given = _given(work, viewer, call, task, after, "task.hand_over", said)
    work.tell("task_handed_over", [to_id], call)
    return given


def assign(work: Work, viewer: Viewer, call_id: str, version: int, to_id: str) -> ListeningTask:
    """A head gives a waiting call to a controller by hand."""
    call = readable(work, viewer, call_id)
    demand(viewer, Action.TASK_ASSIGN, call)
    demand_version(call, version)
    task = own_task(work, viewer, call)
    if task.kind is not EvaluationKind.COUNTED:
        raise BadState("not_routed", "Only counted calls are given to controllers.")
    if task.state is not TaskState.WAITING:
        raise BadState("taken", "The call is being listened to; hand it over instead.")
    _demand_heir(work, call, to_id, task.assignee_id)
    given = _given(work, viewer, call, task, task.next_version(assignee_id=to_id), "task.assign")
    work.tell("task_given", [to_id], call)
    return given


def give_back(work: Work, viewer: Viewer, call_id: str, version: int, why: str = "") -> ListeningTask:
    """Returns a call to the department's pool."""
    call = readable(work, viewer, call_id)
    demand(viewer, Action.TASK_RETURN, call)
    demand_version(call, version)
    task = own_task(work, viewer, call)
    if task.assignee_id != viewer.person_id or task.kind is EvaluationKind.SECOND:
        raise NotPermitted("You may return your own calls only.")
    after = task.next_version(
        assignee_id=None,
        state=TaskState.WAITING,
        taken_at=None,
        evaluation_id=None,
        lease_holder_id=None,
        lease_until=None,
        beat_at=None,
        handed_over_by=viewer.person_id,
        hand_over_comment=text_of(why, needed=False, what="reason"),
    )
    given = _given(work, viewer, call, task, after, "task.return", why)
    work.tell("task_returned", work.heads_of(call.department_id), call)
    return given


def beat(work: Work, viewer: Viewer, call_id: str) -> ListeningTask:
    """The page says that it is still open: prolongs the lease and counts the time on the task."""
    call = readable(work, viewer, call_id)
    task = own_task(work, viewer, call)
    if task.assignee_id != viewer.person_id:
        raise NotPermitted("This call is not yours.")
    after = beaten(task, viewer.person_id, work.now)
    work.tasks.save(task, after)
    return after


def _demand_heir(work: Work, call: Call, person_id: str, leaving: str | None) -> None:
    """Nobody scores a call both times, nor his own. `leaving` has it until now. Raises BadState."""
    heir = work.person(person_id)
    able = heir is not None and heir.active and heir.role is Role.CONTROLLER
    others = {call.seller_id, call.second_id, call.evaluator_id, call.assignee_id} - {leaving}
    if heir is None or not able or person_id in others:
        raise BadState("cannot_have_it", "That person cannot have this call: an active controller is needed.")


def _given(
    work: Work,
    viewer: Viewer,
    call: Call,
    before: ListeningTask,
    after: ListeningTask,
    action: str,
    why: str = "",
) -> ListeningTask:
    work.tasks.save(before, after)
    values = {"second_id" if after.kind is EvaluationKind.SECOND else "assignee_id": after.assignee_id}
    work.calls.touch(call, viewer.person_id, action, **values)
    work.audit(
        viewer,
        action,
        "task",
        before.task_id,
        before={"assignee_id": before.assignee_id, "state": before.state, "version": before.version},
        after={"assignee_id": after.assignee_id, "state": after.state, "version": after.version},
        why=why or None,
    )
    return after
