"""The ledger, kept answers, leads and violations in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from schemas import codec
from services.review.adapters.tables_credit import idempotency, leads, ledger, months, violations
from services.review.domain.credit import Entry, Kind, Unit, is_balanced, next_month
from services.review.ports.stores import KeptAnswer
from services.runtime.errors import TransientError

KEEP_ANSWERS = timedelta(days=30)


class LedgerStore:
    """The port `Ledger` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = sqlite if connection.dialect.name == "sqlite" else postgresql

    def open_month(self, month: str) -> str:
        """That month, or the first open one after it."""
        closed = set(self._connection.execute(select(months.c.month).where(months.c.month >= month)).scalars())
        while month in closed:
            month = next_month(month)
        return month

    def write(self, entries: Sequence[Entry], now: datetime) -> bool:
        """Appends one balanced transaction; False when it is there already."""
        if not entries:
            return False
        assert is_balanced(entries), "a transaction of the ledger adds up to nothing"
        known = select(ledger.c.seq).where(ledger.c.transaction_id == entries[0].transaction_id).limit(1)
        if self._connection.execute(known).first() is not None:
            return False
        self._connection.execute(
            insert(ledger),
            [
                {**entry.__dict__, "unit": entry.unit.value, "kind": entry.kind.value, "written_at": now}
                for entry in entries
            ],
        )
        return True

    def of_call(self, call_id: str) -> Sequence[Entry]:
        """Everything written about a call, in order."""
        rows = self._connection.execute(select(ledger).where(ledger.c.call_id == call_id).order_by(ledger.c.seq))
        return [
            Entry(
                row.transaction_id,
                row.account,
                Unit(row.unit),
                row.amount,
                row.month,
                row.for_month,
                Kind(row.kind),
                row.call_id,
            )
            for row in rows
        ]

    def closing(self, month: str) -> tuple[str, datetime] | None:
        """Who closed the month, and when."""
        row = self._connection.execute(select(months).where(months.c.month == month)).one_or_none()
        return None if row is None else (row.closed_by, row.closed_at)

    def close(self, month: str, person_id: str, now: datetime) -> bool:
        """Closes a month for ever; False when it was closed already."""
        stored = self._connection.execute(
            self._dialect.insert(months)
            .values(month=month, closed_at=now, closed_by=person_id)
            .on_conflict_do_nothing(index_elements=["month"])
        )
        return stored.rowcount == 1


class AnswerStore:
    """The port `Answers` on one connection."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._dialect = sqlite if connection.dialect.name == "sqlite" else postgresql

    def find(self, person_id: str, key: str) -> KeptAnswer | None:
        """The answer given before."""
        row = self._connection.execute(
            select(idempotency).where(idempotency.c.person_id == person_id, idempotency.c.key == key)
        ).one_or_none()
        return None if row is None else KeptAnswer(row.request_hash, row.status, row.body, row.etag)

    def keep(self, person_id: str, key: str, answer: KeptAnswer) -> None:
        """Remembers it. Raises TransientError when the same key is being used at this very moment."""
        kept = self._connection.execute(
            self._dialect.insert(idempotency)
            .values(person_id=person_id, key=key, stored_at=self._now, **answer.__dict__)
            .on_conflict_do_nothing(index_elements=["person_id", "key"])
        )
        if kept.rowcount != 1:
            raise TransientError("The same request is being carried out; ask again for its answer.")

    def prune(self) -> int:
        """Forgets answers that are too old to come again; how many."""
        gone = self._connection.execute(delete(idempotency).where(idempotency.c.stored_at < self._now - KEEP_ANSWERS))
        return int(gone.rowcount)


class LeadStore:
    """The port `Leads` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = sqlite if connection.dialect.name == "sqlite" else postgresql

    def save(self, data: Mapping[str, Any], now: datetime) -> None:
        """A lead as `lead-changed` tells it; a lower revision changes nothing."""
        self._ensure(data["lead_id"])
        self._connection.execute(
            update(leads)
            .where(leads.c.lead_id == data["lead_id"], leads.c.revision < data["revision"])
            .values(
                revision=data["revision"],
                kind=data["kind"],
                stage=data["stage"],
                stage_kind=data["stage_kind"],
                refusal_reason=data.get("refusal_reason"),
                seller_id=data["seller_id"],
                department_id=data["department_id"],
                created_at=datetime.fromisoformat(data["created_at"]),
                changed_at=datetime.fromisoformat(data["changed_at"]),
                data=codec.to_json(data),
            )
        )

    def _ensure(self, lead_id: str) -> None:
        self._connection.execute(
            self._dialect.insert(leads)
            .values(lead_id=lead_id, revision=0, data="{}")
            .on_conflict_do_nothing(index_elements=["lead_id"])
        )

    def contact(self, data: Mapping[str, Any], occurred_at: datetime, now: datetime) -> None:
        """Where it stands against the contact rule; an older word changes nothing."""
        self._ensure(data["lead_id"])
        self._connection.execute(
            update(leads)
            .where(
                leads.c.lead_id == data["lead_id"],
                leads.c.contact_at.is_(None) | (leads.c.contact_at <= occurred_at),
            )
            .values(contact=codec.to_json(data), contact_at=occurred_at)
        )

    def violate(self, data: Mapping[str, Any]) -> bool:
        """Keeps a violation, or its newer figures; True when it was not known before."""
        values = {
            "lead_id": data["lead_id"],
            "rule": data["rule"],
            "seller_id": data.get("seller_id"),
            "department_id": data.get("department_id"),
            "violated_at": datetime.fromisoformat(data["violated_at"]),
            "data": codec.to_json(data),
        }
        stored = self._connection.execute(
            self._dialect.insert(violations)
            .values(violation_id=data["violation_id"], **values)
            .on_conflict_do_nothing(index_elements=["violation_id"])
        )
        if stored.rowcount == 1:
            return True
        self._connection.execute(
            update(violations).where(violations.c.violation_id == data["violation_id"]).values(**values)
        )
        return False
