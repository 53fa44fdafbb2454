"""What score knows of a call and of its lead, and which state of the CRM card belongs to which call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.score.domain.contact_rule import Contact, Lead, LeadChange
from services.score.domain.dialogue import CrmCard, DepartmentKind, Dialogue, Direction

CARD_WINDOW = timedelta(hours=24)


@dataclass(frozen=True)
class CallFacts:
    """A call as `call-registered` told it last; `machine` None until its transcript was looked at."""

    call_id: str
    revision: int
    direction: str  # in, out, internal
    outcome: str
    started_at: datetime
    talk_ms: int
    duration_ms: int
    seller_id: str | None
    department_id: str | None
    department_kind: DepartmentKind | None
    client_key: str | None
    lead_id: str | None
    machine: bool | None = None

    @property
    def answered(self) -> bool:
        """Whether two sides were connected."""
        return self.outcome == "answered"

    @property
    def ended_at(self) -> datetime:
        """When it ended, from the figures that are always there."""
        return self.started_at + timedelta(milliseconds=self.duration_ms)

    def contact(self) -> Contact:
        """The call as the contact rule sees it; a voice mail is a machine by the PBX's own word."""
        return Contact(
            call_id=self.call_id,
            started_at=self.started_at,
            outgoing=self.direction == "out",
            answered=self.answered or self.outcome == "voicemail",
            talk_ms=self.talk_ms,
            machine=bool(self.machine) or self.outcome == "voicemail",
        )

    def drafted_alike(self, other: CallFacts) -> bool:
        """Whether a draft made with the other facts would come out the same."""
        return (self.direction, self.department_id, self.department_kind, self.talk_ms, self.lead_id) == (
            other.direction,
            other.department_id,
            other.department_kind,
            other.talk_ms,
            other.lead_id,
        )


@dataclass(frozen=True)
class LeadFacts:
    """A lead or deal with its history and every number it ever had."""

    lead: Lead
    deal: bool
    client_keys: tuple[str, ...]

    @property
    def lead_id(self) -> str:
        return self.lead.lead_id


def card_of_call(call: CallFacts, calls: Sequence[CallFacts], lead: Lead | None) -> LeadChange | None:
    """The card as the seller left it after this call: the last state before the next conversation, within a day.

    A state that came later tells of later talks. Where nothing was changed after the call the state before it holds.
    """
    if lead is None:
        return None
    later = [other.started_at for other in calls if other.answered and other.started_at > call.started_at]
    until = min([*later, call.ended_at + CARD_WINDOW])
    before = [change for change in lead.changes if change.changed_at < until]
    return max(before, key=lambda change: change.revision, default=None)


def with_facts(dialogue: Dialogue, call: CallFacts, card: LeadChange | None, growth_zones: Sequence[str]) -> Dialogue:
    """The dialogue together with what the company knew of the call."""
    return replace(
        dialogue,
        direction={"in": Direction.IN, "out": Direction.OUT}.get(call.direction),
        department_kind=call.department_kind,
        talk_ms=call.talk_ms,
        crm=None
        if card is None
        else CrmCard(stage=card.stage, stage_kind=card.stage_kind, refusal_reason=card.refusal_reason),
        growth_zones=tuple(growth_zones),
    )
