"""Leads against the contact rule, as pages show them: read from what the CRM and the scorer told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, false, or_, select, true

from schemas import codec
from services.review.adapters.tables_credit import leads, violations
from services.review.adapters.tables_people import people
from services.review.domain.people import Viewer
from services.review.domain.permissions import Action, Scope, scopes
from services.review.ports.pages import BrokenRule, LeadRow

MOST_READ = 2_000


def in_reach(viewer: Viewer, table: Table) -> ColumnElement[bool]:
    """Which rows of leads somebody may see: as far as he may see calls."""
    granted = scopes(viewer, Action.CALL_READ)
    if Scope.ALL in granted:
        return true()
    reached: list[ColumnElement[bool]] = []
    if Scope.OWN in granted:
        reached.append(table.c.seller_id == viewer.person_id)
    if Scope.MENTEE in granted:
        reached.append(table.c.seller_id.in_(sorted(viewer.mentee_ids)))
    if Scope.DEPARTMENT in granted:
        reached.append(table.c.department_id.in_(sorted(viewer.department_ids)))
    return or_(false(), *reached)


def lead_rows(connection: Connection, viewer: Viewer, limit: int) -> Sequence[LeadRow]:
    """Leads in work, those with too few attempts today first, then the fewest in all."""
    query = (
        select(leads.c.lead_id, leads.c.stage, leads.c.seller_id, leads.c.contact, people.c.name)
        .outerjoin(people, people.c.person_id == leads.c.seller_id)
        .where(leads.c.contact.is_not(None), in_reach(viewer, leads))
        .order_by(leads.c.contact_at.desc())
        .limit(MOST_READ)
    )
    told = [(row, codec.from_json(row.contact)) for row in connection.execute(query)]
    rows = [_lead(row, contact) for row, contact in told if contact.get("open", True)]
    rows.sort(key=lambda each: (not each.short, each.attempts_total, each.lead_id))
    return rows[:limit]


def _lead(row: Any, contact: Mapping[str, Any]) -> LeadRow:
    return LeadRow(
        lead_id=row.lead_id,
        seller_id=row.seller_id,
        seller_name=row.name,
        stage=row.stage or "",
        attempts_today=contact["attempts_today"],
        due_today=contact["due_today"],
        attempts_total=contact["attempts_total"],
        due_total=contact["due_total"],
        days=contact["days_with_attempts"],
        touches=contact["touches"],
        last_attempt_at=_at(contact.get("last_attempt_at")),
        last_touch_call_id=contact.get("last_touch_call_id"),
        pickup_ms=contact.get("pickup_ms"),
    )


def broken_rules(connection: Connection, viewer: Viewer, limit: int) -> Sequence[BrokenRule]:
    """The newest violations first."""
    query = (
        select(violations, people.c.name)
        .outerjoin(people, people.c.person_id == violations.c.seller_id)
        .where(in_reach(viewer, violations))
        .order_by(violations.c.violated_at.desc())
        .limit(limit)
    )
    found = []
    for row in connection.execute(query):
        data = codec.from_json(row.data)
        found.append(
            BrokenRule(
                lead_id=row.lead_id,
                seller_name=row.name,
                rule=row.rule,
                contacts=data["contacts"],
                contacts_due=data["contacts_due"],
                touches=data["touches"],
                violated_at=row.violated_at,
            )
        )
    return found


def _at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
