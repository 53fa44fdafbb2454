"""Calls and their history in the database; every change of a call is guarded by its version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, func, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.review.adapters.clock import database_clock
from services.review.adapters.tables import calls, counters, status_changes
from services.review.adapters.tables_credit import ratings
from services.review.domain.calls import Call, CallType, Registration, Sound, StatusChange
from services.review.domain.drafting import RISKS
from services.review.domain.people import DepartmentKind
from services.review.domain.statuses import Status
from services.runtime.errors import StaleVersion

LOW_RATING = 2
_NUMBER = "call"


def hundredths(value: Decimal | None) -> int | None:
    """A percentage with two decimals as a whole number that indexes and compares on both databases."""
    return None if value is None else int((value * 100).to_integral_value())


def from_hundredths(value: int | None) -> Decimal | None:
    """The percentage again."""
    return None if value is None else Decimal(value).scaleb(-2)


def listed(codes: Sequence[str]) -> str:
    """Codes as they stand in one column: between commas, with one at both ends; empty for none."""
    return f",{','.join(codes)}," if codes else ""


def unlisted(text: str) -> tuple[str, ...]:
    """The codes again."""
    return tuple(code for code in text.split(",") if code)


def registration_of(row: Row[Any]) -> Registration | None:
    """What the exchange told of the call, None before it did."""
    if row.revision == 0:
        return None
    return Registration(
        call_id=row.call_id,
        revision=row.revision,
        provider=row.provider,
        provider_call_id=row.provider_call_id,
        direction=row.direction,
        outcome=row.outcome,
        started_at=row.started_at,
        ring_ms=row.ring_ms,
        talk_ms=row.talk_ms,
        duration_ms=row.duration_ms,
        seller_id=row.seller_id,
        department_id=row.department_id,
        department_kind=DepartmentKind(row.department_kind) if row.department_kind else None,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        client_key=row.client_key,
        client_label=row.client_label,
        line=row.line,
        lead_id=row.lead_id,
        client_known=row.client_known,
        recording_expected=row.recording_expected,
        source=row.source,
        medium=row.medium,
        campaign=row.campaign,
        recording_lost=row.recording_lost,
    )


def call_of(row: Row[Any]) -> Call:
    """The call of a row of `calls`."""
    return Call(
        call_id=row.call_id,
        number=row.number,
        status=Status(row.status) if row.status else None,
        version=row.version,
        registration=registration_of(row),
        draft_id=row.draft_id,
        draft_revision=row.draft_revision,
        draft_cqr=from_hundredths(row.draft_cqr_hundredths),
        call_type=CallType(row.call_type) if row.call_type else None,
        cqr=from_hundredths(row.cqr_hundredths),
        no_speech=row.transcript_failed == "no_speech",
        transcript_id=row.transcript_id,
        transcript_uri=row.transcript_uri,
        transcript_source=row.transcript_source,
        transcript_failed=row.transcript_failed,
        audio_uri=row.audio_uri,
        assignee_id=row.assignee_id,
        taken_by_id=row.taken_by_id,
        second_id=row.second_id,
        evaluator_id=row.evaluator_id,
        evaluation_id=row.evaluation_id,
        evaluated_at=row.evaluated_at,
        approve_at=row.approve_at,
        appealed=row.appealed,
        considered_on=row.considered_on,
        changed_by_id=row.changed_by_id,
        changed_at=row.changed_at,
        change=row.change,
    )


class CallStore:
    """The port `Calls` on one connection."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._dialect = sqlite if connection.dialect.name == "sqlite" else postgresql

    def load(self, call_id: str) -> Call | None:
        """The call, locked until the transaction ends."""
        row = self._connection.execute(select(calls).where(calls.c.call_id == call_id).with_for_update()).one_or_none()
        return None if row is None else call_of(row)

    def ensure(self, call_id: str) -> Call:
        """The call, locked; a new empty place for it when nothing was known."""
        found = self.load(call_id)
        if found is not None:
            return found
        self._connection.execute(
            self._dialect.insert(calls)
            .values(
                call_id=call_id,
                number=self._next_number(),
                version=0,
                revision=0,
                draft_revision=0,
                client_known=False,
                recording_expected=False,
                remarkable="",
                red_flags="",
                risk=0,
                appealed=False,
            )
            .on_conflict_do_nothing(index_elements=["call_id"])
        )
        made = self.load(call_id)
        assert made is not None
        return made

    def _next_number(self) -> int:
        statement = self._dialect.insert(counters).values(name=_NUMBER, value=1)
        return int(
            self._connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["name"], set_={"value": counters.c.value + 1}
                ).returning(counters.c.value)
            ).scalar_one()
        )

    def register(self, call: Call, registration: Registration, now: datetime) -> None:
        """Stores what the exchange told; status and version stay."""
        values = {
            name: getattr(registration, name)
            for name in Registration.__dataclass_fields__
            if name not in ("call_id", "department_kind")
        }
        kind = registration.department_kind
        self._connection.execute(
            update(calls)
            .where(calls.c.call_id == call.call_id)
            .values(
                **values,
                department_kind=kind.value if kind else None,
                registered_at=func.coalesce(calls.c.registered_at, literal(now, calls.c.registered_at.type)),
            )
        )

    def move(self, call: Call, change: StatusChange, **values: Any) -> None:
        """Changes the status and writes the history. Raises StaleVersion when somebody was faster."""
        origin = calls.c.status.is_(None) if change.origin is None else calls.c.status == change.origin.value
        moved = self._connection.execute(
            update(calls)
            .where(calls.c.call_id == call.call_id, calls.c.version == change.version - 1, origin)
            .values(**self._moved_values(change), **_columns(values))
        )
        if moved.rowcount != 1:
            raise StaleVersion("Somebody was faster; look at how it stands now.")
        self._remember(change)

    def _moved_values(self, change: StatusChange) -> dict[str, Any]:
        return {
            "status": change.to.value,
            "version": change.version,
            "changed_by_id": change.actor_id,
            "changed_at": change.changed_at,
            "change": change.move.value,
        }

    def _remember(self, change: StatusChange) -> None:
        self._connection.execute(
            insert(status_changes).values(
                call_id=change.call_id,
                origin=change.origin.value if change.origin else None,
                status=change.to.value,
                move=change.move.value,
                version=change.version,
                actor_id=change.actor_id,
                actor_role=change.actor_role,
                why=change.why,
                changed_at=change.changed_at,
            )
        )

    def appeal_in_time(self, call_id: str) -> bool:
        """Whether the database's clock is before `approve_at`."""
        query = select(calls.c.call_id).where(
            calls.c.call_id == call_id, calls.c.approve_at > database_clock(self._connection)
        )
        return self._connection.execute(query).first() is not None

    def approve_if_due(self, call: Call, change: StatusChange) -> bool:
        """One conditional UPDATE: pending, this version, and the database's clock not before `approve_at`."""
        approved = self._connection.execute(
            update(calls)
            .where(
                calls.c.call_id == call.call_id,
                calls.c.version == change.version - 1,
                calls.c.status == Status.EVALUATED_PENDING.value,
                calls.c.approve_at <= database_clock(self._connection),
            )
            .values(**self._moved_values(change), approved_at=self._now)
        )
        if approved.rowcount != 1:
            return False
        self._remember(change)
        return True

    def due_for_approval(self, limit: int) -> Sequence[str]:
        """Ids of pending calls whose time is over, the longest due first; those another process has are skipped."""
        query = (
            select(calls.c.call_id)
            .where(
                calls.c.status == Status.EVALUATED_PENDING.value,
                calls.c.approve_at <= database_clock(self._connection),
            )
            .order_by(calls.c.approve_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return self._connection.execute(query).scalars().all()

    def touch(self, call: Call, actor_id: str, change: str, **values: Any) -> int:
        """Other columns at the call's version; gives the next version. Raises StaleVersion."""
        touched = self._connection.execute(
            update(calls)
            .where(calls.c.call_id == call.call_id, calls.c.version == call.version)
            .values(
                version=call.version + 1,
                changed_by_id=actor_id,
                changed_at=self._now,
                change=change,
                **_columns(values),
            )
        )
        if touched.rowcount != 1:
            raise StaleVersion("Somebody was faster; look at how it stands now.")
        return call.version + 1

    def sound(self, call_id: str, sound: Sound) -> None:
        """Where sound and text lie; what is empty leaves what is there."""
        told = {
            "audio_uri": sound.audio_uri,
            "transcript_id": sound.transcript_id,
            "transcript_uri": sound.transcript_uri,
            "transcript_source": sound.source,
            "transcript_quality": sound.quality,
            "transcript_failed": sound.failed,
        }
        values: dict[str, str | None] = {name: value for name, value in told.items() if value is not None}
        if sound.transcript_uri is not None:
            values["transcript_failed"] = None
        if values:
            self._connection.execute(update(calls).where(calls.c.call_id == call_id).values(**values))

    def rate(self, event_id: str, call_id: str, rating: int, channel: str, rated_at: datetime) -> None:
        """Keeps a rating once; the latest one shows, and a low one raises the call's risk."""
        stored = self._connection.execute(
            self._dialect.insert(ratings)
            .values(event_id=event_id, call_id=call_id, rating=rating, channel=channel, rated_at=rated_at)
            .on_conflict_do_nothing(index_elements=["event_id"])
        )
        if stored.rowcount != 1:
            return
        latest = self._connection.execute(
            select(ratings.c.rating)
            .where(ratings.c.call_id == call_id)
            .order_by(ratings.c.rated_at.desc(), ratings.c.event_id.desc())
            .limit(1)
        ).scalar_one()
        row = self._connection.execute(select(calls).where(calls.c.call_id == call_id)).one()
        was, low = row.rating is not None and row.rating <= LOW_RATING, latest <= LOW_RATING
        risk = row.risk + RISKS["low_rating"] * (int(low) - int(was))
        self._connection.execute(update(calls).where(calls.c.call_id == call_id).values(rating=latest, risk=risk))


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    """Names of the domain as columns: a rate in hundredths, enums by their codes."""
    columns = dict(values)
    if "cqr" in columns:
        columns["cqr_hundredths"] = columns["list_cqr_hundredths"] = hundredths(columns.pop("cqr"))
    if "call_type" in columns:
        columns["list_type"] = columns["call_type"]
    return {name: value.value if isinstance(value, CallType) else value for name, value in columns.items()}
