"""What pages need beside calls and people: who looked at what, the audit log, dead letters, news."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.review.domain.people import Viewer
from services.review.domain.preferences import Preferences
from services.review.domain.views import CallFilters, CallRow, CallSort


@dataclass(frozen=True)
class Letter:
    """A dead letter of this service: what it was, why it was put aside, whether it was tried again."""

    seq: int
    topic: str
    key: str | None
    code: str
    detail: str
    attempts: int
    buried_at: datetime
    replayed_at: datetime | None


@dataclass(frozen=True)
class SourceRow:
    """What arrives on a topic: the last message, how many wait, how many were put aside in the last day."""

    topic: str
    last_at: datetime | None
    waiting: int
    buried_in_day: int


@dataclass(frozen=True)
class LeadRow:
    """A lead against the contact rule: attempts of those due, days with attempts, talks, the last of each."""

    lead_id: str
    seller_id: str | None
    seller_name: str | None
    stage: str
    attempts_today: int
    due_today: int
    attempts_total: int
    due_total: int
    days: int
    touches: int
    last_attempt_at: datetime | None
    last_touch_call_id: str | None
    pickup_ms: int | None

    @property
    def short(self) -> bool:
        """Whether today's attempts are still too few."""
        return self.attempts_today < self.due_today


@dataclass(frozen=True)
class BrokenRule:
    """A violation of the contact rule, with its figures."""

    lead_id: str
    seller_name: str | None
    rule: str
    contacts: int
    contacts_due: int
    touches: int
    violated_at: datetime


@dataclass(frozen=True)
class Hit:
    """Where in a dialogue the words were said; `pieces` are (text, found)."""

    turn: int
    start_ms: int
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Found:
    """A page of calls in which the words were said, best or newest first, with the places by call."""

    rows: Sequence[CallRow]
    hits: Mapping[str, Sequence[Hit]]
    next_cursor: str | None


class Shelf(Protocol):
    """Small things that pages read and keep."""

    def card_names(self, language: str) -> Mapping[str, str]:
        """How the firm's scorecards word items and blocks, by key of the catalogue (`criterion.hook`)."""

    def note_access(self, viewer: Viewer, kind: str, call_id: str, fields: tuple[str, ...]) -> None:
        """Writes down that somebody saw or heard a call; `fields` names what was shown."""

    def note_play(self, viewer: Viewer, call_id: str, *, begins: bool) -> None:
        """Writes down that somebody hears a recording; a range in the middle only if no play was noted lately."""

    def preferences(self, viewer: Viewer) -> Preferences:
        """How he likes the pages."""

    def prefer(self, viewer: Viewer, said: Preferences) -> None:
        """Remembers what he says; what he leaves unsaid stays as it was."""

    def find(
        self, viewer: Viewer, text: str, filters: CallFilters, cursor: str | None, limit: int, sort: CallSort
    ) -> Found:
        """Calls the viewer may see in which the words were said."""

    def leads(self, viewer: Viewer, limit: int) -> Sequence[LeadRow]:
        """Leads in work that the viewer may see, those with too few attempts today first."""

    def violations(self, viewer: Viewer, limit: int) -> Sequence[BrokenRule]:
        """The newest violations of the contact rule that the viewer may see."""

    def pulse(self) -> str:
        """A mark that changes whenever a call or task changes."""

    def letters(self, limit: int) -> Sequence[Letter]:
        """The newest dead letters first."""

    def replay(self, actor: Viewer, seq: int) -> bool:
        """Lets a dead letter be tried again; False when there is nothing to try."""

    def sources(self) -> Sequence[SourceRow]:
        """What arrives, by topic."""
