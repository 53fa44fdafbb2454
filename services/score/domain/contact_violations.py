"""Breaches of the contact rule: refusals that came too early, and ended days with too few calls (domain.md §7)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.score.domain.contact_rule import Contact, ContactRule, Lead, LeadChange, calls_of, days_of, is_touch
from services.score.domain.dialogue import StageKind
from services.score.domain.working_days import WorkingCalendar


class Rule(StrEnum):
    """Which rule of contact was broken."""

    REFUSED_TOO_EARLY = "refused_too_early"
    TOO_FEW_IN_DAY = "too_few_in_day"
    NEVER_CALLED = "never_called"


@dataclass(frozen=True)
class Violation:
    """A rule that was broken, with the figures at that moment; its id depends on what was broken, not on who saw it."""

    violation_id: str
    lead_id: str
    rule: Rule
    seller_id: str | None
    department_id: str | None
    contacts: int
    contacts_due: int
    touches: int
    days_with_attempts: int
    stage: str | None
    violated_at: datetime

    @property
    def stands(self) -> bool:
        """False when calls that became known later show that the rule was kept."""
        return self.contacts < self.contacts_due


@dataclass(frozen=True)
class _Ledger:
    """A lead with its calls in order, its department's calendar and the rule: what every count below needs."""

    lead: Lead
    calls: tuple[Contact, ...]
    calendar: WorkingCalendar
    rule: ContactRule

    def breach(
        self, broken: Rule, state: LeadChange, moment: datetime, calls: Sequence[Contact], *, contacts: int, due: int
    ) -> Violation:
        attempts = [call for call in calls if call.outgoing]
        return Violation(
            violation_id=violation_id(self.lead.lead_id, broken, moment),
            lead_id=self.lead.lead_id,
            rule=broken,
            seller_id=state.seller_id,
            department_id=state.department_id,
            contacts=contacts,
            contacts_due=due,
            touches=sum(is_touch(call, self.rule) and not call.machine for call in calls),
            days_with_attempts=days_of(attempts, self.calendar),
            stage=state.stage,
            violated_at=moment,
        )


def violations(
    lead: Lead, contacts: Sequence[Contact], now: datetime, calendar: WorkingCalendar, rule: ContactRule
) -> tuple[Violation, ...]:
    """Every rule broken up to `now`: refusals that came too early, and ended days with too few calls, oldest first."""
    found = [breach for breach in _candidates(lead, contacts, now, calendar, rule) if breach.stands]
    return tuple(sorted(found, key=lambda breach: (breach.violated_at, breach.violation_id)))


def recount(
    known: Violation, lead: Lead, contacts: Sequence[Contact], calendar: WorkingCalendar, rule: ContactRule
) -> Violation:
    """A violation that was published, with the figures as they are known today; `stands` says whether it still does."""
    candidates = _candidates(lead, contacts, known.violated_at, calendar, rule)
    return next((breach for breach in candidates if breach.violation_id == known.violation_id), known)


def violation_id(lead_id: str, rule: Rule, moment: datetime) -> str:
    """The same breach always has the same id, so that telling of it twice does nothing."""
    return "v-" + hashlib.sha256(f"{lead_id}\n{rule.value}\n{moment.isoformat()}".encode()).hexdigest()[:32]


def _candidates(
    lead: Lead, contacts: Sequence[Contact], now: datetime, calendar: WorkingCalendar, rule: ContactRule
) -> Iterator[Violation]:
    ledger = _Ledger(lead, tuple(calls_of(lead, contacts)), calendar, rule)
    yield from _refusals(ledger)
    yield from _ended_days(ledger, now)


def _refusals(ledger: _Ledger) -> Iterator[Violation]:
    for refusal in ledger.lead.refusals():
        calls = [call for call in ledger.calls if call.started_at <= refusal.changed_at]
        contacts, due = sum(call.outgoing for call in calls), ledger.rule.attempts_in_all
        yield ledger.breach(Rule.REFUSED_TOO_EARLY, refusal, refusal.changed_at, calls, contacts=contacts, due=due)


def _ended_days(ledger: _Ledger, now: datetime) -> Iterator[Violation]:
    """Two candidates a due day that ended by `now` with the lead open: never called till then, too few on that day."""
    for day in ledger.calendar.working_days_from(ledger.lead.created_at, ledger.rule.days):
        ended = ledger.calendar.end_of(day)
        state = _state_at(ledger.lead, ended)
        if ended > now or state.stage_kind is not StageKind.OPEN:
            continue
        calls = [call for call in ledger.calls if ledger.calendar.local_date(call.started_at) <= day]
        attempts = [call for call in calls if call.outgoing]
        on_day = sum(ledger.calendar.local_date(call.started_at) == day for call in attempts)
        yield ledger.breach(Rule.NEVER_CALLED, state, ended, calls, contacts=len(attempts), due=1)
        if attempts:
            due = ledger.rule.attempts_a_day
            yield ledger.breach(Rule.TOO_FEW_IN_DAY, state, ended, calls, contacts=on_day, due=due)


def _state_at(lead: Lead, moment: datetime) -> LeadChange:
    """Its state at an instant; before its first known change it is taken to be as that change found it."""
    before = [change for change in lead.changes if change.changed_at <= moment]
    if before:
        return max(before, key=lambda change: change.revision)
    return min(lead.changes, key=lambda change: change.revision)
