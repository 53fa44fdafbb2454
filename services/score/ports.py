"""What score needs from outside, as small protocols: the drafter, the store, transcripts, scorecards, growth zones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from services.score.domain.contact_rule import Contact, Standing
from services.score.domain.contact_violations import Violation
from services.score.domain.dialogue import Dialogue
from services.score.domain.draft import AskedItem, CallType, Draft
from services.score.domain.known_call import CallFacts, LeadFacts
from services.score.domain.learning import Lesson
from services.score.domain.scorecard import Scorecard
from services.score.domain.working_days import WorkingCalendar


class Drafter(Protocol):
    """Makes a draft of a dialogue. Slow; called outside any transaction."""

    def draft(self, dialogue: Dialogue, items: Sequence[AskedItem], call_type: CallType | None = None) -> Draft:
        """A draft of every item asked for, in that order; `call_type` is a person's choice and wins over the guess."""
        ...


class Judge(Protocol):
    """A language model's second opinion on a draft."""

    def judge(self, dialogue: Dialogue, draft: Draft, scorecard: Scorecard) -> Draft:
        """The draft as it stands after the second opinion; the same draft when the model is of no use."""
        ...


@dataclass(frozen=True)
class Transcript:
    """A stored transcript: its dialogue without the call's facts, and how far its text can be trusted."""

    transcript_id: str
    call_id: str
    quality: str  # good, fair, poor
    dialogue: Dialogue


class Transcripts(Protocol):
    """Transcripts in object storage."""

    def load(self, uri: str) -> Transcript:
        """The transcript under that key. Raises InvalidEvent, PermanentError, TransientError."""
        ...


class Scorecards(Protocol):
    """Which scorecard counts where."""

    def of_department(self, department_id: str | None) -> Scorecard:
        """The department's card, else the company's."""
        ...


class Calendars(Protocol):
    """Which days a department works."""

    def of_department(self, department_id: str | None) -> WorkingCalendar:
        """The department's calendar in its zone, else the company's."""
        ...


@dataclass(frozen=True)
class StoredDraft:
    """One draft of a call: `data` is what `call-scored` said, `final` whether people have decided since."""

    call_id: str
    revision: int
    draft_id: str
    transcript_id: str
    transcript_uri: str
    data: Mapping[str, Any]
    final: bool = False


class Outgoing(Protocol):
    """The transaction's clock (`now`: the database's, UTC), and what leaves with its commit."""

    @property
    def now(self) -> datetime: ...

    def emit(self, event: str, key: str, data: Mapping[str, Any], *, occurred_at: datetime | None = None) -> str:
        """Publishes an event after the commit. Raises InvalidEvent."""
        ...

    def later(
        self, topic: str, key: str, data: Mapping[str, Any], *, event_id: str, not_before: datetime | None = None
    ) -> bool:
        """Puts a job of our own; False when it was put before."""
        ...


class Store(Protocol):
    """Everything score keeps. One store belongs to one transaction."""

    def call(self, call_id: str) -> CallFacts | None:
        """What is known of a call."""
        ...

    def put_call(self, call: CallFacts) -> None:
        """Keeps a call's facts in place of the known ones; whether a machine was heard stays as it is."""
        ...

    def hold_numbers(self, client_keys: Sequence[str]) -> None:
        """Until the transaction's end nobody else counts contacts of these numbers."""
        ...

    def lead(self, lead_id: str) -> LeadFacts | None:
        """What is known of a lead."""
        ...

    def put_lead_change(self, lead: LeadFacts) -> bool:
        """Keeps the states and numbers in `lead` beside the known ones; False when they were known."""
        ...

    def leads_of(self, client_key: str | None, lead_id: str | None) -> tuple[str, ...]:
        """Ids of the leads that a call with this number or lead id belongs to."""
        ...

    def calls_of_lead(self, lead: LeadFacts) -> tuple[CallFacts, ...]:
        """Calls with one of the lead's numbers or its id, in order of time."""
        ...

    def contacts_of(self, lead: LeadFacts) -> tuple[Contact, ...]:
        """The same calls as the contact rule sees them."""
        ...

    def mark_machine(self, call_id: str, machine: bool) -> None:
        """Keeps whether a machine or music was heard in the call."""
        ...

    def put_standing(self, lead_id: str, standing: Standing, look_at: datetime | None) -> bool:
        """Keeps where a lead stands and when to look again; False when it stands as it did."""
        ...

    def leads_due(self, now: datetime, limit: int) -> tuple[str, ...]:
        """Leads that must be looked at again by now."""
        ...

    def known_violations(self, lead_id: str) -> tuple[Violation, ...]:
        """Violations that were published for the lead."""
        ...

    def put_violation(self, violation: Violation) -> bool:
        """Keeps a violation; False when it is known with the same figures."""
        ...

    def draft(self, call_id: str) -> StoredDraft | None:
        """The last draft of a call."""
        ...

    def last_drafts(self) -> Iterator[StoredDraft]:
        """The last draft of every call, oldest first."""
        ...

    def put_draft(self, draft: StoredDraft, scorecard: Scorecard, now: datetime) -> None:
        """Keeps a new revision, and the version of the scorecard it was made by. Raises StaleVersion."""
        ...

    def rules_of(self, scorecard_id: str, version: str) -> Mapping[str, str]:
        """The built-in rule by criterion code of a card that was used; empty when it never was."""
        ...

    def zones(self, seller_id: str | None, at: datetime) -> tuple[str, ...]:
        """Growth zones of the seller that are open at that instant."""
        ...

    def put_zones(self, seller_id: str, zones: Sequence[str], chosen_at: datetime, until: datetime | None) -> None:
        """Replaces the seller's growth zones unless they are older than the known ones."""
        ...

    def put_lesson(self, lesson: Lesson) -> None:
        """Keeps a confirmed evaluation to learn from; a later one of the call replaces it."""
        ...

    def lessons(self) -> Iterator[Lesson]:
        """Every confirmed evaluation, oldest first."""
        ...
