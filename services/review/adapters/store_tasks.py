"""Listening tasks, follow-ups and comments in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, exists, func, insert, or_, select, update

from services.review.adapters.clock import database_clock
from services.review.adapters.tables import calls, comments, follow_ups, mentions, tasks
from services.review.adapters.tables_people import people, person_departments
from services.review.domain.evaluation import EvaluationKind
from services.review.domain.people import Role, Viewer
from services.review.domain.tasks import FollowUp, FollowUpState, ListeningTask, TaskState
from services.review.ports.stores import NewComment
from services.runtime.errors import StaleVersion

COUNTED_KINDS = (EvaluationKind.COUNTED.value, EvaluationKind.SECOND.value)


def task_of(row: Row[Any]) -> ListeningTask:
    """The task of a row of `tasks`."""
    values = {name: getattr(row, name) for name in ListeningTask.__dataclass_fields__}
    return ListeningTask(**{**values, "kind": EvaluationKind(row.kind), "state": TaskState(row.state)})


def follow_up_of(row: Row[Any]) -> FollowUp:
    """The follow-up of a row of `follow_ups`."""
    values = {name: getattr(row, name) for name in FollowUp.__dataclass_fields__}
    return FollowUp(**{**values, "state": FollowUpState(row.state)})


def _columns(thing: ListeningTask | FollowUp) -> dict[str, Any]:
    return {
        name: value.value if isinstance(value, EvaluationKind | TaskState | FollowUpState) else value
        for name, value in thing.__dict__.items()
    }


class TaskStore:
    """The port `Tasks` on one connection."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def load(self, task_id: str) -> ListeningTask | None:
        """By id, locked."""
        row = self._connection.execute(select(tasks).where(tasks.c.task_id == task_id).with_for_update()).one_or_none()
        return None if row is None else task_of(row)

    def of_call(self, call_id: str, kind: str | None = None) -> ListeningTask | None:
        """The call's main task, or the one of a kind."""
        wanted = tasks.c.kind == kind if kind is not None else tasks.c.kind != EvaluationKind.SECOND.value
        row = self._connection.execute(
            select(tasks).where(tasks.c.call_id == call_id, wanted).with_for_update()
        ).one_or_none()
        return None if row is None else task_of(row)

    def add(self, task: ListeningTask) -> None:
        """A new one; its due time shows in the list of calls."""
        self._connection.execute(insert(tasks).values(hand_over_comment=task.hand_over_comment, **_without(task)))

    def save(self, before: ListeningTask, after: ListeningTask) -> None:
        """Writes a task at `before.version`. Raises StaleVersion."""
        saved = self._connection.execute(
            update(tasks)
            .where(tasks.c.task_id == before.task_id, tasks.c.version == before.version)
            .values(**_columns(after))
        )
        if saved.rowcount != 1:
            raise StaleVersion("Somebody was faster; look at how it stands now.")

    def load_by_controller(self, department_id: str | None) -> Mapping[str, int]:
        """Active controllers of a department with their open tasks."""
        waiting = and_(tasks.c.assignee_id == people.c.person_id, tasks.c.state != TaskState.DONE.value)
        query = (
            select(people.c.person_id, func.count(tasks.c.task_id))
            .select_from(
                people.join(person_departments, person_departments.c.person_id == people.c.person_id).outerjoin(
                    tasks, waiting
                )
            )
            .where(
                people.c.role == Role.CONTROLLER.value,
                people.c.active.is_(True),
                person_departments.c.department_id == department_id,
            )
            .group_by(people.c.person_id)
        )
        return {person_id: int(number) for person_id, number in self._connection.execute(query)}

    def next_in_pool(self, viewer: Viewer) -> ListeningTask | None:
        """His own waiting tasks by due time, then his departments' unassigned ones."""
        own = tasks.c.assignee_id == viewer.person_id
        pool = and_(
            tasks.c.assignee_id.is_(None),
            tasks.c.kind == EvaluationKind.COUNTED.value,
            tasks.c.department_id.in_(sorted(viewer.department_ids)),
            or_(tasks.c.seller_id.is_(None), tasks.c.seller_id != viewer.person_id),
            # whoever scores a call the second time does not score it the first time too
            ~exists().where(calls.c.call_id == tasks.c.call_id, calls.c.second_id == viewer.person_id),
        )
        query = (
            select(tasks)
            .where(tasks.c.state == TaskState.WAITING.value, tasks.c.kind.in_(COUNTED_KINDS), or_(own, pool))
            .order_by(case((own, 0), else_=1), tasks.c.due_at, tasks.c.task_id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = self._connection.execute(query).one_or_none()
        return None if row is None else task_of(row)

    def overdue_untold(self, limit: int) -> Sequence[ListeningTask]:
        """Open tasks past their time that nobody was told of; marks them as told."""
        clock = database_clock(self._connection)
        query = (
            select(tasks)
            .where(tasks.c.state != TaskState.DONE.value, tasks.c.due_at < clock, tasks.c.overdue_told_at.is_(None))
            .order_by(tasks.c.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        found = [task_of(row) for row in self._connection.execute(query)]
        self._connection.execute(
            update(tasks).where(tasks.c.task_id.in_([task.task_id for task in found])).values(overdue_told_at=self._now)
        )
        return found

    def add_follow_up(self, follow_up: FollowUp) -> None:
        """A new one."""
        self._connection.execute(insert(follow_ups).values(**_columns(follow_up)))

    def load_follow_up(self, follow_up_id: str) -> FollowUp | None:
        """By id, locked."""
        row = self._connection.execute(
            select(follow_ups).where(follow_ups.c.follow_up_id == follow_up_id).with_for_update()
        ).one_or_none()
        return None if row is None else follow_up_of(row)

    def save_follow_up(self, before: FollowUp, after: FollowUp) -> None:
        """Writes it at `before.version`. Raises StaleVersion."""
        saved = self._connection.execute(
            update(follow_ups)
            .where(follow_ups.c.follow_up_id == before.follow_up_id, follow_ups.c.version == before.version)
            .values(**_columns(after))
        )
        if saved.rowcount != 1:
            raise StaleVersion("Somebody was faster; look at how it stands now.")

    def overdue_follow_ups_untold(self, limit: int) -> Sequence[FollowUp]:
        """Open follow-ups past their deadline that nobody was told of; marks them as told."""
        query = (
            select(follow_ups)
            .where(
                follow_ups.c.state == FollowUpState.OPEN.value,
                follow_ups.c.due_at < database_clock(self._connection),
                follow_ups.c.overdue_told_at.is_(None),
            )
            .order_by(follow_ups.c.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        found = [follow_up_of(row) for row in self._connection.execute(query)]
        self._connection.execute(
            update(follow_ups)
            .where(follow_ups.c.follow_up_id.in_([each.follow_up_id for each in found]))
            .values(overdue_told_at=self._now)
        )
        return found

    def add_comment(self, comment: NewComment) -> None:
        """Appends a comment with its mentions."""
        values = {name: value for name, value in comment.__dict__.items() if name != "mentions"}
        self._connection.execute(insert(comments).values(**values))
        if comment.mentions:
            self._connection.execute(
                insert(mentions),
                [
                    {"comment_id": comment.comment_id, "person_id": person, "made_at": comment.made_at}
                    for person in comment.mentions
                ],
            )


def _without(task: ListeningTask) -> dict[str, Any]:
    return {name: value for name, value in _columns(task).items() if name != "hand_over_comment"}
