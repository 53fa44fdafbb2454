"""A call as review knows it: what the telephone exchange told, where it stands, and who has it in hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.review.domain.people import DepartmentKind, Viewer
from services.review.domain.permissions import CallFacts
from services.review.domain.statuses import Move, Status


class CallType(StrEnum):
    """What kind of conversation it was (domain.md §3)."""

    QUALIFICATION = "qualification"
    OBJECTION = "objection"
    TRANSACTIONAL = "transactional"
    REANIMATION = "reanimation"
    SPAM = "spam"


@dataclass(frozen=True)
class Registration:
    """What a `call-registered` event tells. `revision` grows; a lower one is stale. Times are aware UTC, lengths ms."""

    call_id: str
    revision: int
    provider: str
    provider_call_id: str
    direction: str
    outcome: str
    started_at: datetime
    ring_ms: int
    talk_ms: int
    duration_ms: int
    seller_id: str | None
    department_id: str | None
    department_kind: DepartmentKind | None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    client_key: str | None = None
    client_label: str | None = None
    line: str | None = None
    lead_id: str | None = None
    client_known: bool = False
    recording_expected: bool = False
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    recording_lost: str | None = None  # why the recording will not come, as a code


@dataclass(frozen=True)
class Call:
    """A call's standing. `version` grows with every decision about it; `approve_at` is fixed when it is evaluated."""

    call_id: str
    number: int
    status: Status | None
    version: int
    registration: Registration | None
    draft_id: str | None = None
    draft_revision: int = 0
    draft_cqr: Decimal | None = None
    call_type: CallType | None = None
    cqr: Decimal | None = None
    no_speech: bool = False
    transcript_id: str | None = None
    transcript_uri: str | None = None
    transcript_source: str | None = None
    transcript_failed: str | None = None
    audio_uri: str | None = None
    assignee_id: str | None = None
    taken_by_id: str | None = None
    second_id: str | None = None
    evaluator_id: str | None = None
    evaluation_id: str | None = None
    evaluated_at: datetime | None = None
    approve_at: datetime | None = None
    appealed: bool = False
    considered_on: date | None = None
    changed_by_id: str | None = None
    changed_at: datetime | None = None
    change: str | None = None

    @property
    def seller_id(self) -> str | None:
        return self.registration.seller_id if self.registration else None

    @property
    def department_id(self) -> str | None:
        return self.registration.department_id if self.registration else None

    def facts(self, viewer: Viewer) -> CallFacts:
        """What permissions need to know of it; whoever scores it a second time is its assignee too, for himself."""
        is_second = self.second_id is not None and self.second_id == viewer.person_id
        return CallFacts(
            seller_id=self.seller_id,
            department_id=self.department_id,
            assignee_id=viewer.person_id if is_second else self.assignee_id,
            taken_by_id=self.taken_by_id,
            evaluator_id=self.evaluator_id,
        )

    @property
    def has_conversation(self) -> bool:
        """Whether anybody spoke with a client: answered, some talk, not among colleagues."""
        facts = self.registration
        return facts is not None and facts.outcome == "answered" and facts.talk_ms > 0 and facts.direction != "internal"


@dataclass(frozen=True)
class Sound:
    """Where the sound and the text of a call lie, and what became of recognition."""

    audio_uri: str | None = None
    transcript_id: str | None = None
    transcript_uri: str | None = None
    source: str | None = None
    quality: str | None = None
    failed: str | None = None  # reason of `transcript-failed`


@dataclass(frozen=True)
class StatusChange:
    """One line of a call's history, kept for ever: who, when, from, to, why."""

    call_id: str
    origin: Status | None
    to: Status
    move: Move
    version: int
    actor_id: str | None
    actor_role: str
    why: str
    changed_at: datetime


def first_move(registration: Registration) -> Move:
    """How a new call enters: recognised when the client or an order in work was found (domain.md §2)."""
    return Move.RECOGNISE if registration.client_known or registration.lead_id else Move.REGISTER


def is_newer(held: Registration | None, incoming: Registration) -> bool:
    """Whether an incoming registration replaces the one that is held: a higher revision only."""
    return held is None or incoming.revision > held.revision


def local_date(instant: datetime, zone: str) -> date:
    """The calendar date of an instant in a zone (IANA name)."""
    return instant.astimezone(ZoneInfo(zone)).date()


def moved(call: Call, status: Status, **values: object) -> Call:
    """The same call one version on, in another status, with other fields changed."""
    known = {name: value for name, value in values.items() if name in Call.__dataclass_fields__}
    return replace(call, status=status, version=call.version + 1, **known)  # type: ignore[arg-type]
