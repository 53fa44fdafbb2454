"""Gives the open work of somebody who leaves to others: to the pool, a colleague, a head, or to who set it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from services.review.adapters.store_tasks import TaskStore
from services.review.adapters.tables import calls, follow_ups, tasks
from services.review.adapters.tables_people import people, person_departments
from services.review.adapters.work import tell
from services.review.domain.evaluation import EvaluationKind
from services.review.domain.lots import Lots
from services.review.domain.people import Role, Viewer
from services.review.domain.tasks import least_loaded
from services.runtime.queue import Tx

COMMENT = "Передано: сотрудник больше не работает с этими звонками."


class WorkHandOver:
    """The port `TaskHandOver` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hand_over_all(self, person_id: str, *, actor: Viewer, now: datetime) -> int:
        """Unfinished evaluations stay with their author; whoever takes the call next begins his own."""
        return self._return_tasks(person_id, actor, now) + self._pass_follow_ups(person_id)

    def _return_tasks(self, person_id: str, actor: Viewer, now: datetime) -> int:
        held = self._connection.execute(
            select(tasks.c.task_id, tasks.c.kind, calls)
            .join(calls, calls.c.call_id == tasks.c.call_id)
            .where(tasks.c.assignee_id == person_id, tasks.c.state != "done")
            .order_by(tasks.c.due_at, tasks.c.task_id)
        ).all()
        for row in held:
            heir = self._heir_of_task(row, person_id)
            # without a colleague who could score it a second time, there is no second time
            ended = row.kind == EvaluationKind.SECOND and heir is None
            self._connection.execute(
                update(tasks)
                .where(tasks.c.task_id == row.task_id)
                .values(
                    assignee_id=heir,
                    state="done" if ended else "waiting",
                    done_at=now if ended else None,
                    taken_at=None,
                    evaluation_id=None,
                    lease_holder_id=None,
                    lease_until=None,
                    beat_at=None,
                    handed_over_by=actor.person_id,
                    hand_over_comment=COMMENT,
                    version=tasks.c.version + 1,
                )
            )
            columns = {EvaluationKind.SECOND: ("second_id",), EvaluationKind.UNCOUNTED: ("assignee_id", "taken_by_id")}
            self._connection.execute(
                update(calls)
                .where(calls.c.call_id == row.call_id)
                .values(
                    version=calls.c.version + 1,
                    changed_by_id=actor.person_id,
                    changed_at=now,
                    change="task.hand_over",
                    **dict.fromkeys(columns.get(row.kind, ("assignee_id",)), heir),
                )
            )
            self._tell(heir, row, now)
        return len(held)

    def _heir_of_task(self, row: Row[Any], person_id: str) -> str | None:
        """A second opinion needs another controller than the first one's; what a head or mentor took for himself goes
        to a head; everything else back to the pool."""
        if row.kind == EvaluationKind.UNCOUNTED:
            return self._head(row.department_id, never=frozenset({person_id, row.seller_id}))
        if row.kind != EvaluationKind.SECOND:
            return None
        never = frozenset({person_id, row.seller_id, row.assignee_id, row.evaluator_id})
        load = TaskStore(self._connection, row.due_at).load_by_controller(row.department_id)
        return least_loaded(load, Lots(row.task_id), never=never)

    def _tell(self, heir: str | None, row: Row[Any], now: datetime) -> None:
        if heir is not None:
            tell(Tx(self._connection, now), "task_handed_over", [heir], row.call_id, row.number)

    def _pass_follow_ups(self, person_id: str) -> int:
        held = self._connection.execute(
            select(follow_ups.c.follow_up_id, follow_ups.c.author_id, calls.c.department_id)
            .join(calls, calls.c.call_id == follow_ups.c.call_id)
            .where(follow_ups.c.assignee_id == person_id, follow_ups.c.state == "open")
        ).all()
        passed = 0
        for follow_up in held:
            heir = self._heir(follow_up, person_id)
            values = {"state": "cancelled"} if heir is None else {"assignee_id": heir}
            self._connection.execute(
                update(follow_ups)
                .where(follow_ups.c.follow_up_id == follow_up.follow_up_id)
                .values(version=follow_ups.c.version + 1, **values)
            )
            passed += heir is not None
        return passed

    def _heir(self, follow_up: Any, person_id: str) -> str | None:
        """Who set it, if he is still there; else a head of the call's department."""
        if follow_up.author_id != person_id and self._is_active(follow_up.author_id):
            return str(follow_up.author_id)
        return self._head(follow_up.department_id, never=frozenset({person_id}))

    def _head(self, department_id: str | None, *, never: frozenset[str | None]) -> str | None:
        found = self._connection.execute(
            select(people.c.person_id)
            .join(person_departments, person_departments.c.person_id == people.c.person_id)
            .where(
                people.c.role == Role.HEAD.value,
                people.c.active.is_(True),
                people.c.person_id.not_in([each for each in never if each is not None]),
                person_departments.c.department_id == department_id,
            )
            .order_by(people.c.person_id)
            .limit(1)
        ).scalar_one_or_none()
        return None if found is None else str(found)

    def _is_active(self, person_id: str) -> bool:
        query = select(people.c.active).where(people.c.person_id == person_id)
        return bool(self._connection.execute(query).scalar_one_or_none())
