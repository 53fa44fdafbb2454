"""The shapes of calls and of work on them: the views of the domain as JSON, with examples for the document."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from services.review.domain.calls import CallType
from services.review.domain.evaluation import EvaluationKind, Verdict
from services.review.domain.permissions import Action
from services.review.domain.statuses import Move, Status

# Scores, rates and money are exact: as JSON numbers they keep their few decimals.
Figure = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
Money = Annotated[Decimal, PlainSerializer(str, return_type=str, when_used="json")]


class Shape(BaseModel):
    """Read from a view's attributes."""

    model_config = ConfigDict(from_attributes=True)


class CallRowOut(Shape):
    """A line of the list of calls."""

    call_id: str = Field(examples=["c-10482"])
    number: int = Field(examples=[10482])
    status: Status = Field(examples=[Status.LISTENING_COUNTED])
    version: int = Field(examples=[3], description="For If-Match.")
    started_at: datetime
    direction: str = Field(examples=["in"])
    outcome: str = Field(examples=["answered"])
    talk_ms: int = Field(examples=[252000])
    duration_ms: int = Field(examples=[259000])
    seller_id: str | None = Field(examples=["marina"])
    seller_name: str | None = Field(examples=["Марина Ковалёва"])
    department_id: str | None = Field(examples=["call-centre"])
    department_name: str | None
    client_label: str | None = Field(examples=["+7 ··· 45-12"])
    lead_id: str | None
    call_type: CallType | None
    cqr: Figure | None = Field(description="As a person decided.", examples=[76.25])
    draft_cqr: Figure | None = Field(description="As the machine proposes; null when hidden.")
    remarkable: tuple[str, ...]
    red_flags: tuple[str, ...]
    rating: int | None
    assignee_id: str | None
    assignee_name: str | None
    due_at: datetime | None
    overdue: bool
    approve_at: datetime | None = Field(description="An appeal is in time before this instant.")
    has_audio: bool
    has_transcript: bool


class CallPageOut(Shape):
    """A page of the list."""

    rows: list[CallRowOut]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page; null at the end.")


class DraftCriterionOut(Shape):
    """What the machine proposes for a criterion."""

    criterion: str = Field(examples=["objection_handling"])
    block: str | None
    weight: Figure
    verdict: Verdict | None
    score: Figure | None = Field(examples=[0.5])
    confidence: Figure | None
    reason: dict[str, str]
    evidence: list[dict[str, int | None]]
    hidden: str | None = Field(description="`blind` or `distrusted`: judge yourself.")


class DraftOut(Shape):
    """The machine's draft."""

    draft_id: str
    revision: int
    call_type: CallType | None
    call_type_probability: Figure | None
    cqr: Figure | None
    criteria: list[DraftCriterionOut]
    objections: list[dict[str, Any]]
    red_flags: list[dict[str, Any]]
    stages: list[dict[str, Any]]
    remarkable: list[str]
    hidden: str | None


class ScoreOut(Shape):
    """A criterion as a person decided it."""

    criterion: str
    block: str | None
    weight: Figure
    steps: list[Figure] = Field(examples=[[0, 0.5, 1]])
    verdict: Verdict | None
    score: Figure | None
    comment: str
    accepted_draft: bool
    draft_verdict: Verdict | None
    draft_score: Figure | None
    delta: Figure | None = Field(description="Person minus machine.")
    appealed: bool
    appeal_reason: str | None
    corrected_score: Figure | None
    corrected_verdict: Verdict | None


class EvaluationOut(Shape):
    """A person's evaluation; `version` is for If-Match."""

    evaluation_id: str
    kind: EvaluationKind
    evaluator_id: str
    evaluator_name: str | None
    blind: bool
    call_type: CallType
    types_known: list[CallType]
    scorecard_id: str
    scorecard_version: str
    draft_id: str | None
    draft_cqr: Figure | None
    cqr: Figure | None
    scores: list[ScoreOut]
    undecided: list[str]
    recommendation: str
    started_at: datetime
    finished_at: datetime | None
    listening_ms: int
    version: int


class HistoryOut(Shape):
    """One change of status."""

    at: datetime
    actor_id: str | None
    actor_name: str | None
    actor_role: str
    move: Move
    origin: Status | None
    to: Status
    why: str
    version: int


class CommentOut(Shape):
    """A comment."""

    comment_id: str
    author_id: str
    author_name: str | None
    public: bool
    text: str
    criterion: str | None
    mentions: list[str]
    at: datetime


class FollowUpOut(Shape):
    """A task with a deadline."""

    follow_up_id: str
    call_id: str
    call_number: int
    author_id: str
    author_name: str | None
    assignee_id: str
    assignee_name: str | None
    text: str
    due_at: datetime
    state: str
    overdue: bool
    done_at: datetime | None
    version: int


class TaskOut(Shape):
    """A listening task."""

    task_id: str
    call_id: str
    kind: EvaluationKind
    assignee_id: str | None
    assignee_name: str | None
    state: str = Field(examples=["taken"])
    due_at: datetime
    overdue: bool
    taken_at: datetime | None
    lease_holder_id: str | None
    lease_holder_name: str | None
    lease_until: datetime | None
    handed_over_by: str | None
    hand_over_comment: str
    spent_ms: int
    blind: bool
    version: int


class AppealOut(Shape):
    """An appeal; `version` is that of its call, for If-Match."""

    appeal_id: str
    call_id: str
    call_number: int
    seller_id: str
    seller_name: str | None
    evaluator_id: str
    evaluator_name: str | None
    reason: str
    points: list[tuple[str, str]] = Field(examples=[[["next_step", "Договорились на четверг, 10:00"]]])
    made_at: datetime
    state: str
    decided_by: str | None
    decided_by_name: str | None
    decided_at: datetime | None
    decision_reason: str
    department_id: str | None
    version: int


class CallOut(Shape):
    """Everything of one call that you may see; `may` names what you may do with it now."""

    row: CallRowOut
    registration: dict[str, Any]
    draft: DraftOut | None
    evaluation: EvaluationOut | None
    second: EvaluationOut | None
    history: list[HistoryOut]
    comments: list[CommentOut]
    follow_ups: list[FollowUpOut]
    task: TaskOut | None
    appeal: AppealOut | None
    transcript_quality: str | None
    transcript_failed: str | None
    rating: int | None
    may: list[Action]
    appeal_left_s: int | None


class WorkItemOut(Shape):
    """A line of work."""

    row: CallRowOut
    task: TaskOut


class MyWorkOut(Shape):
    """What waits for you."""

    tasks: list[WorkItemOut]
    pool: list[WorkItemOut]
    follow_ups: list[FollowUpOut]
    results: list[CallRowOut]
    mentions: list[CommentOut]
