"""Listening tasks, evaluations, comments and follow-ups over HTTP."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.review.domain.calls import CallType
from services.review.domain.evaluation import Evaluation, Verdict
from services.review.domain.tasks import FollowUpState, ListeningTask, TaskState
from services.review.handlers import evaluating, tasking, telling
from services.review.handlers.evaluating import Said
from services.review.handlers.refusals import NotFound
from services.review.ports.stores import Work
from services.review.web.api.calls import CallId, IdText, Moved, Text, moved
from services.review.web.api.desk import API, APPEND, CHANGE, READ, ReadsDep, TellerDep
from services.review.web.api.shapes import EvaluationOut, FollowUpOut, MyWorkOut, WorkItemOut
from services.review.web.etags import ExpectedVersion, etag
from services.review.web.security import ViewerDep

router = APIRouter(prefix=API, tags=["work"])

PathId = Annotated[str, Path(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f/\x7f]+$")]


class TaskNow(BaseModel):
    """A listening task after a change; `call_version` is for the call's next If-Match, `evaluation_id` once taken."""

    task_id: str
    call_id: str
    state: str
    assignee_id: str | None
    evaluation_id: str | None
    spent_ms: int
    call_version: int


class HandOverIn(BaseModel):
    """To whom and why."""

    model_config = ConfigDict(extra="forbid")
    to_id: IdText
    comment: Text = Field(min_length=1, examples=["Возьми, пожалуйста: я завтра в отпуске"])


class AssignIn(BaseModel):
    """To whom."""

    model_config = ConfigDict(extra="forbid")
    to_id: IdText


class ReturnIn(BaseModel):
    """Why it goes back to the pool."""

    model_config = ConfigDict(extra="forbid")
    why: Text = ""


class ScoreIn(BaseModel):
    """A decision about one criterion. With `accept_draft` the draft's own verdict and score are meant, and `seen_draft`
    must say that it was seen; drafts are accepted one criterion at a time, never all at once."""

    model_config = ConfigDict(extra="forbid")
    verdict: Verdict | None = Field(default=None, examples=["scored"])
    score: Decimal | None = Field(default=None, ge=0, le=1, max_digits=6, examples=[0.5])
    comment: Text = ""
    seen_draft: bool = False
    accept_draft: bool = False


class TypeIn(BaseModel):
    """Another type of call."""

    model_config = ConfigDict(extra="forbid")
    call_type: CallType


class RecommendationIn(BaseModel):
    """What the seller should do next time."""

    model_config = ConfigDict(extra="forbid")
    recommendation: Text = Field(examples=["Назовите день и время следующего шага вслух"])


class EvaluationNow(BaseModel):
    """An evaluation after a change: its rate so far, what is undecided, its version for the next If-Match."""

    evaluation_id: str
    version: int
    call_type: CallType
    cqr: float | None
    undecided: list[str]


class CommentIn(BaseModel):
    """A comment; `@name` tells a colleague. Public ones the seller sees."""

    model_config = ConfigDict(extra="forbid")
    text: Text = Field(min_length=1, examples=["@irina, посмотри на 2:40"])
    public: bool = False
    criterion: IdText | None = None


class CommentMade(BaseModel):
    """The comment that was made, and who was told."""

    comment_id: str
    mentions: list[str]


class FollowUpIn(BaseModel):
    """What a colleague has to do, and by when."""

    model_config = ConfigDict(extra="forbid")
    assignee_id: IdText
    text: Text = Field(min_length=1, examples=["Перезвонить клиенту и извиниться"])
    due_at: AwareDatetime


class FollowUpNow(BaseModel):
    """A follow-up after a change."""

    follow_up_id: str
    state: str
    version: int


def _task_now(work: Work, task: ListeningTask) -> tuple[TaskNow, int]:
    call = work.calls.load(task.call_id)
    assert call is not None
    answer = TaskNow(
        task_id=task.task_id,
        call_id=task.call_id,
        state=task.state,
        assignee_id=task.assignee_id,
        evaluation_id=task.evaluation_id,
        spent_ms=task.spent_ms,
        call_version=call.version,
    )
    return answer, call.version


def _evaluation_now(evaluation: Evaluation) -> tuple[EvaluationNow, int]:
    cqr = evaluation.cqr
    answer = EvaluationNow(
        evaluation_id=evaluation.evaluation_id,
        version=evaluation.version,
        call_type=evaluation.call_type,
        cqr=None if cqr is None else float(cqr),
        undecided=list(evaluation.undecided),
    )
    return answer, evaluation.version


@router.get("/work", summary="What waits for me", responses=READ)
def my_work(viewer: ViewerDep, reads: ReadsDep) -> MyWorkOut:
    """Listening tasks by due time, the pool, follow-ups, results that can still be appealed, mentions."""
    with reads.queries() as queries:
        return MyWorkOut.model_validate(queries.my_work(viewer))


@router.get("/work/next", summary="What to take next", responses=READ)
def next_work(viewer: ViewerDep, reads: ReadsDep, response: Response) -> WorkItemOut:
    """What is due first: of your own waiting calls, then of your departments' pool; 404 when nothing waits.

    Take it with its ETag, `POST /calls/{call_id}/task/take`; when a colleague was faster, ask again.
    """
    with reads.queries() as queries:
        work = queries.my_work(viewer)
    waiting = [item for item in (*work.tasks, *work.pool) if item.task.state == TaskState.WAITING]
    if not waiting:
        raise NotFound("Nothing waits for you.")
    response.headers["ETag"] = etag(waiting[0].row.version)
    return WorkItemOut.model_validate(waiting[0])


@router.post("/calls/{call_id}/task/take", summary="Begin to listen", responses=CHANGE)
def take(call_id: CallId, viewer: ViewerDep, version: ExpectedVersion, teller: TellerDep) -> TaskNow:
    """Takes the call and opens an evaluation."""
    return teller.carry_out(  # type: ignore[return-value]
        viewer, None, lambda work: _task_now(work, tasking.take(work, viewer, call_id, version))
    )


@router.post("/calls/{call_id}/task/hand-over", summary="Hand over to a colleague", responses=CHANGE)
def hand_over(
    call_id: CallId, body: HandOverIn, viewer: ViewerDep, version: ExpectedVersion, teller: TellerDep
) -> TaskNow:
    """With a comment; the colleague is told."""
    return teller.carry_out(  # type: ignore[return-value]
        viewer,
        body,
        lambda work: _task_now(work, tasking.hand_over(work, viewer, call_id, version, body.to_id, body.comment)),
    )


@router.post("/calls/{call_id}/task/assign", summary="Give to a controller by hand", responses=CHANGE)
def assign(call_id: CallId, body: AssignIn, viewer: ViewerDep, version: ExpectedVersion, teller: TellerDep) -> TaskNow:
    """Heads, waiting calls of their department."""
    return teller.carry_out(  # type: ignore[return-value]
        viewer, body, lambda work: _task_now(work, tasking.assign(work, viewer, call_id, version, body.to_id))
    )


@router.post("/calls/{call_id}/task/return", summary="Return to the pool", responses=CHANGE)
def give_back(
    call_id: CallId, body: ReturnIn, viewer: ViewerDep, version: ExpectedVersion, teller: TellerDep
) -> TaskNow:
    """The call waits for another controller."""
    return teller.carry_out(  # type: ignore[return-value]
        viewer, body, lambda work: _task_now(work, tasking.give_back(work, viewer, call_id, version, body.why))
    )


@router.post("/calls/{call_id}/task/beat", summary="The page is still open", responses=APPEND)
def beat(call_id: CallId, viewer: ViewerDep, teller: TellerDep) -> TaskNow:
    """Every half minute while the call's page is open: keeps the lease and counts the time on the task."""
    return teller.carry_out(  # type: ignore[return-value]
        viewer, None, lambda work: _task_now(work, tasking.beat(work, viewer, call_id))
    )


@router.get("/evaluations/{evaluation_id}", summary="One evaluation", responses=READ)
def read_evaluation(evaluation_id: PathId, viewer: ViewerDep, reads: ReadsDep, response: Response) -> EvaluationOut:
    """Your open one, or a finished one of a call that you may see; its version is the ETag."""
    with reads.queries() as queries:
        found = queries.evaluation(viewer, evaluation_id)
    response.headers["ETag"] = etag(found.version)
    return EvaluationOut.model_validate(found)


@router.put("/evaluations/{evaluation_id}/criteria/{criterion}", summary="Score a criterion", responses=CHANGE)
def score(
    evaluation_id: PathId,
    criterion: PathId,
    body: ScoreIn,
    viewer: ViewerDep,
    version: ExpectedVersion,
    teller: TellerDep,
) -> EvaluationNow:
    """0, 0.5, 1 (or the card's own scale), or does not apply; with a comment if you like."""
    said = Said(body.verdict, body.score, body.comment, body.seen_draft, body.accept_draft)
    return teller.carry_out(  # type: ignore[return-value]
        viewer,
        body,
        lambda work: _evaluation_now(
            evaluating.decide_criterion(work, viewer, evaluation_id, version, criterion, said)
        ),
    )


@router.put("/evaluations/{evaluation_id}/type", summary="Change the call's type", responses=CHANGE)
def change_type(
    evaluation_id: PathId, body: TypeIn, viewer: ViewerDep, version: ExpectedVersion, teller: TellerDep
) -> EvaluationNow:
    """The weights of the same scorecard version for that type; the rate is computed anew."""
    return teller.carry_out(  # type: ignore[return-value]
        viewer,
        body,
        lambda work: _evaluation_now(evaluating.change_type(work, viewer, evaluation_id, version, body.call_type)),
    )


@router.put("/evaluations/{evaluation_id}/recommendation", summary="Recommend", responses=CHANGE)
def recommend(
    evaluation_id: PathId, body: RecommendationIn, viewer: ViewerDep, version: ExpectedVersion, teller: TellerDep
) -> EvaluationNow:
    """To the seller; needed for calls sent for advice."""
    return teller.carry_out(  # type: ignore[return-value]
        viewer,
        body,
        lambda work: _evaluation_now(evaluating.recommend(work, viewer, evaluation_id, version, body.recommendation)),
    )


@router.post("/evaluations/{evaluation_id}/finish", summary="Finish an evaluation", responses=CHANGE)
def finish(evaluation_id: PathId, viewer: ViewerDep, version: ExpectedVersion, teller: TellerDep) -> Moved:
    """Every criterion that applies must be decided."""
    return teller.carry_out(  # type: ignore[return-value]
        viewer, None, lambda work: moved(evaluating.finish(work, viewer, evaluation_id, version))
    )


@router.post("/calls/{call_id}/comments", summary="Comment", status_code=201, responses=APPEND)
def comment(call_id: CallId, body: CommentIn, viewer: ViewerDep, teller: TellerDep) -> CommentMade:
    """Appends a comment; nothing else changes, so no version is asked for."""

    def command(work: Work) -> tuple[CommentMade, None]:
        made = telling.comment(work, viewer, call_id, body.text, public=body.public, criterion=body.criterion)
        return CommentMade(comment_id=made.comment_id, mentions=list(made.mentions)), None

    return teller.carry_out(viewer, body, command, status=201)  # type: ignore[return-value]


@router.get("/follow-ups", summary="My follow-ups", responses=READ)
def list_follow_ups(viewer: ViewerDep, reads: ReadsDep, open_only: bool = True) -> list[FollowUpOut]:
    """Those you set or have to do, by deadline."""
    with reads.queries() as queries:
        found = queries.follow_ups(viewer, open_only=open_only)
    return [FollowUpOut.model_validate(each) for each in found]


@router.post("/calls/{call_id}/follow-ups", summary="Set a follow-up", status_code=201, responses=APPEND)
def set_follow_up(call_id: CallId, body: FollowUpIn, viewer: ViewerDep, teller: TellerDep) -> FollowUpNow:
    """A task with a deadline for a colleague; several on one call are fine."""

    def command(work: Work) -> tuple[FollowUpNow, int]:
        made = telling.set_follow_up(work, viewer, call_id, body.assignee_id, body.text, body.due_at)
        return FollowUpNow(follow_up_id=made.follow_up_id, state=made.state, version=made.version), made.version

    return teller.carry_out(viewer, body, command, status=201)  # type: ignore[return-value]


@router.post("/follow-ups/{follow_up_id}/done", summary="A follow-up is done", responses=CHANGE)
def follow_up_done(follow_up_id: PathId, viewer: ViewerDep, version: ExpectedVersion, teller: TellerDep) -> FollowUpNow:
    """Whoever has it says so; whoever set it is told."""
    return _end(follow_up_id, viewer, version, teller, FollowUpState.DONE)


@router.post("/follow-ups/{follow_up_id}/cancel", summary="Cancel a follow-up", responses=CHANGE)
def follow_up_cancel(
    follow_up_id: PathId, viewer: ViewerDep, version: ExpectedVersion, teller: TellerDep
) -> FollowUpNow:
    """Whoever set it cancels it."""
    return _end(follow_up_id, viewer, version, teller, FollowUpState.CANCELLED)


def _end(follow_up_id: str, viewer: ViewerDep, version: int, teller: TellerDep, state: FollowUpState) -> FollowUpNow:
    def command(work: Work) -> tuple[FollowUpNow, int]:
        held = telling.end_follow_up(work, viewer, follow_up_id, version, state)
        return FollowUpNow(follow_up_id=held.follow_up_id, state=held.state, version=held.version), held.version

    return teller.carry_out(viewer, None, command)  # type: ignore[return-value]
