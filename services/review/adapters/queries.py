"""The port `Queries`: what pages, exports and the API read, in one consistent view of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select

from services.review.adapters.call_list import Names, call_list, call_rows, in_scope
from services.review.adapters.call_page import CallPageReader
from services.review.adapters.call_views import appeal_view, comment_views, follow_up_view, task_view
from services.review.adapters.overviews import Overviews
from services.review.adapters.store_calls import LOW_RATING, call_of, unlisted
from services.review.adapters.tables import appeals, calls, comments, evaluations, follow_ups, mentions, tasks
from services.review.adapters.tables_credit import violations
from services.review.domain.people import Role, Viewer
from services.review.domain.permissions import NOTHING_HERE, Action, may_ever, permits
from services.review.domain.reports import AgreementReport, Credit, Heatmap, LoadRow, SampleView
from services.review.domain.rules import Rules
from services.review.domain.statuses import PRELIMINARY, Status
from services.review.domain.views import (
    NEWEST,
    AppealView,
    CallFilters,
    CallPage,
    CallRow,
    CallSort,
    CallView,
    EvaluationView,
    FollowUpView,
    MyWork,
    RiskRow,
    WorkItem,
)
from services.runtime.database import Database, database_now
from services.runtime.errors import NotFound, NotPermitted

RECENT = timedelta(days=30)
MANY = 200


class RealQueries:
    """Reads on one connection."""

    def __init__(self, connection: Connection, rules: Rules) -> None:
        self._connection = connection
        self._rules = rules
        self._now: datetime = database_now(connection)

    def call_list(
        self,
        viewer: Viewer,
        filters: CallFilters,
        *,
        sort: CallSort = NEWEST,
        cursor: str | None = None,
        limit: int = 50,
    ) -> CallPage:
        """Newest calls first, unless another order is asked for. Raises BadCursor."""
        return call_list(self._connection, viewer, filters, now=self._now, sort=sort, cursor=cursor, limit=limit)

    def call(self, viewer: Viewer, call_id: str) -> CallView:
        """One call. Raises NotFound."""
        return CallPageReader(self._connection, viewer, self._now).read(call_id)

    def evaluation(self, viewer: Viewer, evaluation_id: str) -> EvaluationView:
        """One evaluation, as its call's page would show it. Raises NotFound."""
        call_id = self._connection.execute(
            select(evaluations.c.call_id).where(evaluations.c.evaluation_id == evaluation_id)
        ).scalar_one_or_none()
        if call_id is not None:
            page = self.call(viewer, call_id)
            for shown in (page.evaluation, page.second):
                if shown is not None and shown.evaluation_id == evaluation_id:
                    return shown
        raise NotFound(NOTHING_HERE)

    def my_work(self, viewer: Viewer) -> MyWork:
        """What waits for the viewer."""
        mine = self._work(viewer, select(tasks).where(tasks.c.assignee_id == viewer.person_id, tasks.c.state != "done"))
        return MyWork(
            tasks=mine,
            pool=self._pool(viewer),
            follow_ups=self.follow_ups(viewer),
            results=self._results(viewer),
            mentions=self._mentions(viewer),
        )

    def _pool(self, viewer: Viewer) -> tuple[WorkItem, ...]:
        kind = {Role.CONTROLLER: "counted", Role.HEAD: "advice"}.get(viewer.role)
        if kind is None:
            return ()
        query = select(tasks).where(
            tasks.c.assignee_id.is_(None),
            tasks.c.state == "waiting",
            tasks.c.kind == kind,
            tasks.c.department_id.in_(sorted(viewer.department_ids)),
            or_(tasks.c.seller_id.is_(None), tasks.c.seller_id != viewer.person_id),
        )
        return self._work(viewer, query)

    def _work(self, viewer: Viewer, query: Select[Any]) -> tuple[WorkItem, ...]:
        found = self._connection.execute(query.order_by(tasks.c.due_at, tasks.c.task_id).limit(MANY)).all()
        rows = self._rows(viewer, [task.call_id for task in found])
        names = Names(self._connection)
        return tuple(
            WorkItem(rows[task.call_id], task_view(task, names, self._now)) for task in found if task.call_id in rows
        )

    def _rows(self, viewer: Viewer, call_ids: list[str]) -> dict[str, CallRow]:
        found = self._connection.execute(select(calls).where(calls.c.call_id.in_(call_ids))).all()
        return {row.call_id: row for row in call_rows(self._connection, viewer, found, self._now)}

    def _results(self, viewer: Viewer) -> tuple[CallRow, ...]:
        if viewer.role is not Role.SELLER:
            return ()
        query = (
            select(calls)
            .where(
                calls.c.seller_id == viewer.person_id,
                calls.c.status == Status.EVALUATED_PENDING.value,
                calls.c.approve_at > self._now,
            )
            .order_by(calls.c.approve_at)
            .limit(MANY)
        )
        return tuple(call_rows(self._connection, viewer, self._connection.execute(query).all(), self._now))

    def _mentions(self, viewer: Viewer) -> tuple[Any, ...]:
        query = (
            select(comments)
            .join(mentions, mentions.c.comment_id == comments.c.comment_id)
            .join(calls, calls.c.call_id == comments.c.call_id)
            .where(
                mentions.c.person_id == viewer.person_id,
                mentions.c.made_at >= self._now - RECENT,
                in_scope(viewer),
            )
            .order_by(comments.c.made_at.desc())
            .limit(MANY)
        )
        if viewer.role is Role.SELLER:
            query = query.where(comments.c.public.is_(True))
        return comment_views(self._connection, self._connection.execute(query).all(), Names(self._connection))

    def follow_ups(self, viewer: Viewer, *, open_only: bool = True) -> tuple[FollowUpView, ...]:
        """Follow-ups that the viewer set or has to do."""
        query = (
            select(follow_ups, calls.c.number)
            .join(calls, calls.c.call_id == follow_ups.c.call_id)
            .where(or_(follow_ups.c.assignee_id == viewer.person_id, follow_ups.c.author_id == viewer.person_id))
            .order_by(follow_ups.c.due_at, follow_ups.c.follow_up_id)
            .limit(MANY)
        )
        if open_only:
            query = query.where(follow_ups.c.state == "open")
        names = Names(self._connection)
        return tuple(follow_up_view(row, row.number, names, self._now) for row in self._connection.execute(query))

    def risk_queue(self, viewer: Viewer, *, limit: int = 50) -> tuple[RiskRow, ...]:
        """Remarkable calls that nobody has taken, worst first."""
        if not may_ever(viewer, Action.RISK_QUEUE_READ):
            raise NotPermitted("Your role does not see the risk queue.")
        broken = select(violations.c.lead_id)
        query = (
            select(calls, calls.c.lead_id.in_(broken).label("violated"))
            .where(
                in_scope(viewer, Action.RISK_QUEUE_READ),
                calls.c.status.in_([status.value for status in PRELIMINARY]),
                or_(calls.c.risk > 0, and_(calls.c.lead_id.is_not(None), calls.c.lead_id.in_(broken))),
                calls.c.started_at >= self._now - RECENT,
            )
            .order_by(calls.c.risk.desc(), calls.c.started_at.desc())
            .limit(max(1, min(limit, MANY)))
        )
        found = self._connection.execute(query).all()
        shown = call_rows(self._connection, viewer, found, self._now)
        return tuple(RiskRow(row, _reasons(raw)) for row, raw in zip(shown, found, strict=True))

    def appeals_to_decide(self, viewer: Viewer) -> tuple[AppealView, ...]:
        """Open appeals that the viewer may decide, oldest first."""
        if not may_ever(viewer, Action.DECIDE_APPEAL):
            return ()
        query = (
            select(appeals, calls.c.call_id.label("of_call"))
            .join(calls, calls.c.call_id == appeals.c.call_id)
            .where(appeals.c.state == "open", in_scope(viewer, Action.DECIDE_APPEAL))
            .order_by(appeals.c.made_at, appeals.c.appeal_id)
            .limit(MANY)
        )
        names, views, rows = Names(self._connection), [], self._connection.execute(query).all()
        names.know(person for row in rows for person in (row.seller_id, row.evaluator_id))
        appealed = select(calls).where(calls.c.call_id.in_([row.call_id for row in rows]))
        known = {row.call_id: call_of(row) for row in self._connection.execute(appealed)}
        for row in rows:
            call = known[row.call_id]
            if permits(viewer, Action.DECIDE_APPEAL, call.facts(viewer)):
                views.append(appeal_view(self._connection, row, call, names))
        return tuple(views)

    def team_heatmap(self, viewer: Viewer, month: str, department_id: str | None = None) -> Heatmap:
        """Sellers × criteria for a month."""
        return self._overviews(viewer).heatmap(month, department_id)

    def controller_load(self, viewer: Viewer) -> tuple[LoadRow, ...]:
        """Load and backlog by controller."""
        return self._overviews(viewer).load()

    def credit(self, viewer: Viewer, person_id: str, month: str) -> Credit:
        """A person's month."""
        return self._overviews(viewer).credit(person_id, month)

    def credits(self, viewer: Viewer, month: str) -> tuple[Credit, ...]:
        """The month of everybody the viewer may see."""
        return self._overviews(viewer).credits(month)

    def agreement(self, viewer: Viewer) -> AgreementReport:
        """The last computed report."""
        return self._overviews(viewer).agreement()

    def sample(self, viewer: Viewer, department_id: str, local_date: date) -> SampleView:
        """What was drawn on a day, and why."""
        return self._overviews(viewer).sample(department_id, local_date)

    def _overviews(self, viewer: Viewer) -> Overviews:
        return Overviews(self._connection, viewer, self._now, self._rules)


def _reasons(row: Row[Any]) -> tuple[str, ...]:
    found = list(unlisted(row.remarkable))
    if row.rating is not None and row.rating <= LOW_RATING:
        found.append("low_rating")
    if row.violated:
        found.append("contact_violation")
    return tuple(found)


class RealReads:
    """The port `Reads`."""

    def __init__(self, database: Database, rules: Rules) -> None:
        self._database = database
        self._rules = rules

    @contextmanager
    def queries(self) -> Iterator[RealQueries]:
        """One consistent view."""
        with self._database.read() as connection:
            yield RealQueries(connection, self._rules)
