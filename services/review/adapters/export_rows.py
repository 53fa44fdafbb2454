"""Reads the rows of an export from the database, a few thousand at a time, cut to what the viewer may see."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, false, func, or_, select, true

from services.review.adapters.store_calls import from_hundredths, unlisted
from services.review.adapters.store_drafts import card_of
from services.review.adapters.tables import appeal_points, appeals, calls, drafts, evaluations, scores
from services.review.adapters.tables_credit import leads, ledger, violations
from services.review.adapters.tables_people import departments, people
from services.review.domain.calls import CallType
from services.review.domain.criteria_names import name_of
from services.review.domain.datasets import What
from services.review.domain.evaluation import Card
from services.review.domain.people import Language, Viewer
from services.review.domain.permissions import Action, Scope, scopes

BATCH = 2000
TOUCH_MS = 30_000


@dataclass(frozen=True)
class Span:
    """Half-open, aware UTC; None is without end."""

    since: datetime | None
    until: datetime | None

    def of(self, column: Any) -> ColumnElement[bool]:
        """As a condition on a column of times."""
        parts: list[ColumnElement[bool]] = []
        if self.since is not None:
            parts.append(column >= self.since)
        if self.until is not None:
            parts.append(column < self.until)
        return and_(true(), *parts)


def export_rows(connection: Connection, viewer: Viewer, what: What, span: Span) -> Iterator[Mapping[str, Any]]:
    """Rows by column names; the columns that a viewer may not have are left out by the writer."""
    query, shape = _QUERIES[what](viewer, span)
    for row in connection.execution_options(yield_per=BATCH).execute(query):
        yield from shape(row)


def _reach(viewer: Viewer, seller: Any, department: Any, evaluator: Any = None) -> ColumnElement[bool]:
    """The rows to which the viewer's permission to export reaches: his own are those he spoke in or scored."""
    parts: list[ColumnElement[bool]] = []
    for scope in scopes(viewer, Action.EXPORT):
        if scope is Scope.ALL:
            return true()
        if scope is Scope.OWN:
            parts.append(seller == viewer.person_id)
            if evaluator is not None:
                parts.append(evaluator == viewer.person_id)
        if scope is Scope.DEPARTMENT:
            parts.append(department.in_(sorted(viewer.department_ids)))
    return or_(*parts) if parts else false()


_seller = people.alias("seller")
_scorer = people.alias("scorer")


def _calls(viewer: Viewer, span: Span) -> tuple[Select[Any], Any]:
    query = (
        select(calls, _seller.c.name.label("seller_name"), departments.c.name.label("department_name"))
        .outerjoin(_seller, _seller.c.person_id == calls.c.seller_id)
        .outerjoin(departments, departments.c.department_id == calls.c.department_id)
        .where(calls.c.status.is_not(None), span.of(calls.c.started_at))
        .where(_reach(viewer, calls.c.seller_id, calls.c.department_id, calls.c.evaluator_id))
        .order_by(calls.c.started_at, calls.c.call_id)
    )

    def shape(row: Any) -> Iterator[Mapping[str, Any]]:
        yield {
            **row._mapping,
            "cqr": from_hundredths(row.cqr_hundredths),
            "draft_cqr": from_hundredths(row.draft_cqr_hundredths),
            "remarkable": ",".join(unlisted(row.remarkable)),
            "red_flags": ",".join(unlisted(row.red_flags)),
        }

    return query, shape


def _finished(viewer: Viewer, span: Span) -> ColumnElement[bool]:
    reach = _reach(viewer, evaluations.c.seller_id, calls.c.department_id, evaluations.c.evaluator_id)
    own_second = or_(evaluations.c.kind != "second", evaluations.c.seller_id != viewer.person_id)
    return and_(evaluations.c.finished_at.is_not(None), span.of(evaluations.c.finished_at), reach, own_second)


def _evaluations(viewer: Viewer, span: Span) -> tuple[Select[Any], Any]:
    query = (
        select(
            evaluations,
            calls.c.number,
            calls.c.status,
            calls.c.department_id,
            _seller.c.name.label("seller_name"),
            _scorer.c.name.label("evaluator_name"),
        )
        .join(calls, calls.c.call_id == evaluations.c.call_id)
        .outerjoin(_seller, _seller.c.person_id == evaluations.c.seller_id)
        .outerjoin(_scorer, _scorer.c.person_id == evaluations.c.evaluator_id)
        .where(_finished(viewer, span))
        .order_by(evaluations.c.finished_at, evaluations.c.evaluation_id)
    )

    def shape(row: Any) -> Iterator[Mapping[str, Any]]:
        yield {**row._mapping, "delta": _difference(row.cqr, row.draft_cqr)}

    return query, shape


def _difference(value: Decimal | None, draft: Decimal | None) -> Decimal | None:
    return None if value is None or draft is None else value - draft


def _criteria(viewer: Viewer, span: Span) -> tuple[Select[Any], Any]:
    point = and_(appeal_points.c.appeal_id == appeals.c.appeal_id, appeal_points.c.criterion == scores.c.criterion)
    query = (
        select(
            scores,
            evaluations.c.call_id,
            evaluations.c.kind,
            evaluations.c.blind,
            evaluations.c.call_type,
            evaluations.c.seller_id,
            evaluations.c.evaluator_id,
            evaluations.c.finished_at,
            evaluations.c.card_id,
            evaluations.c.card_version,
            evaluations.c.card_items,
            calls.c.department_id,
            appeal_points.c.criterion.is_not(None).label("appealed"),
            appeal_points.c.verdict.label("corrected_verdict"),
            appeal_points.c.score.label("corrected_score"),
        )
        .join(evaluations, evaluations.c.evaluation_id == scores.c.evaluation_id)
        .join(calls, calls.c.call_id == evaluations.c.call_id)
        .outerjoin(appeals, appeals.c.evaluation_id == evaluations.c.evaluation_id)
        .outerjoin(appeal_points, point)
        .where(_finished(viewer, span))
        .order_by(evaluations.c.finished_at, evaluations.c.evaluation_id, scores.c.criterion)
    )
    cards: dict[tuple[str, str], Card] = {}

    def shape(row: Any) -> Iterator[Mapping[str, Any]]:
        version = (row.card_id, row.card_version)
        if version not in cards:
            cards[version] = card_of(*version, row.card_items)
        item = cards[version].item(row.criterion)
        yield {
            **row._mapping,
            "criterion_name": name_of(row.criterion, Language.RU),
            "weight": None if item is None else item.weight(CallType(row.call_type)),
            "delta": _difference(row.score, row.draft_score),
            "appealed": bool(row.appealed),
        }

    return query, shape


def _objections(viewer: Viewer, span: Span) -> tuple[Select[Any], Any]:
    query = (
        select(
            calls.c.call_id,
            calls.c.seller_id,
            calls.c.department_id,
            calls.c.started_at,
            func.coalesce(calls.c.call_type, calls.c.draft_type).label("call_type"),
            drafts.c.data,
        )
        .join(drafts, drafts.c.draft_id == calls.c.draft_id)
        .where(span.of(calls.c.started_at), _reach(viewer, calls.c.seller_id, calls.c.department_id))
        .where(true() if scopes(viewer, Action.DRAFT_READ) or Scope.ALL in scopes(viewer, Action.EXPORT) else false())
        .order_by(calls.c.started_at, calls.c.call_id)
    )

    def shape(row: Any) -> Iterator[Mapping[str, Any]]:
        found = json.loads(row.data, parse_float=Decimal).get("objections", [])
        for ordinal, objection in enumerate(found, start=1):
            yield {
                **row._mapping,
                "ordinal": ordinal,
                "kind": objection["kind"],
                "score": _decimal(objection.get("score")),
                "techniques": ",".join(objection.get("techniques", [])),
                "confidence": _decimal(objection.get("confidence")),
                "turn": objection["turn"],
            }

    return query, shape


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(value)


def _leads(viewer: Viewer, span: Span) -> tuple[Select[Any], Any]:
    broken = select(func.count()).where(violations.c.lead_id == leads.c.lead_id).correlate(leads).scalar_subquery()
    query = (
        select(leads, broken.label("violations"))
        .where(leads.c.revision > 0, span.of(leads.c.created_at))
        .where(_reach(viewer, leads.c.seller_id, leads.c.department_id))
        .order_by(leads.c.created_at, leads.c.lead_id)
    )

    def shape(row: Any) -> Iterator[Mapping[str, Any]]:
        told = json.loads(row.data, parse_float=Decimal)
        contact = json.loads(row.contact) if row.contact else {}
        source = told.get("source") or {}
        yield {
            **row._mapping,
            **{name: told.get(name) for name in ("target", "non_target_reason", "currency")},
            **{name: source.get(name) for name in ("source", "medium", "campaign")},
            **{name: contact.get(name) for name in _CONTACT_NUMBERS},
            **{name: _time(contact.get(name)) for name in ("first_attempt_at", "last_attempt_at")},
            "amount": _decimal(told.get("amount")),
        }

    return query, shape


_CONTACT_NUMBERS = ("attempts_total", "days_with_attempts", "touches", "due_total", "pickup_ms")


def _time(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _attempts(viewer: Viewer, span: Span) -> tuple[Select[Any], Any]:
    place = func.row_number().over(partition_by=calls.c.lead_id, order_by=(calls.c.started_at, calls.c.call_id))
    numbered = (
        select(
            calls.c.call_id,
            calls.c.lead_id,
            place.label("ordinal"),
            calls.c.seller_id,
            calls.c.department_id,
            calls.c.started_at,
            calls.c.outcome,
            calls.c.talk_ms,
            case((calls.c.talk_ms > TOUCH_MS, True), else_=False).label("touch"),
        )
        .where(calls.c.lead_id.is_not(None), calls.c.direction == "out", calls.c.status.is_not(None))
        .subquery()
    )
    query = (
        select(numbered)
        .where(span.of(numbered.c.started_at), _reach(viewer, numbered.c.seller_id, numbered.c.department_id))
        .order_by(numbered.c.started_at, numbered.c.call_id)
    )

    def shape(row: Any) -> Iterator[Mapping[str, Any]]:
        yield {**row._mapping, "touch": bool(row.touch)}

    return query, shape


def _credit(viewer: Viewer, span: Span) -> tuple[Select[Any], Any]:
    query = (
        select(ledger, calls.c.department_id)
        .outerjoin(calls, calls.c.call_id == ledger.c.call_id)
        .where(span.of(ledger.c.written_at), _credit_reach(viewer))
        .order_by(ledger.c.seq)
    )

    def shape(row: Any) -> Iterator[Mapping[str, Any]]:
        yield {**row._mapping, "person_id": row.account.partition(":")[2] or None}

    return query, shape


def _credit_reach(viewer: Viewer) -> ColumnElement[bool]:
    """Everything, the departments' calls, or one's own account only: the other side of an entry is another person."""
    granted = scopes(viewer, Action.EXPORT)
    if Scope.ALL in granted:
        return true()
    parts: list[ColumnElement[bool]] = []
    if Scope.OWN in granted:
        parts.append(ledger.c.account.in_([f"seller:{viewer.person_id}", f"controller:{viewer.person_id}"]))
    if Scope.DEPARTMENT in granted:
        parts.append(calls.c.department_id.in_(sorted(viewer.department_ids)))
    return or_(*parts) if parts else false()


_QUERIES = {
    What.CALLS: _calls,
    What.EVALUATIONS: _evaluations,
    What.CRITERIA: _criteria,
    What.OBJECTIONS: _objections,
    What.LEADS: _leads,
    What.ATTEMPTS: _attempts,
    What.CREDIT: _credit,
}
