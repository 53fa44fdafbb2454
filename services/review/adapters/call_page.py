"""Everything of one call as the viewer may see it: draft, evaluation, history, comments, tasks, appeal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from schemas import codec
from services.review.adapters.call_list import Names, call_row
from services.review.adapters.call_views import (
    appeal_view,
    comment_views,
    draft_view,
    evaluation_view,
    follow_up_view,
    task_view,
)
from services.review.adapters.store_calls import call_of
from services.review.adapters.store_evaluations import evaluation_of
from services.review.adapters.tables import (
    appeal_points,
    appeals,
    calls,
    comments,
    drafts,
    evaluations,
    follow_ups,
    scores,
    status_changes,
    tasks,
)
from services.review.adapters.trust import untrusted
from services.review.domain.calls import Call
from services.review.domain.people import Viewer
from services.review.domain.permissions import NOTHING_HERE, Action, permits
from services.review.domain.statuses import LISTENING, PERMISSION, Move, Status, moves_from
from services.review.domain.views import (
    AppealView,
    CallView,
    CommentView,
    DraftView,
    EvaluationView,
    FollowUpView,
    HistoryLine,
    TaskView,
)
from services.runtime.errors import NotFound

REGISTRATION = (
    "provider",
    "provider_call_id",
    "started_at",
    "answered_at",
    "ended_at",
    "ring_ms",
    "line",
    "client_known",
    "recording_expected",
    "recording_lost",
    "source",
    "medium",
    "campaign",
    "department_kind",
    "classified_as",
)
_WORK_ACTIONS = (
    Action.CALL_PLAY,
    Action.COMMENT_PUBLIC,
    Action.COMMENT_INTERNAL,
    Action.FOLLOW_UP_SET,
)


class CallPageReader:
    """Reads one call's page on one connection."""

    def __init__(self, connection: Connection, viewer: Viewer, now: datetime) -> None:
        self._connection = connection
        self._viewer = viewer
        self._now = now
        self._names = Names(connection)

    def read(self, call_id: str) -> CallView:
        """The whole page. Raises NotFound."""
        row = self._connection.execute(select(calls).where(calls.c.call_id == call_id)).one_or_none()
        if row is None or row.status is None or not self._may(Action.CALL_READ, call_of(row)):
            raise NotFound(NOTHING_HERE)
        call = call_of(row)
        own = self._own_task(call)
        hidden = self._hidden(own)
        shown = call_row(row, self._names, self._now, hidden=hidden, sees_draft=self._may(Action.DRAFT_READ, call))
        main, second = self._evaluations(call, own, hidden)
        appeal = None if hidden in ("scores", "all") else self._appeal(call)
        return CallView(
            row=shown,
            registration={name: getattr(row, name) for name in REGISTRATION},
            draft=self._draft(call, hidden),
            evaluation=None if main is None else self._evaluation(main, call, appeal),
            second=None if second is None else self._evaluation(second, call, None),
            history=self._history(call_id),
            comments=self._comments(call),
            follow_ups=self._follow_ups(call),
            task=self._task(call, own),
            appeal=appeal,
            audio_uri=row.audio_uri if self._may(Action.CALL_PLAY, call) else None,
            transcript_uri=row.transcript_uri,
            transcript_quality=row.transcript_quality,
            transcript_failed=row.transcript_failed,
            rating=row.rating,
            may=self._may_now(call, own),
            appeal_left_s=self._appeal_left(call),
        )

    def _may(self, action: Action, call: Call) -> bool:
        return permits(self._viewer, action, call.facts(self._viewer))

    def _own_task(self, call: Call) -> Row[Any] | None:
        """The listening task that concerns the viewer: his own, else the call's main one."""
        rows = self._connection.execute(select(tasks).where(tasks.c.call_id == call.call_id)).all()
        second = [row for row in rows if row.kind == "second" and row.assignee_id == self._viewer.person_id]
        main = [row for row in rows if row.kind != "second"]
        return next(iter(second or main), None)

    def _hidden(self, task: Row[Any] | None) -> str | None:
        if task is None or task.assignee_id != self._viewer.person_id or task.state == "done":
            return None
        if task.kind == "second":
            return "all" if task.blind else "scores"
        return "draft" if task.blind else None

    def _draft(self, call: Call, hidden: str | None) -> DraftView | None:
        if call.draft_id is None or not self._may(Action.DRAFT_READ, call):
            return None
        text = self._connection.execute(select(drafts.c.data).where(drafts.c.draft_id == call.draft_id)).scalar_one()
        hidden_ones = untrusted(self._connection, self._now)
        data = codec.from_json(text)
        judges = self._viewer.person_id in (call.assignee_id, call.second_id, call.taken_by_id)
        return draft_view(data, blind=hidden in ("draft", "all"), untrusted=hidden_ones if judges else frozenset())

    def _evaluations(
        self, call: Call, own: Row[Any] | None, hidden: str | None
    ) -> tuple[Row[Any] | None, Row[Any] | None]:
        """(the viewer's open one or the finished one, the second one when both are finished)."""
        rows = self._connection.execute(
            select(evaluations).where(evaluations.c.call_id == call.call_id).order_by(evaluations.c.started_at)
        ).all()
        by_id = {row.evaluation_id: row for row in rows}
        if own is not None and own.assignee_id == self._viewer.person_id and own.evaluation_id in by_id:
            mine = by_id[own.evaluation_id]
            if mine.finished_at is None or own.kind == "second":
                return mine, None
        if hidden in ("scores", "all") or not self._may(Action.EVALUATION_READ, call):
            return None, None
        main = by_id.get(call.evaluation_id or "")
        others = [row for row in rows if row.kind == "second" and row.finished_at is not None]
        staff = self._may(Action.DRAFT_READ, call)
        return main, others[0] if main is not None and others and staff else None

    def _evaluation(self, row: Row[Any], call: Call, appeal: AppealView | None) -> EvaluationView:
        decided = self._connection.execute(select(scores).where(scores.c.evaluation_id == row.evaluation_id)).all()
        corrections = self._corrections(appeal) if appeal is not None else {}
        return evaluation_view(
            evaluation_of(row, decided),
            decided,
            self._names,
            appeal=appeal,
            corrections=corrections,
            shows_draft=self._shows_draft_of(row, call),
        )

    def _shows_draft_of(self, row: Row[Any], call: Call) -> bool:
        return self._may(Action.DRAFT_READ, call) and not (row.blind and row.finished_at is None)

    def _corrections(self, appeal: AppealView) -> Mapping[str, Row[Any]]:
        rows = self._connection.execute(select(appeal_points).where(appeal_points.c.appeal_id == appeal.appeal_id))
        return {row.criterion: row for row in rows if row.verdict is not None}

    def _history(self, call_id: str) -> tuple[HistoryLine, ...]:
        rows = self._connection.execute(
            select(status_changes).where(status_changes.c.call_id == call_id).order_by(status_changes.c.seq)
        ).all()
        self._names.know(row.actor_id for row in rows)
        return tuple(
            HistoryLine(
                at=row.changed_at,
                actor_id=row.actor_id,
                actor_name=self._names.person(row.actor_id),
                actor_role=row.actor_role,
                move=Move(row.move),
                origin=Status(row.origin) if row.origin else None,
                to=Status(row.status),
                why=row.why,
                version=row.version,
            )
            for row in rows
        )

    def _comments(self, call: Call) -> tuple[CommentView, ...]:
        query = select(comments).where(comments.c.call_id == call.call_id).order_by(comments.c.made_at)
        if not self._may(Action.COMMENT_INTERNAL, call) and not self._may(Action.DRAFT_READ, call):
            query = query.where(comments.c.public.is_(True))
        return comment_views(self._connection, self._connection.execute(query).all(), self._names)

    def _follow_ups(self, call: Call) -> tuple[FollowUpView, ...]:
        rows = self._connection.execute(
            select(follow_ups).where(follow_ups.c.call_id == call.call_id).order_by(follow_ups.c.due_at)
        ).all()
        me, staff = self._viewer.person_id, self._may(Action.DRAFT_READ, call)
        seen = [row for row in rows if staff or me in (row.author_id, row.assignee_id)]
        return tuple(follow_up_view(row, call.number, self._names, self._now) for row in seen)

    def _task(self, call: Call, row: Row[Any] | None) -> TaskView | None:
        if row is None or not self._may(Action.DRAFT_READ, call):
            return None
        return task_view(row, self._names, self._now)

    def _appeal(self, call: Call) -> AppealView | None:
        if not self._may(Action.EVALUATION_READ, call):
            return None
        row = self._connection.execute(select(appeals).where(appeals.c.call_id == call.call_id)).one_or_none()
        return None if row is None else appeal_view(self._connection, row, call, self._names)

    def _appeal_left(self, call: Call) -> int | None:
        if call.status is not Status.EVALUATED_PENDING or call.approve_at is None:
            return None
        return max(0, int((call.approve_at - self._now) / timedelta(seconds=1)))

    def _may_now(self, call: Call, task: Row[Any] | None) -> frozenset[Action]:
        open_moves = {PERMISSION[move] for move in moves_from(call.status, self._viewer.role)}
        found = {action for action in open_moves if self._may(action, call)}
        if Action.APPEAL in found and not self._appeal_left(call):
            found.discard(Action.APPEAL)
        found |= {action for action in _WORK_ACTIONS if self._may(action, call)}
        second = task is not None and task.kind == "second"
        if task is not None and task.state != "done" and (call.status in LISTENING or second):
            found |= {action for action in self._task_actions(task) if self._may(action, call)}
        return frozenset(found)

    def _task_actions(self, task: Row[Any]) -> set[Action]:
        mine = task.assignee_id == self._viewer.person_id
        found = set()
        if task.state == "waiting" and (task.assignee_id is None or mine):
            found.add(Action.TASK_TAKE)
        if task.kind == "counted":
            found |= {Action.TASK_HAND_OVER} | ({Action.TASK_RETURN} if mine else set())
            found |= {Action.TASK_ASSIGN} if task.state == "waiting" else set()
        return found
