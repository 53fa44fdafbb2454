"""The contact rule: a lead is called 3 times a day for 5 working days, 15 contacts in all (domain.md §7).

Everything is computed from the facts that are known (the lead's changes, the calls with its numbers), never by counting
events up: whatever order they arrive in, and however often, the same facts give the same figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.score.domain.dialogue import StageKind
from services.score.domain.working_days import WorkingCalendar


class Warning(StrEnum):
    """What needs doing on a lead."""

    NEVER_CALLED = "never_called"
    TOO_FEW_TODAY = "too_few_today"
    FIFTH_DAY_SHORT = "fifth_day_short"
    MISSED_NOT_CALLED_BACK = "missed_not_called_back"


@dataclass(frozen=True)
class ContactRule:
    """The rule's figures; a company can change them."""

    attempts_a_day: int = 3
    days: int = 5
    touch_over_ms: int = 30_000  # talk time, not ringing

    @property
    def attempts_in_all(self) -> int:
        """Contacts due before a lead may be given up."""
        return self.attempts_a_day * self.days


@dataclass(frozen=True)
class LeadChange:
    """One state of a lead as the CRM told it; `previous_kind` is None when it did not tell."""

    revision: int
    changed_at: datetime
    stage: str
    stage_kind: StageKind
    seller_id: str | None
    department_id: str | None
    previous_kind: StageKind | None = None
    refusal_reason: str | None = None


@dataclass(frozen=True)
class Lead:
    """A lead with every state that is known of it, by revision."""

    lead_id: str
    created_at: datetime
    changes: tuple[LeadChange, ...]

    @property
    def latest(self) -> LeadChange:
        """Its state now."""
        return max(self.changes, key=lambda change: change.revision)

    @property
    def to_be_called(self) -> bool:
        """Whether the rule still asks for calls: nothing is agreed and nothing is refused."""
        return self.latest.stage_kind is StageKind.OPEN

    @property
    def worked_on(self) -> bool:
        """Whether somebody still works on it."""
        return self.latest.stage_kind not in (StageKind.REFUSED, StageKind.WON)

    def refusals(self) -> Iterator[LeadChange]:
        """The moves to a refusal stage, in order; staying refused is no second move."""
        known: StageKind | None = None
        for change in sorted(self.changes, key=lambda item: item.revision):
            before = change.previous_kind or known
            if change.stage_kind is StageKind.REFUSED and before is not StageKind.REFUSED:
                yield change
            known = change.stage_kind


@dataclass(frozen=True)
class Contact:
    """A call with one of the lead's numbers; `machine`: a machine or music was heard instead of a person."""

    call_id: str
    started_at: datetime
    outgoing: bool
    answered: bool
    talk_ms: int
    machine: bool = False


@dataclass(frozen=True)
class Standing:
    """Where a lead stands on one local date."""

    local_date: date
    attempts_today: int
    attempts_total: int
    days_with_attempts: int
    touches: int
    fake_touches: int
    due_today: int
    due_total: int
    due_at: datetime | None
    first_attempt_at: datetime | None
    last_attempt_at: datetime | None
    last_touch_call_id: str | None
    pickup_ms: int | None
    callback_ms: int | None
    worked_on: bool
    warnings: tuple[Warning, ...]


def standing(
    lead: Lead, contacts: Sequence[Contact], now: datetime, calendar: WorkingCalendar, rule: ContactRule
) -> Standing:
    """Where the lead stands at `now` (UTC), by its department's calendar."""
    today = calendar.local_date(now)
    calls = calls_of(lead, contacts)
    attempts = [call for call in calls if call.outgoing]
    attempts_today = sum(calendar.local_date(call.started_at) == today for call in attempts)
    touches = [call for call in calls if is_touch(call, rule) and not call.machine]
    days = calendar.working_days_from(lead.created_at, rule.days)
    due_today = rule.attempts_a_day if lead.to_be_called and today in days else 0
    first = attempts[0].started_at if attempts else None
    return Standing(
        local_date=today,
        attempts_today=attempts_today,
        attempts_total=len(attempts),
        days_with_attempts=days_of(attempts, calendar),
        touches=len(touches),
        fake_touches=sum(is_touch(call, rule) and call.machine for call in calls),
        due_today=due_today,
        due_total=rule.attempts_in_all,
        due_at=calendar.end_of(today) if due_today else None,
        first_attempt_at=first,
        last_attempt_at=attempts[-1].started_at if attempts else None,
        last_touch_call_id=touches[-1].call_id if touches else None,
        pickup_ms=None if first is None else _milliseconds(first - lead.created_at),
        callback_ms=_callback_ms(calls),
        worked_on=lead.worked_on,
        warnings=tuple(_warnings(lead, calls, today, calendar, rule)),
    )


def _warnings(
    lead: Lead, calls: Sequence[Contact], today: date, calendar: WorkingCalendar, rule: ContactRule
) -> Iterator[Warning]:
    days = calendar.working_days_from(lead.created_at, rule.days)
    attempts = [call for call in calls if call.outgoing]
    before_today = sum(calendar.local_date(call.started_at) < today for call in attempts)
    if lead.to_be_called and not attempts:
        yield Warning.NEVER_CALLED
    if lead.to_be_called and today in days and len(attempts) - before_today < rule.attempts_a_day:
        yield Warning.TOO_FEW_TODAY
    last_day_due = rule.attempts_in_all - (rule.attempts_a_day if today <= days[-1] else 0)
    if lead.to_be_called and today >= days[-1] and before_today < last_day_due:
        yield Warning.FIFTH_DAY_SHORT
    if lead.worked_on and _uncalled_miss(calls):
        yield Warning.MISSED_NOT_CALLED_BACK


def next_close(lead: Lead, now: datetime, calendar: WorkingCalendar, rule: ContactRule) -> datetime | None:
    """The next instant (UTC) at which this lead must be looked at without an event; None when nothing is due any more.

    It is the end of a due day, or the local midnight before or after one: "today" begins anew there.
    """
    if not lead.to_be_called:
        return None
    days = calendar.working_days_from(lead.created_at, rule.days)
    ends = [calendar.end_of(day) for day in days]
    begins = [
        datetime(day.year, day.month, day.day, tzinfo=calendar.zone).astimezone(now.tzinfo)
        for day in {*days, *(day + timedelta(days=1) for day in days)}
    ]
    return min((moment for moment in (*ends, *begins) if moment > now), default=None)


def calls_of(lead: Lead, contacts: Sequence[Contact]) -> list[Contact]:
    """The calls since the lead exists, each once, in order of time."""
    calls = {call.call_id: call for call in contacts if call.started_at >= lead.created_at}
    return sorted(calls.values(), key=lambda call: (call.started_at, call.call_id))


def is_touch(call: Contact, rule: ContactRule) -> bool:
    return call.answered and call.talk_ms > rule.touch_over_ms


def days_of(attempts: Sequence[Contact], calendar: WorkingCalendar) -> int:
    return len({calendar.local_date(call.started_at) for call in attempts})


def _milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)


def _uncalled_miss(calls: Sequence[Contact]) -> bool:
    """Whether an incoming call was missed and nobody has spoken to the client or called him since."""
    last_word = next((call for call in reversed(calls) if call.outgoing or call.answered), None)
    return any(
        not call.outgoing and not call.answered for call in calls[calls.index(last_word) + 1 if last_word else 0 :]
    )


def _callback_ms(calls: Sequence[Contact]) -> int | None:
    """From the last missed incoming call that was called back to the call back."""
    missed: Contact | None = None
    taken: int | None = None
    for call in calls:
        if missed is not None and call.outgoing:
            taken = _milliseconds(call.started_at - missed.started_at)
        if call.outgoing or call.answered:
            missed = None
        elif missed is None:
            missed = call
    return taken
