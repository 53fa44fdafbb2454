"""What score keeps, on SQLite and PostgreSQL; one store is one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row
from sqlalchemy.exc import IntegrityError

from schemas import codec
from services.runtime.errors import StaleVersion
from services.score.adapters.tables import (
    CALLS,
    DRAFTS,
    LEAD_CHANGES,
    LEAD_NUMBERS,
    LEADS,
    LESSONS,
    SCORECARDS,
    VIOLATIONS,
    ZONES,
)
from services.score.domain.contact_rule import Contact, Lead, LeadChange, Standing
from services.score.domain.contact_violations import Rule, Violation
from services.score.domain.dialogue import DepartmentKind, StageKind
from services.score.domain.known_call import CallFacts, LeadFacts
from services.score.domain.learning import Lesson
from services.score.domain.scorecard import Scorecard, plain
from services.score.ports import StoredDraft


class SqlStore:
    """See `ports.Store`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _insert_new(self, table: Table, **values: Any) -> bool:
        """One row unless its key is there; whether it is new."""
        dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(table).values(**values).on_conflict_do_nothing()
        # a driver need not count the rows of an INSERT unless it is asked to
        return self._connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount == 1

    # calls

    def call(self, call_id: str) -> CallFacts | None:
        row = self._connection.execute(select(CALLS).where(CALLS.c.call_id == call_id)).one_or_none()
        return None if row is None else _call(row)

    def put_call(self, call: CallFacts) -> None:
        values = {
            "revision": call.revision,
            "direction": call.direction,
            "outcome": call.outcome,
            "started_at": call.started_at,
            "talk_ms": call.talk_ms,
            "duration_ms": call.duration_ms,
            "seller_id": call.seller_id,
            "department_id": call.department_id,
            "department_kind": call.department_kind.value if call.department_kind else None,
            "client_key": call.client_key,
            "lead_id": call.lead_id,
        }
        if not self._insert_new(CALLS, call_id=call.call_id, machine=call.machine, **values):
            self._connection.execute(update(CALLS).where(CALLS.c.call_id == call.call_id).values(**values))

    def mark_machine(self, call_id: str, machine: bool) -> None:
        self._connection.execute(update(CALLS).where(CALLS.c.call_id == call_id).values(machine=machine))

    # leads

    def hold_numbers(self, client_keys: Sequence[str]) -> None:
        if self._connection.dialect.name == "sqlite":
            return  # a write transaction has the whole file
        for key in sorted(set(client_keys)):
            self._connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))

    def lead(self, lead_id: str) -> LeadFacts | None:
        row = self._connection.execute(select(LEADS).where(LEADS.c.lead_id == lead_id)).one_or_none()
        if row is None:
            return None
        changes = self._connection.execute(
            select(LEAD_CHANGES).where(LEAD_CHANGES.c.lead_id == lead_id).order_by(LEAD_CHANGES.c.revision)
        ).all()
        keys = self._connection.execute(
            select(LEAD_NUMBERS.c.client_key)
            .where(LEAD_NUMBERS.c.lead_id == lead_id)
            .order_by(LEAD_NUMBERS.c.client_key)
        ).scalars()
        lead = Lead(lead_id, row.created_at, tuple(_change(change) for change in changes))
        return LeadFacts(lead, row.deal, tuple(keys))

    def put_lead_change(self, lead: LeadFacts) -> bool:
        new = self._insert_new(LEADS, lead_id=lead.lead_id, created_at=lead.lead.created_at, deal=lead.deal)
        for change in lead.lead.changes:
            new |= self._insert_new(
                LEAD_CHANGES,
                lead_id=lead.lead_id,
                revision=change.revision,
                changed_at=change.changed_at,
                stage=change.stage,
                stage_kind=change.stage_kind.value,
                previous_kind=change.previous_kind.value if change.previous_kind else None,
                seller_id=change.seller_id,
                department_id=change.department_id,
                refusal_reason=change.refusal_reason,
            )
        for key in lead.client_keys:
            new |= self._insert_new(LEAD_NUMBERS, client_key=key, lead_id=lead.lead_id)
        return new

    def leads_of(self, client_key: str | None, lead_id: str | None) -> tuple[str, ...]:
        numbers = select(LEAD_NUMBERS.c.lead_id).where(LEAD_NUMBERS.c.client_key == client_key)
        rows = self._connection.execute(
            select(LEADS.c.lead_id)
            .where(or_(LEADS.c.lead_id == lead_id, LEADS.c.lead_id.in_(numbers)))
            .order_by(LEADS.c.lead_id)
        ).scalars()
        return tuple(rows)

    def calls_of_lead(self, lead: LeadFacts) -> tuple[CallFacts, ...]:
        rows = self._connection.execute(
            select(CALLS).where(_of_lead(lead)).order_by(CALLS.c.started_at, CALLS.c.call_id)
        ).all()
        return tuple(_call(row) for row in rows)

    def contacts_of(self, lead: LeadFacts) -> tuple[Contact, ...]:
        return tuple(call.contact() for call in self.calls_of_lead(lead) if call.direction != "internal")

    def put_standing(self, lead_id: str, standing: Standing, look_at: datetime | None) -> bool:
        text = codec.to_json({name: _simple(value) for name, value in asdict(standing).items()})
        before = self._connection.execute(select(LEADS.c.standing).where(LEADS.c.lead_id == lead_id)).scalar_one()
        self._connection.execute(update(LEADS).where(LEADS.c.lead_id == lead_id).values(standing=text, look_at=look_at))
        return bool(before != text)

    def leads_due(self, now: datetime, limit: int) -> tuple[str, ...]:
        rows = self._connection.execute(
            select(LEADS.c.lead_id).where(LEADS.c.look_at <= now).order_by(LEADS.c.look_at).limit(limit)
        ).scalars()
        return tuple(rows)

    def known_violations(self, lead_id: str) -> tuple[Violation, ...]:
        rows = self._connection.execute(
            select(VIOLATIONS)
            .where(VIOLATIONS.c.lead_id == lead_id)
            .order_by(VIOLATIONS.c.violated_at, VIOLATIONS.c.violation_id)
        ).all()
        return tuple(Violation(**{**row._asdict(), "rule": Rule(row.rule)}) for row in rows)

    def put_violation(self, violation: Violation) -> bool:
        values = {**asdict(violation), "rule": violation.rule.value}
        if self._insert_new(VIOLATIONS, **values):
            return True
        known = VIOLATIONS.c.violation_id == violation.violation_id
        row = self._connection.execute(select(VIOLATIONS).where(known)).one()
        if row._asdict() == values:
            return False
        self._connection.execute(update(VIOLATIONS).where(known).values(**values))
        return True

    # drafts

    def draft(self, call_id: str) -> StoredDraft | None:
        row = self._connection.execute(
            select(DRAFTS).where(DRAFTS.c.call_id == call_id).order_by(DRAFTS.c.revision.desc()).limit(1)
        ).one_or_none()
        if row is None:
            return None
        lesson = select(LESSONS.c.call_id).where(LESSONS.c.call_id == call_id)
        final = self._connection.execute(lesson).one_or_none() is not None
        return _draft(row, final)

    def last_drafts(self) -> Iterator[StoredDraft]:
        last = select(DRAFTS.c.call_id, func.max(DRAFTS.c.revision).label("revision")).group_by(DRAFTS.c.call_id)
        latest = last.subquery()
        rows = self._connection.execute(
            select(DRAFTS)
            .join(latest, (latest.c.call_id == DRAFTS.c.call_id) & (latest.c.revision == DRAFTS.c.revision))
            .order_by(DRAFTS.c.made_at, DRAFTS.c.call_id)
        )
        for row in rows:
            yield _draft(row, False)

    def put_draft(self, draft: StoredDraft, scorecard: Scorecard, now: datetime) -> None:
        self._insert_new(
            SCORECARDS,
            scorecard_id=scorecard.id,
            version=scorecard.version,
            document=codec.to_json(plain(scorecard)),
            first_used_at=now,
        )
        try:
            self._connection.execute(
                insert(DRAFTS).values(
                    call_id=draft.call_id,
                    revision=draft.revision,
                    draft_id=draft.draft_id,
                    transcript_id=draft.transcript_id,
                    transcript_uri=draft.transcript_uri,
                    scorecard_id=scorecard.id,
                    scorecard_version=scorecard.version,
                    data=codec.to_json(dict(draft.data)),
                    made_at=now,
                )
            )
        except IntegrityError as error:
            raise StaleVersion(f"Call {draft.call_id} has a draft of revision {draft.revision} already.") from error

    def rules_of(self, scorecard_id: str, version: str) -> Mapping[str, str]:
        text = self._connection.execute(
            select(SCORECARDS.c.document).where(
                SCORECARDS.c.scorecard_id == scorecard_id, SCORECARDS.c.version == version
            )
        ).scalar()
        blocks = codec.from_json(text)["blocks"] if text else []
        return {item["code"]: item["rule"] for block in blocks for item in block["criteria"] if item["rule"]}

    # people

    def zones(self, seller_id: str | None, at: datetime) -> tuple[str, ...]:
        row = self._connection.execute(
            select(ZONES).where(
                ZONES.c.seller_id == seller_id,
                ZONES.c.chosen_at <= at,
                or_(ZONES.c.until.is_(None), ZONES.c.until > at),
            )
        ).one_or_none()
        return () if row is None else tuple(codec.from_json(row.zones))

    def put_zones(self, seller_id: str, zones: Sequence[str], chosen_at: datetime, until: datetime | None) -> None:
        known = self._connection.execute(select(ZONES.c.chosen_at).where(ZONES.c.seller_id == seller_id)).scalar()
        if known is not None and known > chosen_at:
            return
        self._connection.execute(delete(ZONES).where(ZONES.c.seller_id == seller_id))
        values = {"zones": codec.to_json(list(zones)), "chosen_at": chosen_at, "until": until}
        self._connection.execute(insert(ZONES).values(seller_id=seller_id, **values))

    def put_lesson(self, lesson: Lesson) -> None:
        known = select(LESSONS.c.approved_at).where(LESSONS.c.call_id == lesson.call_id)
        before = self._connection.execute(known).scalar()
        if before is not None and before > lesson.approved_at:
            return
        values = asdict(lesson)
        values["scores"] = codec.to_json({"scores": values["scores"], "draft": values.pop("draft_scores")})
        self._connection.execute(delete(LESSONS).where(LESSONS.c.call_id == lesson.call_id))
        self._connection.execute(insert(LESSONS).values(**values))

    def lessons(self) -> Iterator[Lesson]:
        for row in self._connection.execute(select(LESSONS).order_by(LESSONS.c.approved_at, LESSONS.c.call_id)):
            values = row._asdict()
            scores = codec.from_json(values.pop("scores"))
            yield Lesson(
                **values,
                scores={code: _exact(score) for code, score in scores["scores"].items()},
                draft_scores={code: _exact(score) for code, score in scores["draft"].items()},
            )


def _of_lead(lead: LeadFacts) -> ColumnElement[bool]:
    return or_(CALLS.c.lead_id == lead.lead_id, CALLS.c.client_key.in_(lead.client_keys))


def _call(row: Row[Any]) -> CallFacts:
    values = row._asdict()
    kind = values["department_kind"]
    return CallFacts(**{**values, "department_kind": DepartmentKind(kind) if kind else None})


def _change(row: Row[Any]) -> LeadChange:
    values = row._asdict()
    values.pop("lead_id")
    before = values["previous_kind"]
    kinds = {"stage_kind": StageKind(values["stage_kind"]), "previous_kind": StageKind(before) if before else None}
    return LeadChange(**{**values, **kinds})


def _draft(row: Row[Any], final: bool) -> StoredDraft:
    return StoredDraft(
        call_id=row.call_id,
        revision=row.revision,
        draft_id=row.draft_id,
        transcript_id=row.transcript_id,
        transcript_uri=row.transcript_uri,
        data=codec.from_json(row.data),
        final=final,
    )


def _exact(score: Any) -> Decimal | None:
    return None if score is None else Decimal(score)


def _simple(value: Any) -> Any:
    """Dates as text; instants and figures are known to the codec."""
    return value.isoformat() if hasattr(value, "isoformat") else value
