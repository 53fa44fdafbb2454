"""Rows of one call as views: draft, evaluation, comments, follow-ups, task, appeal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, select

from services.review.adapters.call_list import Names
from services.review.adapters.tables import appeal_points, mentions
from services.review.domain.calls import Call, CallType
from services.review.domain.drafting import draft_of, wording_of
from services.review.domain.evaluation import ZERO, Draft, DraftScore, Evaluation, EvaluationKind, Item, Verdict
from services.review.domain.views import (
    AppealView,
    CommentView,
    DraftCriterion,
    DraftView,
    EvaluationView,
    FollowUpView,
    ScoreView,
    TaskView,
)


def draft_view(data: Mapping[str, Any], *, blind: bool, untrusted: frozenset[str]) -> DraftView:
    """A draft as it may be shown: nothing of it when blind, no proposal for criteria people do not trust it with."""
    draft = draft_of(data)
    rows = {row["criterion"]: row for row in data["criteria"]}
    return DraftView(
        draft_id=draft.draft_id,
        revision=draft.revision,
        call_type=None if blind else draft.call_type,
        call_type_probability=None if blind else Decimal(data["call_type_probability"]),
        cqr=None if blind else draft.cqr,
        criteria=tuple(
            _draft_criterion(draft, criterion, row, "blind" if blind else _distrust(criterion, untrusted))
            for criterion, row in rows.items()
        ),
        objections=() if blind else tuple(data["objections"]),
        red_flags=() if blind else tuple(data["red_flags"]),
        stages=() if blind else tuple(data.get("stages") or ()),
        remarkable=() if blind else draft.remarkable,
        hidden="blind" if blind else None,
    )


def _distrust(criterion: str, untrusted: frozenset[str]) -> str | None:
    return "distrusted" if criterion in untrusted else None


def _draft_criterion(draft: Draft, criterion: str, row: Mapping[str, Any], hidden: str | None) -> DraftCriterion:
    proposal: DraftScore = draft.scores[criterion]
    return DraftCriterion(
        criterion=criterion,
        block=row.get("block"),
        weight=Decimal(row["weight"]),
        verdict=None if hidden else proposal.verdict,
        score=None if hidden else proposal.score,
        confidence=None if hidden else proposal.confidence,
        reason={} if hidden else dict(row["reason"]),
        evidence=() if hidden else tuple(row["evidence"]),
        hidden=hidden,
        wording=wording_of(row),
    )


def evaluation_view(
    evaluation: Evaluation,
    decided: Sequence[Row[Any]],
    names: Names,
    *,
    appeal: AppealView | None,
    corrections: Mapping[str, Row[Any]],
    shows_draft: bool,
) -> EvaluationView:
    """An evaluation with each criterion that applies, decided or not."""
    drafted = {row.criterion: row for row in decided if shows_draft}
    points = dict(appeal.points) if appeal is not None else {}
    views = (
        _score_view(
            item,
            evaluation,
            drafted.get(item.criterion),
            corrections.get(item.criterion),
            appealed=item.criterion in points,
            reason=points.get(item.criterion),
        )
        for item in evaluation.card.applying(evaluation.call_type)
    )
    return EvaluationView(
        evaluation_id=evaluation.evaluation_id,
        kind=evaluation.kind,
        evaluator_id=evaluation.evaluator_id,
        evaluator_name=names.person(evaluation.evaluator_id),
        blind=evaluation.blind,
        call_type=evaluation.call_type,
        types_known=tuple(kind for kind in CallType if evaluation.card.knows(kind)),
        scorecard_id=evaluation.card.card_id,
        scorecard_version=evaluation.card.version,
        draft_id=evaluation.draft_id,
        draft_cqr=evaluation.draft_cqr if shows_draft else None,
        cqr=evaluation.cqr,
        scores=tuple(views),
        undecided=evaluation.undecided,
        recommendation=evaluation.recommendation,
        started_at=evaluation.started_at,
        finished_at=evaluation.finished_at,
        listening_ms=evaluation.listening_ms,
        version=evaluation.version,
    )


def _score_view(
    item: Item,
    evaluation: Evaluation,
    drafted: Row[Any] | None,
    correction: Row[Any] | None,
    *,
    appealed: bool,
    reason: str | None,
) -> ScoreView:
    """One criterion. `drafted`: the stored decision with the draft's figures, None when they are not to be seen."""
    decision = evaluation.decisions.get(item.criterion)
    score = None if decision is None else decision.score
    draft_score = None if drafted is None else drafted.draft_score
    return ScoreView(
        criterion=item.criterion,
        block=item.block,
        weight=item.weight(evaluation.call_type) or ZERO,
        steps=item.steps,
        verdict=None if decision is None else decision.verdict,
        score=score,
        comment="" if decision is None else decision.comment,
        accepted_draft=decision is not None and decision.accepted_draft,
        draft_verdict=None if drafted is None or not drafted.draft_verdict else Verdict(drafted.draft_verdict),
        draft_score=draft_score,
        delta=None if score is None or draft_score is None else score - draft_score,
        appealed=appealed,
        appeal_reason=reason,
        corrected_score=None if correction is None else correction.score,
        corrected_verdict=None if correction is None else Verdict(correction.verdict),
        wording=item.wording,
    )


def comment_views(connection: Connection, rows: Sequence[Row[Any]], names: Names) -> tuple[CommentView, ...]:
    """Comments with their mentions."""
    ids = [row.comment_id for row in rows]
    named: dict[str, list[str]] = {}
    if ids:
        for row in connection.execute(
            select(mentions).where(mentions.c.comment_id.in_(ids)).order_by(mentions.c.person_id)
        ):
            named.setdefault(row.comment_id, []).append(row.person_id)
    names.know(row.author_id for row in rows)
    return tuple(
        CommentView(
            comment_id=row.comment_id,
            call_id=row.call_id,
            author_id=row.author_id,
            author_name=names.person(row.author_id),
            public=row.public,
            text=row.text,
            criterion=row.criterion,
            mentions=tuple(named.get(row.comment_id, ())),
            at=row.made_at,
        )
        for row in rows
    )


def follow_up_view(row: Row[Any], number: int, names: Names, now: datetime) -> FollowUpView:
    """A follow-up."""
    return FollowUpView(
        follow_up_id=row.follow_up_id,
        call_id=row.call_id,
        call_number=number,
        author_id=row.author_id,
        author_name=names.person(row.author_id),
        assignee_id=row.assignee_id,
        assignee_name=names.person(row.assignee_id),
        text=row.text,
        due_at=row.due_at,
        state=row.state,
        overdue=row.state == "open" and row.due_at < now,
        done_at=row.done_at,
        version=row.version,
    )


def task_view(row: Row[Any], names: Names, now: datetime) -> TaskView:
    """A listening task."""
    held = row.lease_until is not None and row.lease_until > now
    return TaskView(
        task_id=row.task_id,
        call_id=row.call_id,
        kind=EvaluationKind(row.kind),
        assignee_id=row.assignee_id,
        assignee_name=names.person(row.assignee_id),
        state=row.state,
        due_at=row.due_at,
        overdue=row.state != "done" and row.due_at < now,
        taken_at=row.taken_at,
        lease_holder_id=row.lease_holder_id if held else None,
        lease_holder_name=names.person(row.lease_holder_id) if held else None,
        lease_until=row.lease_until if held else None,
        handed_over_by=row.handed_over_by,
        hand_over_comment=row.hand_over_comment,
        spent_ms=row.spent_ms,
        blind=row.blind,
        version=row.version,
    )


def appeal_view(connection: Connection, row: Row[Any], call: Call, names: Names) -> AppealView:
    """An appeal with its points."""
    points = connection.execute(
        select(appeal_points.c.criterion, appeal_points.c.reason)
        .where(appeal_points.c.appeal_id == row.appeal_id)
        .order_by(appeal_points.c.criterion)
    ).all()
    return AppealView(
        appeal_id=row.appeal_id,
        call_id=row.call_id,
        call_number=call.number,
        seller_id=row.seller_id,
        seller_name=names.person(row.seller_id),
        evaluator_id=row.evaluator_id,
        evaluator_name=names.person(row.evaluator_id),
        reason=row.reason,
        points=tuple((point.criterion, point.reason) for point in points),
        made_at=row.made_at,
        state=row.state,
        decided_by=row.decided_by,
        decided_by_name=names.person(row.decided_by),
        decided_at=row.decided_at,
        decision_reason=row.decision_reason,
        department_id=call.department_id,
        version=call.version,
    )
