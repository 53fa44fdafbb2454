"""Score's ports in memory: a store without a database, a drafter and transcripts that say what they are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from schemas import codec
from services.runtime.errors import PermanentError, StaleVersion
from services.score.domain.contact_rule import Contact, Lead, Standing
from services.score.domain.contact_violations import Violation
from services.score.domain.dialogue import Dialogue
from services.score.domain.draft import AskedItem, CallType, CriterionDraft, Draft, EvidenceSpan, Reason, Verdict
from services.score.domain.known_call import CallFacts, LeadFacts
from services.score.domain.learning import Lesson
from services.score.domain.scorecard import Scorecard
from services.score.ports import StoredDraft, Transcript

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class FakeStore:
    """See `ports.Store`; the contract test holds it to the real one."""

    def __init__(self) -> None:
        self._calls: dict[str, CallFacts] = {}
        self._leads: dict[str, LeadFacts] = {}
        self._standings: dict[str, tuple[Standing, datetime | None]] = {}
        self._violations: dict[str, Violation] = {}
        self._drafts: dict[str, list[StoredDraft]] = {}
        self._cards: dict[tuple[str, str], Scorecard] = {}
        self._zones: dict[str, tuple[tuple[str, ...], datetime, datetime | None]] = {}
        self._lessons: dict[str, Lesson] = {}

    def call(self, call_id: str) -> CallFacts | None:
        return self._calls.get(call_id)

    def put_call(self, call: CallFacts) -> None:
        known = self._calls.get(call.call_id)
        self._calls[call.call_id] = replace(call, machine=known.machine if known else call.machine)

    def mark_machine(self, call_id: str, machine: bool) -> None:
        self._calls[call_id] = replace(self._calls[call_id], machine=machine)

    def hold_numbers(self, client_keys: Sequence[str]) -> None:
        """One thread: nothing to hold."""

    def lead(self, lead_id: str) -> LeadFacts | None:
        return self._leads.get(lead_id)

    def put_lead_change(self, lead: LeadFacts) -> bool:
        known = self._leads.get(lead.lead_id)
        if known is None:
            self._leads[lead.lead_id] = replace(lead, client_keys=tuple(sorted(lead.client_keys)))
            return True
        revisions = {change.revision: change for change in (*lead.lead.changes, *known.lead.changes)}
        changes = tuple(revisions[number] for number in sorted(revisions))
        merged = LeadFacts(
            Lead(lead.lead_id, known.lead.created_at, changes),
            known.deal,
            tuple(sorted({*known.client_keys, *lead.client_keys})),
        )
        self._leads[lead.lead_id] = merged
        return merged != known

    def leads_of(self, client_key: str | None, lead_id: str | None) -> tuple[str, ...]:
        found = {name for name, lead in self._leads.items() if name == lead_id or client_key in lead.client_keys}
        return tuple(sorted(found))

    def calls_of_lead(self, lead: LeadFacts) -> tuple[CallFacts, ...]:
        found = [
            call for call in self._calls.values() if call.lead_id == lead.lead_id or call.client_key in lead.client_keys
        ]
        return tuple(sorted(found, key=lambda call: (call.started_at, call.call_id)))

    def contacts_of(self, lead: LeadFacts) -> tuple[Contact, ...]:
        return tuple(call.contact() for call in self.calls_of_lead(lead) if call.direction != "internal")

    def put_standing(self, lead_id: str, standing: Standing, look_at: datetime | None) -> bool:
        before = self._standings.get(lead_id)
        self._standings[lead_id] = (standing, look_at)
        return before is None or before[0] != standing

    def leads_due(self, now: datetime, limit: int) -> tuple[str, ...]:
        due = [(at, name) for name, (_, at) in self._standings.items() if at is not None and at <= now]
        return tuple(name for _, name in sorted(due)[:limit])

    def known_violations(self, lead_id: str) -> tuple[Violation, ...]:
        found = [item for item in self._violations.values() if item.lead_id == lead_id]
        return tuple(sorted(found, key=lambda item: (item.violated_at, item.violation_id)))

    def put_violation(self, violation: Violation) -> bool:
        before = self._violations.get(violation.violation_id)
        self._violations[violation.violation_id] = violation
        return before != violation

    def draft(self, call_id: str) -> StoredDraft | None:
        drafts = self._drafts.get(call_id)
        return replace(drafts[-1], final=call_id in self._lessons) if drafts else None

    def last_drafts(self) -> Iterator[StoredDraft]:
        return iter([drafts[-1] for drafts in self._drafts.values()])

    def put_draft(self, draft: StoredDraft, scorecard: Scorecard, now: datetime) -> None:
        drafts = self._drafts.setdefault(draft.call_id, [])
        if any(one.revision == draft.revision for one in drafts):
            raise StaleVersion("There is a draft of that revision.")
        self._cards[scorecard.id, scorecard.version] = scorecard
        drafts.append(replace(draft, data=codec.plain(draft.data)))

    def rules_of(self, scorecard_id: str, version: str) -> Mapping[str, str]:
        card = self._cards.get((scorecard_id, version))
        return {item.code: item.rule for item in card.criteria if item.rule} if card else {}

    def zones(self, seller_id: str | None, at: datetime) -> tuple[str, ...]:
        zones, since, until = self._zones.get(seller_id or "", ((), at, None))
        return zones if since <= at and (until is None or at < until) else ()

    def put_zones(self, seller_id: str, zones: Sequence[str], chosen_at: datetime, until: datetime | None) -> None:
        known = self._zones.get(seller_id)
        if known is None or known[1] <= chosen_at:
            self._zones[seller_id] = (tuple(zones), chosen_at, until)

    def put_lesson(self, lesson: Lesson) -> None:
        known = self._lessons.get(lesson.call_id)
        if known is None or known.approved_at <= lesson.approved_at:
            self._lessons[lesson.call_id] = lesson

    def lessons(self) -> Iterator[Lesson]:
        return iter(sorted(self._lessons.values(), key=lambda one: (one.approved_at, one.call_id)))


@dataclass
class FakeOutgoing:
    """What left, in order; every event is held against its schema."""

    now: datetime = NOON
    events: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    jobs: dict[str, tuple[str, str, Mapping[str, Any]]] = field(default_factory=dict)

    def emit(self, event: str, key: str, data: Mapping[str, Any], *, occurred_at: datetime | None = None) -> str:
        plain = codec.plain(data)
        codec.validate(event, plain)
        self.events.append((event, key, plain))
        return f"e-{len(self.events)}"

    def later(
        self, topic: str, key: str, data: Mapping[str, Any], *, event_id: str, not_before: datetime | None = None
    ) -> bool:
        new = event_id not in self.jobs
        self.jobs.setdefault(event_id, (topic, key, data))
        return new

    def of(self, event: str) -> list[dict[str, Any]]:
        return [data for name, _, data in self.events if name == event]


@dataclass
class FakeDrafter:
    """Drafts every item with the same score, and crm_card 0 when the card is a refusal; keeps what it was shown."""

    score: Decimal = Decimal(1)
    shown: list[Dialogue] = field(default_factory=list)

    def draft(self, dialogue: Dialogue, items: Sequence[AskedItem], call_type: CallType | None = None) -> Draft:
        self.shown.append(dialogue)
        return Draft(
            call_type=call_type or CallType.OBJECTION,
            call_type_probabilities={CallType.OBJECTION: Decimal("0.9")},
            criteria=tuple(self._item(item, dialogue) for item in items),
            objections=(),
            red_flags=(),
            stages=(),
            models=("fake@1",),
        )

    def _item(self, item: AskedItem, dialogue: Dialogue) -> CriterionDraft:
        refused = item.criterion == "crm_card" and dialogue.crm is not None and dialogue.crm.refusal_reason
        score = Decimal(0) if refused else self.score
        place = (EvidenceSpan(0, 0, 1000),)
        return CriterionDraft(item.criterion, Verdict.SCORED, score, Decimal("0.8"), place, Reason("так", "so"))


@dataclass
class FakeTranscripts:
    """Transcripts by uri."""

    known: dict[str, Transcript] = field(default_factory=dict)

    def load(self, uri: str) -> Transcript:
        if uri not in self.known:
            raise PermanentError(f"The storage has no object {uri}.")
        return self.known[uri]


@dataclass(frozen=True)
class OneCard:
    """The same card everywhere."""

    card: Scorecard

    def of_department(self, department_id: str | None) -> Scorecard:
        return self.card
