"""Overviews: load, credit, quality by seller and criterion, agreement, samples, cut to what the viewer may see."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, and_, case, func, or_, select

from services.review.adapters.call_list import Names, in_scope
from services.review.adapters.people_store import PeopleStore
from services.review.adapters.store_samples import found_samples
from services.review.adapters.tables import appeal_points, appeals, calls, scores, tasks
from services.review.adapters.tables_credit import agreement_reports, ledger, months
from services.review.adapters.trust import untrusted
from services.review.domain.agreement import mean_with_margin
from services.review.domain.credit import Unit, controller_account, next_month, seller_account, totals
from services.review.domain.people import Person, Role, Viewer
from services.review.domain.permissions import Action, CallFacts, may_ever, permits
from services.review.domain.reports import (
    AgreementReport,
    Credit,
    HeatCell,
    Heatmap,
    KappaRow,
    LedgerLine,
    LoadRow,
    SampleLine,
    SampleView,
    SellerRow,
    StrictnessRow,
)
from services.review.domain.rules import Rules
from services.review.domain.sampling import Drawn, Why, redraw
from services.review.domain.statuses import CREDITED
from services.runtime.errors import NotFound, NotPermitted

AT_ONCE = 500  # accounts in one query
FIGURES = ("waiting", "taken", "overdue", "done_today", "done_month", "mean_spent_ms")  # of a controller's load


def month_bounds(month: str, zone: str) -> tuple[datetime, datetime]:
    """The instants between which a month lies on the company's calendar (half-open)."""
    place = ZoneInfo(zone)
    following = next_month(month)
    return (
        datetime(int(month[:4]), int(month[5:]), 1, tzinfo=place),
        datetime(int(following[:4]), int(following[5:]), 1, tzinfo=place),
    )


class Overviews:
    """Reads overviews on one connection."""

    def __init__(self, connection: Connection, viewer: Viewer, now: datetime, rules: Rules) -> None:
        self._connection = connection
        self._viewer = viewer
        self._now = now
        self._rules = rules
        self._names = Names(connection)

    def heatmap(self, month: str, department_id: str | None) -> Heatmap:
        """Sellers × criteria of a month's approved counted evaluations, with corrected scores."""
        start, end = month_bounds(month, self._rules.company_zone)
        query = (
            select(
                calls.c.call_id,
                calls.c.seller_id,
                calls.c.cqr_hundredths,
                scores.c.criterion,
                scores.c.score,
                appeal_points.c.verdict.label("corrected"),
                appeal_points.c.score.label("corrected_score"),
            )
            .select_from(
                calls.join(scores, scores.c.evaluation_id == calls.c.evaluation_id)
                .outerjoin(appeals, appeals.c.call_id == calls.c.call_id)
                .outerjoin(
                    appeal_points,
                    and_(
                        appeal_points.c.appeal_id == appeals.c.appeal_id,
                        appeal_points.c.criterion == scores.c.criterion,
                    ),
                )
            )
            .where(
                in_scope(self._viewer, Action.EVALUATION_READ),
                calls.c.status.in_([status.value for status in CREDITED]),
                calls.c.approved_at >= start,
                calls.c.approved_at < end,
                calls.c.seller_id.is_not(None),
            )
        )
        if department_id is not None:
            query = query.where(calls.c.department_id == department_id)
        rates: dict[str, dict[str, float]] = defaultdict(dict)
        marks: dict[tuple[str, str], list[float]] = defaultdict(list)
        criteria: dict[str, None] = {}
        for row in self._connection.execute(query):
            if row.cqr_hundredths is not None:
                rates[row.seller_id][row.call_id] = row.cqr_hundredths / 100
            score = row.corrected_score if row.corrected else row.score
            if score is not None:
                criteria[row.criterion] = None
                marks[row.seller_id, row.criterion].append(float(score * 100))
        self._names.know(seller for seller, _ in marks)
        return Heatmap(month, tuple(criteria), self._sellers(rates), self._cells(marks))

    def _sellers(self, rates: dict[str, dict[str, float]]) -> tuple[SellerRow, ...]:
        rows = []
        for seller_id in sorted(rates, key=lambda seller: (self._names.person(seller) or seller, seller)):
            mean, margin = mean_with_margin(list(rates[seller_id].values()))
            rows.append(SellerRow(seller_id, self._names.person(seller_id), mean, margin, len(rates[seller_id])))
        return tuple(rows)

    def _cells(self, marks: dict[tuple[str, str], list[float]]) -> tuple[HeatCell, ...]:
        cells = []
        for (seller_id, criterion), values in sorted(marks.items()):
            mean, margin = mean_with_margin(values)
            assert mean is not None
            cells.append(HeatCell(seller_id, self._names.person(seller_id), criterion, mean, margin, len(values)))
        return tuple(cells)

    def load(self) -> tuple[LoadRow, ...]:
        """Controllers' load and backlog; own, of the department, or all."""
        if not may_ever(self._viewer, Action.LOAD_READ):
            raise NotPermitted("Your role does not see load.")
        controllers = [
            person
            for person in PeopleStore(self._connection).everybody(active=True, role=Role.CONTROLLER)
            if self._sees(Action.LOAD_READ, person)
        ]
        today = self._now.astimezone(ZoneInfo(self._rules.company_zone)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        found = self._load_of([person.person_id for person in controllers], today, today.replace(day=1))
        nothing = {**dict.fromkeys(FIGURES, 0), "mean_spent_ms": None}
        return tuple(
            LoadRow(person.person_id, person.name, **found.get(person.person_id, nothing)) for person in controllers
        )

    def _load_of(self, person_ids: Sequence[str], today: datetime, month: datetime) -> dict[str, dict[str, Any]]:
        """The figures of everybody who has open tasks, or has done some this month, in one look at the tasks."""
        undone, done_month = tasks.c.state != "done", tasks.c.done_at >= month
        spent = case((and_(done_month, tasks.c.spent_ms > 0), tasks.c.spent_ms))
        query = (
            select(
                tasks.c.assignee_id,
                _number_of(tasks.c.state == "waiting"),
                _number_of(tasks.c.state == "taken"),
                _number_of(and_(undone, tasks.c.due_at < self._now)),
                _number_of(tasks.c.done_at >= today),
                _number_of(done_month),
                func.avg(spent),
            )
            .where(tasks.c.assignee_id.in_(person_ids), or_(undone, done_month))
            .group_by(tasks.c.assignee_id)
        )
        figures = {}
        for row in self._connection.execute(query):
            _, *told = row
            figures[row.assignee_id] = {
                name: None if value is None else int(value) for name, value in zip(FIGURES, told, strict=True)
            }
        return figures

    def _sees(self, action: Action, person: Person) -> bool:
        departments: Sequence[str | None] = sorted(person.department_ids) or [None]
        return any(
            permits(self._viewer, action, CallFacts.about(person.person_id, department)) for department in departments
        )

    def credit(self, person_id: str, month: str) -> Credit:
        """A person's month with its lines. Raises NotFound."""
        person = PeopleStore(self._connection).person(person_id)
        if person is None or not self._sees(Action.CREDIT_READ, person):
            raise NotFound("There is no such person, or his credit is not yours to see.")
        return self._credits([person], month)[0]

    def credits(self, month: str) -> tuple[Credit, ...]:
        """The month of every seller and controller whom the viewer may see."""
        if not may_ever(self._viewer, Action.CREDIT_READ):
            raise NotPermitted("Your role does not see the credit.")
        everybody = PeopleStore(self._connection).everybody()
        seen = [
            person
            for person in everybody
            if person.role in (Role.SELLER, Role.CONTROLLER) and self._sees(Action.CREDIT_READ, person)
        ]
        return self._credits(seen, month)

    def _credits(self, seen: Sequence[Person], month: str) -> tuple[Credit, ...]:
        """Each person's month; the ledger is read for many people at a time."""
        accounts = {_account_of(person): person for person in seen}
        lines: dict[str, list[Row[Any]]] = {account: [] for account in accounts}
        for start in range(0, len(accounts), AT_ONCE):
            query = (
                select(ledger, calls.c.number)
                .select_from(ledger.outerjoin(calls, calls.c.call_id == ledger.c.call_id))
                .where(ledger.c.account.in_(list(accounts)[start : start + AT_ONCE]), ledger.c.month == month)
                .order_by(ledger.c.seq)
            )
            for row in self._connection.execute(query):
                lines[row.account].append(row)
        closed = self._connection.execute(select(months.c.month).where(months.c.month == month)).first() is not None
        return tuple(self._credit(person, month, lines[account], closed=closed) for account, person in accounts.items())

    def _credit(self, person: Person, month: str, rows: Sequence[Row[Any]], *, closed: bool) -> Credit:
        sums = totals((Unit(row.unit), row.amount) for row in rows)
        return Credit(
            person_id=person.person_id,
            person_name=person.name,
            role=person.role.value,
            month=month,
            closed=closed,
            calls=sums.calls,
            mean_cqr=sums.mean_cqr,
            checks=sums.checks,
            appeals=sums.appeals,
            upheld=sums.upheld,
            money=sums.money,
            currency=self._rules.currency,
            lines=tuple(
                LedgerLine(
                    at=row.written_at,
                    month=row.month,
                    for_month=row.for_month,
                    unit=row.unit,
                    amount=row.amount,
                    kind=row.kind,
                    call_id=row.call_id,
                    call_number=row.number,
                )
                for row in rows
            ),
        )

    def agreement(self) -> AgreementReport:
        """The last computed report."""
        if not may_ever(self._viewer, Action.AGREEMENT_READ):
            raise NotPermitted("Your role does not see agreement.")
        row = self._connection.execute(
            select(agreement_reports).order_by(agreement_reports.c.seq.desc()).limit(1)
        ).one_or_none()
        if row is None:
            return AgreementReport(None, self._rules.kappa_floor, (), ())
        hidden = untrusted(self._connection, self._now)
        data = json.loads(row.data)
        self._names.know(each["controller_id"] for each in data["strictness"])
        return AgreementReport(
            computed_at=row.computed_at,
            kappa_floor=self._rules.kappa_floor,
            rows=tuple(
                KappaRow(
                    criterion=each["criterion"],
                    pairing=each["pairing"],
                    kappa=_figure(each["kappa"]),
                    low=_figure(each["low"]),
                    high=_figure(each["high"]),
                    pairs=each["pairs"],
                    draft_shown=each["criterion"] not in hidden,
                )
                for each in data["kappas"]
            ),
            strictness=tuple(
                StrictnessRow(
                    controller_id=each["controller_id"],
                    controller_name=self._names.person(each["controller_id"]),
                    shift=_figure(each["shift"]),
                    low=_figure(each["low"]),
                    high=_figure(each["high"]),
                    calls=each["calls"],
                    appeals=each["appeals"],
                    upheld=each["upheld"],
                    overturn_rate=_figure(each["overturn_rate"]),
                )
                for each in data["strictness"]
            ),
        )

    def sample(self, department_id: str, day: date) -> SampleView:
        """A day's sample, drawn again from its record to see that it is the same. Raises NotFound, NotPermitted."""
        if not permits(self._viewer, Action.SAMPLE_EXPLAIN, CallFacts(None, department_id)):
            raise NotPermitted("You may not see this department's samples.")
        found = found_samples(self._connection, day, department_id)
        if not found:
            raise NotFound("No sample of this department and day was taken.")
        return explained(*found[0])


def explained(drawn: Drawn, drawn_at: datetime) -> SampleView:
    """A recorded sample, drawn again from its record to see that it is the same."""
    again = redraw(drawn.department_id, drawn.local_date, drawn.cutoff_at, drawn.lines, drawn.rules, drawn.seed)
    sellers: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for line in drawn.lines:
        if line.seller_id is not None and line.why in (Why.CHOSEN, Why.NOT_DRAWN):
            sellers[line.seller_id][0] += 1
            sellers[line.seller_id][1] += line.why is Why.CHOSEN
    return SampleView(
        department_id=drawn.department_id,
        local_date=drawn.local_date,
        drawn_at=drawn_at,
        cutoff_at=drawn.cutoff_at,
        seed=drawn.seed,
        share_percent=drawn.rules.share_percent,
        capacity=drawn.rules.capacity,
        sellers=tuple((seller, total, chosen) for seller, (total, chosen) in sorted(sellers.items())),
        lines=tuple(
            SampleLine(line.call_id, line.number, line.seller_id, line.why is Why.CHOSEN, line.why.value)
            for line in drawn.lines
        ),
        reproduced=again.lines == drawn.lines,
    )


def _number_of(condition: Any) -> Any:
    """How many rows fulfil it."""
    return func.count(case((condition, 1)))


def _account_of(person: Person) -> str:
    """The person's account in the ledger."""
    return (controller_account if person.role is Role.CONTROLLER else seller_account)(person.person_id)


def _figure(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
