"""What readers are shown: plain rows for pages, exports and the JSON API, already cut to what the viewer may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from services.review.domain.calls import CallType
from services.review.domain.evaluation import UNWORDED, EvaluationKind, Verdict, Wording
from services.review.domain.permissions import Action
from services.review.domain.statuses import Move, Status


@dataclass(frozen=True)
class CallFilters:
    """What the list can be narrowed by; None (or empty) means any. Times are half-open, aware UTC."""

    statuses: tuple[Status, ...] = ()
    seller_id: str | None = None
    department_id: str | None = None
    controller_id: str | None = None  # whose task it is, or who scored it
    call_type: CallType | None = None
    direction: str | None = None  # in, out
    outcome: str | None = None
    started_from: datetime | None = None
    started_to: datetime | None = None
    cqr_from: Decimal | None = None  # decided, else drafted
    cqr_to: Decimal | None = None
    talk_from_ms: int | None = None
    talk_to_ms: int | None = None
    rating: int | None = None
    remarkable: str | None = None  # a reason, or `any`
    red_flag: bool | None = None
    appealed: bool | None = None
    overdue: bool | None = None
    lead_id: str | None = None
    client_key: str | None = None
    source: str | None = None
    campaign: str | None = None
    scorecard_version: str | None = None
    has_recording: bool | None = None
    number: int | None = None


class CallOrder(StrEnum):
    """What the list can be ordered by: one word a column. Calls without a value come last either way."""

    STARTED = "started"
    NUMBER = "number"
    SELLER = "seller"
    CLIENT = "client"
    TALK = "talk"
    TYPE = "type"
    STATUS = "status"
    DUE = "due"
    CQR = "cqr"  # decided, else drafted
    ATTENTION = "attention"  # how much a head should hear it
    CONTROLLER = "controller"


@dataclass(frozen=True)
class CallSort:
    """The order of the list: newest first, unless somebody asks for another."""

    order: CallOrder = CallOrder.STARTED
    descending: bool = True


NEWEST = CallSort()


@dataclass(frozen=True)
class CallRow:
    """One line of the list. `cqr` a person decided, `draft_cqr` the machine proposes (None when hidden)."""

    call_id: str
    number: int
    status: Status
    version: int
    started_at: datetime
    direction: str
    outcome: str
    talk_ms: int
    duration_ms: int
    seller_id: str | None
    seller_name: str | None
    department_id: str | None
    department_name: str | None
    client_label: str | None
    client_key: str | None
    lead_id: str | None
    call_type: CallType | None
    cqr: Decimal | None
    draft_cqr: Decimal | None
    remarkable: tuple[str, ...]
    red_flags: tuple[str, ...]
    rating: int | None
    assignee_id: str | None
    assignee_name: str | None
    due_at: datetime | None
    overdue: bool
    approve_at: datetime | None
    has_audio: bool
    has_transcript: bool


@dataclass(frozen=True)
class CallPage:
    """A page of the list and where the next one begins; None at the end."""

    rows: tuple[CallRow, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class DraftCriterion:
    """What the machine proposes for a criterion. `hidden`: why it is not shown: `blind`, `distrusted` (low kappa)."""

    criterion: str
    block: str | None
    weight: Decimal
    verdict: Verdict | None
    score: Decimal | None
    confidence: Decimal | None
    reason: Mapping[str, str] = field(default_factory=dict)  # by language
    evidence: tuple[Mapping[str, int | None], ...] = ()
    hidden: str | None = None
    wording: Wording = UNWORDED


@dataclass(frozen=True)
class DraftView:
    """The machine's draft as the viewer may see it; `raw` is the whole event's data, None when the draft is hidden."""

    draft_id: str
    revision: int
    call_type: CallType | None
    call_type_probability: Decimal | None
    cqr: Decimal | None
    criteria: tuple[DraftCriterion, ...]
    objections: tuple[Mapping[str, Any], ...]
    red_flags: tuple[Mapping[str, Any], ...]
    stages: tuple[Mapping[str, Any], ...]
    remarkable: tuple[str, ...]
    hidden: str | None = None  # `blind` when the evaluator must not see it yet


@dataclass(frozen=True)
class ScoreView:
    """A criterion as a person decided it, beside the draft's."""

    criterion: str
    block: str | None
    weight: Decimal
    steps: tuple[Decimal, ...]
    verdict: Verdict | None  # None: not decided yet
    score: Decimal | None
    comment: str
    accepted_draft: bool
    draft_verdict: Verdict | None
    draft_score: Decimal | None
    delta: Decimal | None
    appealed: bool = False
    appeal_reason: str | None = None
    corrected_score: Decimal | None = None
    corrected_verdict: Verdict | None = None
    wording: Wording = UNWORDED


@dataclass(frozen=True)
class EvaluationView:
    """A person's evaluation, open or finished. `version` is its ETag."""

    evaluation_id: str
    kind: EvaluationKind
    evaluator_id: str
    evaluator_name: str | None
    blind: bool
    call_type: CallType
    types_known: tuple[CallType, ...]  # the types that the card has weights for
    scorecard_id: str
    scorecard_version: str
    draft_id: str | None
    draft_cqr: Decimal | None
    cqr: Decimal | None
    scores: tuple[ScoreView, ...]
    undecided: tuple[str, ...]
    recommendation: str
    started_at: datetime
    finished_at: datetime | None
    listening_ms: int
    version: int


@dataclass(frozen=True)
class HistoryLine:
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


@dataclass(frozen=True)
class CommentView:
    """A comment; `public` ones the seller sees too."""

    comment_id: str
    call_id: str
    author_id: str
    author_name: str | None
    public: bool
    text: str
    criterion: str | None
    mentions: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class FollowUpView:
    """A task with a deadline set from a call for a colleague."""

    follow_up_id: str
    call_id: str
    call_number: int
    author_id: str
    author_name: str | None
    assignee_id: str
    assignee_name: str | None
    text: str
    due_at: datetime
    state: str  # open, done, cancelled
    overdue: bool
    done_at: datetime | None
    version: int


@dataclass(frozen=True)
class TaskView:
    """The listening task of a call: one responsible person, due by a time, perhaps open on somebody's screen."""

    task_id: str
    call_id: str
    kind: EvaluationKind
    assignee_id: str | None
    assignee_name: str | None
    state: str  # waiting, taken, done
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


@dataclass(frozen=True)
class AppealView:
    """An appeal with its points; `time_left_s` until the call would be approved, None once made."""

    appeal_id: str
    call_id: str
    call_number: int
    seller_id: str
    seller_name: str | None
    evaluator_id: str
    evaluator_name: str | None
    reason: str
    points: tuple[tuple[str, str], ...]  # criterion, reason
    made_at: datetime
    state: str  # open, upheld, rejected
    decided_by: str | None
    decided_by_name: str | None
    decided_at: datetime | None
    decision_reason: str
    department_id: str | None
    version: int


@dataclass(frozen=True)
class CallView:
    """Everything of one call that the viewer may see. `may` are the actions open to him now; `version` is its ETag."""

    row: CallRow
    registration: Mapping[str, Any]
    draft: DraftView | None
    evaluation: EvaluationView | None  # the one in progress of the viewer, else the finished one
    second: EvaluationView | None  # the double-scored one, once both are finished
    history: tuple[HistoryLine, ...]
    comments: tuple[CommentView, ...]
    follow_ups: tuple[FollowUpView, ...]
    task: TaskView | None
    appeal: AppealView | None
    audio_uri: str | None
    transcript_uri: str | None
    transcript_quality: str | None
    transcript_failed: str | None
    rating: int | None
    may: frozenset[Action]
    appeal_left_s: int | None  # seconds in which the seller may still appeal


@dataclass(frozen=True)
class WorkItem:
    """A line of somebody's work."""

    row: CallRow
    task: TaskView


@dataclass(frozen=True)
class MyWork:
    """What waits for the viewer: his listening tasks by due time, the pool he may take from, follow-ups, results."""

    tasks: tuple[WorkItem, ...]
    pool: tuple[WorkItem, ...]
    follow_ups: tuple[FollowUpView, ...]
    results: tuple[CallRow, ...]  # a seller's calls that can still be appealed
    mentions: tuple[CommentView, ...]


@dataclass(frozen=True)
class RiskRow:
    """A call that the machine, a client or the contact rule finds remarkable, and why; offered, never counted."""

    row: CallRow
    reasons: tuple[str, ...]
