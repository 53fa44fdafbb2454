"""Daily samples and work calendars in the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.review.adapters.calendars import CalendarStore
from services.review.adapters.store_calls import call_of
from services.review.adapters.tables import calls
from services.review.adapters.tables_credit import samples
from services.review.adapters.tables_people import departments
from services.review.domain.calendar import WorkCalendar
from services.review.domain.calls import CallType, local_date
from services.review.domain.sampling import Candidate, Drawn, Line, SampleRules, Why
from services.review.domain.statuses import PRELIMINARY

# Calls that began longer before a cutoff than this belong to no sample any more (a late import of old calls).
REACH = timedelta(days=31)


def drawn_of(row: Row[Any]) -> Drawn:
    """The sample as it was recorded."""
    rules = json.loads(row.rules)
    return Drawn(
        department_id=row.department_id,
        local_date=row.local_date,
        cutoff_at=row.cutoff_at,
        seed=row.seed,
        rules=SampleRules(
            share_percent=Decimal(rules["share_percent"]),
            capacity=rules["capacity"],
            blind_percent=Decimal(rules["blind_percent"]),
            double_percent=Decimal(rules["double_percent"]),
        ),
        lines=tuple(
            Line(call_id, number, seller_id, Why(why), blind, double)
            for call_id, number, seller_id, why, blind, double in json.loads(row.candidates)
        ),
    )


class SampleStore:
    """The port `Samples` on one connection; `default` is the company's calendar where a department has none."""

    def __init__(self, connection: Connection, default: WorkCalendar) -> None:
        self._connection = connection
        self._default = default
        self._dialect = sqlite if connection.dialect.name == "sqlite" else postgresql

    def departments(self) -> Sequence[tuple[str, str]]:
        """(department_id, zone) of every department."""
        rows = self._connection.execute(
            select(departments.c.department_id, departments.c.zone).order_by(departments.c.department_id)
        )
        return [(row.department_id, row.zone) for row in rows]

    def calendar(self, department_id: str, zone: str) -> WorkCalendar:
        """The department's calendar in its zone."""
        own = CalendarStore(self._connection).own(department_id, zone)
        return replace(self._default, zone=zone) if own is None else own[0]

    def last_date(self, department_id: str) -> date | None:
        """The last local date that was sampled."""
        query = select(func.max(samples.c.local_date)).where(samples.c.department_id == department_id)
        found: date | None = self._connection.execute(query).scalar()
        return found

    def first_call_date(self, department_id: str, zone: str) -> date | None:
        """The local date of the department's first call."""
        query = select(func.min(calls.c.started_at)).where(
            calls.c.department_id == department_id, calls.c.considered_on.is_(None)
        )
        first: datetime | None = self._connection.execute(query).scalar()
        return None if first is None else local_date(first, zone)

    def candidates(self, department_id: str, before: datetime) -> Sequence[Candidate]:
        """Calls that began before an instant and were in no sample yet, locked."""
        query = (
            select(calls)
            .where(
                calls.c.department_id == department_id,
                calls.c.considered_on.is_(None),
                calls.c.status.is_not(None),
                calls.c.started_at < before,
                calls.c.started_at >= before - REACH,
            )
            .order_by(calls.c.call_id)
            .with_for_update()
        )
        return [_candidate(row) for row in self._connection.execute(query)]

    def add(self, drawn: Drawn, now: datetime) -> bool:
        """Records a sample and marks its calls; False when the day was sampled already."""
        rules = drawn.rules
        stored = self._connection.execute(
            self._dialect.insert(samples)
            .values(
                sample_id=f"{drawn.department_id}/{drawn.local_date.isoformat()}"[:128],
                department_id=drawn.department_id,
                local_date=drawn.local_date,
                cutoff_at=drawn.cutoff_at,
                drawn_at=now,
                seed=drawn.seed,
                rules=json.dumps(
                    {
                        "share_percent": str(rules.share_percent),
                        "capacity": rules.capacity,
                        "blind_percent": str(rules.blind_percent),
                        "double_percent": str(rules.double_percent),
                    }
                ),
                candidates=json.dumps(
                    [
                        [line.call_id, line.number, line.seller_id, line.why.value, line.blind, line.double]
                        for line in drawn.lines
                    ]
                ),
            )
            .on_conflict_do_nothing(index_elements=["department_id", "local_date"])
        )
        if stored.rowcount != 1:
            return False
        looked_at = [line.call_id for line in drawn.lines if line.why is not Why.WAITING]
        for start in range(0, len(looked_at), 500):
            self._connection.execute(
                update(calls)
                .where(calls.c.call_id.in_(looked_at[start : start + 500]))
                .values(considered_on=drawn.local_date)
            )
        return True


def found_samples(connection: Connection, day: date, department_id: str | None = None) -> list[tuple[Drawn, datetime]]:
    """The recorded samples of a day, with when each was drawn."""
    query = select(samples).where(samples.c.local_date == day).order_by(samples.c.department_id)
    if department_id is not None:
        query = query.where(samples.c.department_id == department_id)
    return [(drawn_of(row), row.drawn_at) for row in connection.execute(query)]


def sampled_days(connection: Connection, department_ids: Sequence[str] | None, limit: int) -> list[tuple[str, date]]:
    """The newest samples first: (department_id, local date); None: of every department."""
    query = select(samples.c.department_id, samples.c.local_date)
    if department_ids is not None:
        query = query.where(samples.c.department_id.in_(department_ids))
    rows = connection.execute(query.order_by(samples.c.local_date.desc(), samples.c.department_id).limit(limit))
    return [(row.department_id, row.local_date) for row in rows]


def _candidate(row: Row[Any]) -> Candidate:
    call = call_of(row)
    return Candidate(
        call_id=call.call_id,
        number=call.number,
        seller_id=call.seller_id,
        started_at=row.started_at,
        preliminary=call.status in PRELIMINARY,
        # one that still goes on waits for its end, as for its draft
        conversation=call.has_conversation or row.outcome == "in_progress",
        recording=bool(row.recording_expected or row.audio_uri or row.transcript_uri),
        drafted=call.draft_id is not None or call.transcript_failed is not None,
        spam=row.draft_type == CallType.SPAM.value,
        no_speech=call.no_speech,
    )
