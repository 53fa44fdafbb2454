"""Evaluations with their decisions, and appeals, in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.review.adapters.store_drafts import DraftStore, card_json, card_of
from services.review.adapters.tables import appeal_points, appeals, evaluations, scores
from services.review.domain.appeals import Appeal, AppealState, Correction
from services.review.domain.calls import CallType
from services.review.domain.evaluation import Decision, Evaluation, EvaluationKind, Verdict
from services.runtime.errors import StaleVersion


def decision_of(row: Row[Any]) -> Decision:
    """The decision of a row of `scores`."""
    return Decision(row.criterion, Verdict(row.verdict), row.score, row.comment, row.seen_draft, row.accepted_draft)


def evaluation_of(row: Row[Any], decisions: Sequence[Row[Any]]) -> Evaluation:
    """The evaluation of a row with the rows of its decisions, in the card's order."""
    card = card_of(row.card_id, row.card_version, row.card_items)
    by_criterion = {each.criterion: decision_of(each) for each in decisions}
    order = [item.criterion for item in card.items if item.criterion in by_criterion]
    return Evaluation(
        evaluation_id=row.evaluation_id,
        call_id=row.call_id,
        kind=EvaluationKind(row.kind),
        evaluator_id=row.evaluator_id,
        seller_id=row.seller_id,
        blind=row.blind,
        call_type=CallType(row.call_type),
        card=card,
        started_at=row.started_at,
        draft_id=row.draft_id,
        draft_cqr=row.draft_cqr,
        decisions={criterion: by_criterion[criterion] for criterion in order},
        recommendation=row.recommendation,
        finished_at=row.finished_at,
        listening_ms=row.listening_ms,
        version=row.version,
    )


class EvaluationStore:
    """The port `Evaluations` on one connection."""

    def __init__(self, connection: Connection, drafts: DraftStore) -> None:
        self._connection = connection
        self._drafts = drafts
        self._dialect = sqlite if connection.dialect.name == "sqlite" else postgresql

    def load(self, evaluation_id: str) -> Evaluation | None:
        """With all decisions."""
        row = self._connection.execute(
            select(evaluations).where(evaluations.c.evaluation_id == evaluation_id)
        ).one_or_none()
        if row is None:
            return None
        decided = self._connection.execute(select(scores).where(scores.c.evaluation_id == evaluation_id)).all()
        return evaluation_of(row, decided)

    def add(self, evaluation: Evaluation) -> None:
        """A new one."""
        self._connection.execute(
            insert(evaluations).values(
                evaluation_id=evaluation.evaluation_id,
                call_id=evaluation.call_id,
                kind=evaluation.kind.value,
                evaluator_id=evaluation.evaluator_id,
                seller_id=evaluation.seller_id,
                blind=evaluation.blind,
                call_type=evaluation.call_type.value,
                card_id=evaluation.card.card_id,
                card_version=evaluation.card.version,
                card_items=card_json(evaluation.card),
                draft_id=evaluation.draft_id,
                draft_cqr=evaluation.draft_cqr,
                recommendation="",
                started_at=evaluation.started_at,
                listening_ms=0,
                version=evaluation.version,
            )
        )

    def save(self, before: Evaluation, after: Evaluation, now: datetime) -> None:
        """Writes what changed at `before.version`. Raises StaleVersion."""
        saved = self._connection.execute(
            update(evaluations)
            .where(
                evaluations.c.evaluation_id == before.evaluation_id,
                evaluations.c.version == before.version,
                evaluations.c.finished_at.is_(None),
            )
            .values(
                call_type=after.call_type.value,
                cqr=after.cqr,
                recommendation=after.recommendation,
                finished_at=after.finished_at,
                listening_ms=after.listening_ms,
                version=after.version,
            )
        )
        if saved.rowcount != 1:
            raise StaleVersion("Somebody was faster; look at how it stands now.")
        for criterion, decision in after.decisions.items():
            if before.decisions.get(criterion) != decision:
                self._decide(after, decision, now)

    def _decide(self, evaluation: Evaluation, decision: Decision, now: datetime) -> None:
        draft = self._drafts.get(evaluation.draft_id) if evaluation.draft_id is not None else None
        proposal = None if draft is None else draft.scores.get(decision.criterion)
        values = {
            "verdict": decision.verdict.value,
            "score": decision.score,
            "comment": decision.comment,
            "seen_draft": decision.seen_draft,
            "accepted_draft": decision.accepted_draft,
            "draft_verdict": None if proposal is None else proposal.verdict.value,
            "draft_score": None if proposal is None else proposal.score,
            "decided_at": now,
        }
        self._connection.execute(
            self._dialect.insert(scores)
            .values(evaluation_id=evaluation.evaluation_id, criterion=decision.criterion, **values)
            .on_conflict_do_update(index_elements=["evaluation_id", "criterion"], set_=values)
        )


def appeal_of(row: Row[Any], points: Sequence[Row[Any]]) -> Appeal:
    """The appeal of a row with the rows of its points."""
    return Appeal(
        appeal_id=row.appeal_id,
        call_id=row.call_id,
        evaluation_id=row.evaluation_id,
        seller_id=row.seller_id,
        evaluator_id=row.evaluator_id,
        reason=row.reason,
        points={point.criterion: point.reason for point in points},
        made_at=row.made_at,
        state=AppealState(row.state),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decision_reason=row.decision_reason,
    )


class AppealStore:
    """The port `Appeals` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_call(self, call_id: str) -> Appeal | None:
        """The call's appeal."""
        row = self._connection.execute(select(appeals).where(appeals.c.call_id == call_id)).one_or_none()
        if row is None:
            return None
        points = self._connection.execute(
            select(appeal_points).where(appeal_points.c.appeal_id == row.appeal_id).order_by(appeal_points.c.criterion)
        ).all()
        return appeal_of(row, points)

    def add(self, appeal: Appeal) -> None:
        """A new, open one."""
        self._connection.execute(
            insert(appeals).values(
                appeal_id=appeal.appeal_id,
                call_id=appeal.call_id,
                evaluation_id=appeal.evaluation_id,
                seller_id=appeal.seller_id,
                evaluator_id=appeal.evaluator_id,
                reason=appeal.reason,
                made_at=appeal.made_at,
                state=appeal.state.value,
                decision_reason="",
            )
        )
        self._connection.execute(
            insert(appeal_points),
            [
                {"appeal_id": appeal.appeal_id, "criterion": criterion, "reason": reason}
                for criterion, reason in appeal.points.items()
            ],
        )

    def decide(self, appeal: Appeal, corrections: Mapping[str, Correction], cqr: tuple[Decimal | None, ...]) -> None:
        """Writes the decision of an open appeal. Raises StaleVersion."""
        decided = self._connection.execute(
            update(appeals)
            .where(appeals.c.appeal_id == appeal.appeal_id, appeals.c.state == AppealState.OPEN.value)
            .values(
                state=appeal.state.value,
                decided_by=appeal.decided_by,
                decided_at=appeal.decided_at,
                decision_reason=appeal.decision_reason,
                cqr_before=cqr[0],
                cqr_after=cqr[1],
            )
        )
        if decided.rowcount != 1:
            raise StaleVersion("Somebody was faster; look at how it stands now.")
        for criterion, correction in corrections.items():
            self._connection.execute(
                update(appeal_points)
                .where(appeal_points.c.appeal_id == appeal.appeal_id, appeal_points.c.criterion == criterion)
                .values(verdict=correction.verdict.value, score=correction.score)
            )
