"""What pages, exports and the JSON API read, in one consistent view; everything is cut to what the viewer may see."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date
from typing import Protocol

from services.review.domain.people import Viewer
from services.review.domain.reports import AgreementReport, Credit, Heatmap, LoadRow, SampleView
from services.review.domain.views import (
    NEWEST,
    AppealView,
    CallFilters,
    CallPage,
    CallSort,
    CallView,
    EvaluationView,
    FollowUpView,
    MyWork,
    RiskRow,
)


class Queries(Protocol):
    """Reads inside one read transaction. Methods raise NotFound (unknown, or not his to see) or NotPermitted."""

    def call_list(
        self,
        viewer: Viewer,
        filters: CallFilters,
        *,
        sort: CallSort = NEWEST,
        cursor: str | None = None,
        limit: int = 50,
    ) -> CallPage:
        """Newest calls first, or in the order asked for; `cursor` is a `next_cursor` of it. Raises BadCursor."""

    def call(self, viewer: Viewer, call_id: str) -> CallView:
        """One call with everything about it."""

    def evaluation(self, viewer: Viewer, evaluation_id: str) -> EvaluationView:
        """One evaluation."""

    def my_work(self, viewer: Viewer) -> MyWork:
        """What waits for the viewer."""

    def follow_ups(self, viewer: Viewer, *, open_only: bool = True) -> tuple[FollowUpView, ...]:
        """Follow-ups that the viewer set or has to do, by deadline."""

    def risk_queue(self, viewer: Viewer, *, limit: int = 50) -> tuple[RiskRow, ...]:
        """Remarkable calls nobody has taken, worst first."""

    def appeals_to_decide(self, viewer: Viewer) -> tuple[AppealView, ...]:
        """Open appeals that the viewer may decide, oldest first."""

    def team_heatmap(self, viewer: Viewer, month: str, department_id: str | None = None) -> Heatmap:
        """Sellers × criteria for `YYYY-MM`."""

    def controller_load(self, viewer: Viewer) -> tuple[LoadRow, ...]:
        """Load and backlog by controller."""

    def credit(self, viewer: Viewer, person_id: str, month: str) -> Credit:
        """A person's month."""

    def credits(self, viewer: Viewer, month: str) -> tuple[Credit, ...]:
        """The month of everybody the viewer may see, without lines."""

    def agreement(self, viewer: Viewer) -> AgreementReport:
        """How far machine and people, and people among themselves, agree."""

    def sample(self, viewer: Viewer, department_id: str, local_date: date) -> SampleView:
        """What was drawn on a day, and why."""


class Reads(Protocol):
    """Opens a view for reading: `with reads.queries() as queries:`."""

    def queries(self) -> AbstractContextManager[Queries]:
        """One consistent view."""
